"""A Change of a store in use: checked, inferred from, applied and logged in one transaction; all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

from missiegraaf import log, reasoning, transaction, validation
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.engine.remote_writer import AnyWriter
from missiegraaf.errors import Forbidden, Inconsistent, NotConforming, Referenced
from missiegraaf.log import Change
from missiegraaf.namespaces import home_graph, record_graph

_EXAMPLES: Final = 20  # references that an error lists


class Graph:
    """A store of records in use: its writer, and what checks and infers, made when the first Change comes."""

    def __init__(self, writer: AnyWriter, base_iri: str) -> None:
        self.writer, self.base_iri = writer, base_iri
        self._program: tuple[int, reasoning.Program] | None = None
        self.inferred, self.log = NamedNode(base_iri + "inferred"), NamedNode(base_iri + "log")

    @cached_property
    def validator(self) -> validation.Validator:
        """The shapes, read once."""
        return validation.Validator(validation.shapes(self.base_iri))

    def home(self, subject: NamedNode | BlankNode) -> NamedNode:
        """Return the graph in which the asserted triples of a subject stand."""
        return NamedNode(home_graph(subject.value, self.base_iri))

    def program(self, version: int) -> reasoning.Program:
        """The rules, as the ontology makes them in this version, which is the newest; kept from Change to Change."""
        if self._program is None or self._program[0] != version:  # or another service has written since
            self._program = version, reasoning.program(self.writer.store)
        return self._program[1]

    def keep(self, version: int, program: reasoning.Program) -> None:
        """Take the rules of a version, which a Change leads to."""
        self._program = version, program


def commit(graph: Graph, change: Change) -> int:
    """Carry out a Change and return the version it leads to; one that changes nothing leads to no new one.

    Raises Forbidden (403) for a graph that is no record's, Referenced (409) where others point to a record that goes,
    NotConforming (400) with the report, Inconsistent (400), StoreError. Then nothing has changed.
    """
    with graph.writer.turn:
        dataset = graph.writer.store
        # Through the engine, which writes literals its own way: 01.50 for 1.5 is no removal.
        wanted = frozenset(in_memory(change.added))
        removed = frozenset(quad for quad in in_memory(change.removed) if quad in dataset and quad not in wanted)
        added = frozenset(quad for quad in wanted if quad not in dataset)
        if not removed and not added:
            return graph.writer.version
        _refuse_misplaced(removed | added, graph.base_iri)
        _refuse_unheld(dataset, removed, added, graph)
        report = graph.validator.change(dataset, removed, added, (graph.inferred, graph.log), graph.home)
        if not report.conforms:
            raise NotConforming(f"{len(report.results)} findings", report)
        program = graph.program(graph.writer.version)
        delta = reasoning.follow(dataset, removed, added, program, graph.inferred, graph.log)
        if delta.conflicts:
            raise Inconsistent("\n".join(map(str, delta.conflicts)), delta.conflicts)
        exact = replace(change, removed=removed, added=added)
        entry = log.entry(exact, graph.writer.version + 1, graph.base_iri)
        difference = _with_default_graph(dataset, removed, added, delta, graph.inferred, graph.log)
        version = graph.writer.apply(Difference(difference.removed, difference.added | entry))
        graph.keep(version, delta.program)
        return version


def _refuse_misplaced(quads: Iterable[Quad], base_iri: str) -> None:
    """A record's graph holds the record and its parts, and only Changes of records come this way."""
    for quad in quads:
        if reason := transaction.amiss(quad):
            raise Forbidden(reason)
        own = record_graph(quad.subject.value, base_iri) if isinstance(quad.subject, NamedNode) else None
        if own is None or quad.graph_name != NamedNode(own):
            raise Forbidden(f"{quad.subject} has no place in {quad.graph_name}; expected {own or 'a record'}")


def _refuse_unheld(dataset: Dataset, removed: frozenset[Quad], added: frozenset[Quad], graph: Graph) -> None:
    """What goes altogether may not be pointed at any more (whole records, and parts of records)."""
    comes = {quad.subject for quad in added}
    silent = (DefaultGraph(), graph.inferred, graph.log)
    held = []
    for subject in {quad.subject for quad in removed} - comes:
        left = (quad for quad in dataset.quads_for_pattern(subject, None, None, None) if quad.graph_name not in silent)
        if all(quad in removed for quad in left):
            places = (*dataset.quads_for_pattern(None, None, subject, None), *added)
            held += [
                quad
                for quad in places
                if quad.object == subject and quad.graph_name not in silent and quad not in removed
            ]
    if held:
        pointing = sorted({f"{quad.subject} {quad.predicate} {quad.object}" for quad in held})
        raise Referenced(
            f"{len(pointing)} others point to what would go: {'; '.join(pointing[:_EXAMPLES])}",
            references=pointing[:_EXAMPLES],
        )


def _with_default_graph(
    dataset: Dataset,
    removed: frozenset[Quad],
    added: frozenset[Quad],
    delta: reasoning.Delta,
    inferred: NamedNode,
    log: NamedNode,
) -> Difference:
    """The whole difference: asserted, inferred, and both once more in the default graph."""
    gone = removed | {_placed(triple, inferred) for triple in delta.gone}
    come = added | {_placed(triple, inferred) for triple in delta.new}
    there = {quad.triple for quad in come}
    silent = (DefaultGraph(), log)

    def stays(triple: Triple) -> bool:
        places = dataset.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return triple in there or any(quad.graph_name not in silent and quad not in gone for quad in places)

    default_gone = {_placed(quad.triple) for quad in gone if not stays(quad.triple)}
    default_come = {place for triple in there if (place := _placed(triple)) not in dataset}
    return Difference(gone | default_gone, come | default_come)


def _placed(triple: Triple, name: NamedNode | None = None) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, name or DefaultGraph())
