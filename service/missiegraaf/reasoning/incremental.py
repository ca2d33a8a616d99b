"""Inference that follows a Change: what goes and what comes, at a cost that follows the Change and not the graph.

Additions by semi-naive evaluation; removals by delete and rederive (Gupta, Mumick and Subrahmanian, SIGMOD 1993): all
that rests on what is removed goes, and what still follows from the rest comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.reasoning import clauses, from_nothing
from missiegraaf.reasoning.clauses import Program, State
from missiegraaf.reasoning.rules import Conflict


@dataclass(frozen=True)
class Delta:
    """What leaves and enters the inferred graph, the contradictions that were not there, the clauses from then on."""

    gone: frozenset[Triple]
    new: frozenset[Triple]
    conflicts: tuple[Conflict, ...]
    program: Program


def follow(
    dataset: Dataset,
    removed: Iterable[Quad],
    added: Iterable[Quad],
    program: Program,
    inferred: NamedNode,
    log: NamedNode,
) -> Delta:
    """Return what a Change of asserted quads does to what is inferred; the dataset stays as it is.

    The dataset's default graph holds what is asserted and what follows from it; its named graphs assert, except the
    inferred one, which repeats nothing that they say, and the log. `program` is the dataset's: from `clauses.program`,
    or from the last Delta. A quad that is both removed and added is there. A Change of what the rules read as schema
    is inferred from nothing.
    """
    coming = frozenset(in_memory(added))  # through the engine, which writes literals its own way
    leaving = frozenset(in_memory(removed))
    silent: set[NamedNode | DefaultGraph] = {DefaultGraph(), inferred, log}
    put = {quad.triple for quad in coming}

    def was_inferred(triple: Triple) -> bool:
        return Quad(triple.subject, triple.predicate, triple.object, inferred) in dataset

    def is_asserted(triple: Triple) -> bool:
        if triple in put or was_inferred(triple):
            return triple in put
        places = dataset.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return any(quad.graph_name not in silent and quad not in leaving for quad in places)

    before, changed = State(dataset), put | {quad.triple for quad in leaving}
    gone = _overdeleted(program, before, changed - put, is_asserted)
    after = State(dataset, set(gone))
    seeds = [triple for triple in put if triple not in after]
    for triple in seeds:
        after.add(triple)
    for triple in gone:
        if clauses.follows(program, after, triple):
            after.add(triple)
            seeds.append(triple)
    clauses.saturate(program, after, seeds)
    come = {quad.triple for quad in after.come or ()}
    touched = changed | gone | come
    if any(map(program.is_schema, touched)):
        return _anew(dataset, leaving, coming, inferred, log)
    is_inferred = {triple for triple in touched if triple in after and not is_asserted(triple)}
    former = {triple for triple in touched if was_inferred(triple)}
    conflicts = sorted(clauses.contradictions(program, after, come), key=str)
    return Delta(frozenset(former - is_inferred), frozenset(is_inferred - former), tuple(conflicts), program)


def _overdeleted(
    program: Program, state: State, removed: Iterable[Triple], is_asserted: Callable[[Triple], bool]
) -> set[Triple]:
    """Return all that rests on what is removed, except what is asserted."""
    waiting = [triple for triple in removed if triple in state and not is_asserted(triple)]
    gone = set(waiting)
    while waiting:
        for triple in clauses.consequences(program, state, waiting.pop()):
            if triple not in gone and not is_asserted(triple):
                gone.add(triple)
                waiting.append(triple)
    return gone


def _anew(
    dataset: Dataset, leaving: Collection[Quad], coming: Collection[Quad], inferred: NamedNode, log: NamedNode
) -> Delta:
    """Infer from nothing, and compare."""
    stays = {quad for quad in dataset if quad.graph_name not in (DefaultGraph(), inferred, log)} - set(leaving)
    inference = from_nothing.infer({quad.triple for quad in stays | set(coming)})
    former = {quad.triple for quad in dataset.quads_for_pattern(None, None, None, inferred)}
    conflicts = sorted(set(inference.conflicts) - from_nothing.conflicts(dataset), key=str)
    return Delta(
        frozenset(former - inference.inferred), inference.inferred - former, tuple(conflicts), inference.program
    )
