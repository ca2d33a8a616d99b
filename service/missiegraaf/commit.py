"""A Change of a store in use: checked, inferred from, applied and logged in one transaction; all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple

from missiegraaf import reasoning, validation
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.engine.writer import Writer
from missiegraaf.errors import Forbidden, Inconsistent, NotConforming, Referenced
from missiegraaf.formats.writing import to_bytes
from missiegraaf.namespaces import DCT, PROV, RDF, XSD
from missiegraaf.transaction import record_graph

_EXAMPLES: Final = 20  # references that an error lists


@dataclass(frozen=True)
class Change:
    """Quads of records that go and come, with the author's pseudonym and role, the reason, and the time (UTC)."""

    removed: frozenset[Quad]
    added: frozenset[Quad]
    author: str
    role: str
    reason: str
    time: datetime


class Graph:
    """A store of records in use: its writer, and what checks and infers, made when the first Change comes."""

    def __init__(self, writer: Writer, base_iri: str) -> None:
        self.writer, self.base_iri = writer, base_iri
        self.inferred, self.log = NamedNode(base_iri + "inferred"), NamedNode(base_iri + "log")

    @cached_property
    def validator(self) -> validation.Validator:
        """The shapes, read once."""
        return validation.Validator(validation.shapes(self.base_iri))

    @cached_property
    def program(self) -> reasoning.Program:
        """The rules, as the ontology of this graph makes them; each Change leaves the ones for the next."""
        return reasoning.program(self.writer.store)


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
        report = graph.validator.change(dataset, removed, added, (graph.inferred, graph.log))
        if not report.conforms:
            raise NotConforming(f"{len(report.results)} findings", report)
        delta = reasoning.follow(dataset, removed, added, graph.program, graph.inferred, graph.log)
        if delta.conflicts:
            raise Inconsistent("\n".join(map(str, delta.conflicts)), delta.conflicts)
        entry = _entry(graph, change, removed, added)
        difference = _with_default_graph(dataset, removed, added, delta, graph.inferred, graph.log)
        version = graph.writer.apply(Difference(difference.removed, difference.added | entry))
        graph.program = delta.program
        return version


def newest_version(dataset: Dataset, base_iri: str) -> int:
    """Return the version that the log of a store ends with, 0 where it has none."""
    log, number = NamedNode(base_iri + "log"), NamedNode(base_iri + "def#version")
    return max((int(quad.object.value) for quad in dataset.quads_for_pattern(None, number, None, log)), default=0)  # type: ignore[union-attr]


def _refuse_misplaced(quads: Iterable[Quad], base_iri: str) -> None:
    """A record's graph holds the record and its parts, and only Changes of records come this way."""
    for quad in quads:
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            raise Forbidden(f"a blank node at {quad.predicate}; give it an IRI: that of its record and a #fragment")
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


def _entry(graph: Graph, change: Change, removed: frozenset[Quad], added: frozenset[Quad]) -> frozenset[Quad]:
    """The log's entry: a prov:Activity with its number, author, role, reason and time, and what it changed."""
    version = graph.writer.version + 1
    activity, own = NamedNode(f"{graph.base_iri}log#{version}"), graph.base_iri + "def#"
    said: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(PROV + "Activity")),
        (own + "version", Literal(str(version), datatype=NamedNode(XSD + "integer"))),
        (PROV + "wasAssociatedWith", NamedNode(f"{graph.base_iri}log#author-{change.author}")),
        (own + "authorRole", Literal(change.role)),
        (DCT + "description", Literal(change.reason)),
        (
            PROV + "endedAtTime",
            Literal(change.time.strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=NamedNode(XSD + "dateTime")),
        ),
        (own + "removedTriples", Literal(_lines(removed))),
        (own + "addedTriples", Literal(_lines(added))),
        *((own + "changedRecord", name) for q in removed | added if isinstance(name := q.graph_name, NamedNode)),
    ]
    return frozenset(Quad(activity, NamedNode(predicate), value, graph.log) for predicate, value in said)


def _lines(quads: frozenset[Quad]) -> str:
    return "".join(sorted(to_bytes([quad.triple for quad in quads], RdfFormat.N_TRIPLES).decode().splitlines(True)))
