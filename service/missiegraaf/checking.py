"""Somebody's records, checked in the midst of a dataset without being stored there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions
from rdflib import URIRef

from missiegraaf import mending, transaction, validation
from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import BadRequest, UnreadableFile
from missiegraaf.formats import media, parsing
from missiegraaf.namespaces import home_graph, record_graph
from missiegraaf.validation import Report, Validator

_NEAR: Final = 3  # names that are proposed for an unknown one


@dataclass(frozen=True)
class Document:
    """What somebody sent: its bytes, its format, and what errors call it."""

    content: bytes
    offer: media.Offer
    name: str

    def quads(self, base_iri: str) -> list[Quad]:
        """Return what it says. Raises UnreadableFile (400) with line and column."""
        return parsing.quads(self.content, self.offer.rdf, self.name, base_iri)


@dataclass(frozen=True)
class Checked:
    """The report on somebody's records; for each thing that they refer to in vain, those of like name; and mends.

    `mends` has for a finding, by its order, the triples to remove and add, as N-Triples: with those it goes, and no
    other comes.
    """

    report: Report
    proposals: Mapping[str, tuple[str, ...]]
    mends: Mapping[mending.Order, Mapping[str, str | None]]


def check(dataset: Dataset, document: Document, base_iri: str, shapes: Document | None = None) -> Checked:
    """Return what is wrong with the records of a document, with all other records as the dataset has them.

    A record in the document stands in the place of the one that the dataset has; what this would break elsewhere is
    reported too. With `shapes` those are asked in the place of ours, and the document may speak of anything. Raises
    UnreadableFile (400) with line and column, BadRequest (400) for shapes that cannot be used.
    """
    quads = document.quads(base_iri)
    if shapes is None:
        given = frozenset(transaction.placed(quad, document.name, base_iri) for quad in quads)
        report = _ours(dataset, given, base_iri)
        proposals = _proposals(dataset, given, base_iri)
        again = partial(_ours, dataset, base_iri=base_iri)
        mends = mending.tried(report, given, proposals, _validator(base_iri).shapes, again)
        return Checked(report, proposals, {order: mend.as_member() for order, mend in mends.items()})
    given = frozenset(_anywhere(quad, base_iri) for quad in quads)
    try:
        validator = Validator(validation.to_graph(quad.triple for quad in shapes.quads(base_iri)))
        report, own = _report(dataset, given, base_iri, validator)
        return Checked(report.about(own), _proposals(dataset, given, base_iri), {})
    except UnreadableFile as error:
        raise BadRequest(f"the shapes cannot be read: {error.detail}", **error.extra) from None
    except Exception as error:  # over others' shapes rdflib and pySHACL raise many kinds
        raise BadRequest(f"the shapes cannot be used: {error}") from error


def records(dataset: Dataset, given: frozenset[Quad], base_iri: str) -> Checked:
    """Return the same of records that stand in their graphs already, without mends."""
    return Checked(_ours(dataset, given, base_iri), _proposals(dataset, given, base_iri), {})


def read_by(constraint: str, base_iri: str) -> set[str]:
    """Return the properties that one of our constraints speaks of, at any depth."""
    found = _validator(base_iri).shapes.transitive_objects(URIRef(constraint), None)
    return {str(node) for node in found if isinstance(node, URIRef)}


def _ours(dataset: Dataset, given: frozenset[Quad], base_iri: str) -> Report:
    """What our shapes say of what is given, and of what it breaks elsewhere."""
    report, own = _report(dataset, given, base_iri, _validator(base_iri))
    # A stored record breaks no constraint, so one that does now does so because of these; warnings it may have had.
    results = [result for result in report.results if result.focus_node in own or result.severity == "Violation"]
    return Report(tuple(results), report.graph)


def _report(dataset: Dataset, given: Set[Quad], base_iri: str, validator: Validator) -> tuple[Report, set[str]]:
    """The report, and the subjects of what is given and of what it would replace."""
    graphs = {quad.graph_name for quad in given}
    there = {quad for graph in graphs for quad in dataset.quads_for_pattern(None, None, None, graph)}
    hidden = (NamedNode(base_iri + "inferred"), NamedNode(base_iri + "log"))
    report = validator.change(dataset, there - given, given - there, hidden, lambda node: _home(node, base_iri))
    return report, {str(getattr(quad.subject, "value", "")) for quad in (*given, *there)}


@lru_cache(maxsize=1)
def _validator(base_iri: str) -> Validator:
    return Validator(validation.shapes(base_iri))


def _home(subject: NamedNode | BlankNode, base_iri: str) -> NamedNode:
    return NamedNode(home_graph(subject.value, base_iri))


def _anywhere(quad: Quad, base_iri: str) -> Quad:
    """The quad in the graph of its record, or in one of what is none."""
    graph = record_graph(quad.subject.value, base_iri) if isinstance(quad.subject, NamedNode) else None
    return Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph or base_iri + "given"))


def _proposals(dataset: Dataset, given: Iterable[Quad], base_iri: str) -> dict[str, tuple[str, ...]]:
    subjects = {quad.subject for quad in given}
    wanted = {quad.object for quad in given if isinstance(quad.object, NamedNode)} - subjects
    unknown = sorted(
        term.value
        for term in wanted
        if term.value.startswith(base_iri + "id/")
        and next(dataset.quads_for_pattern(term, None, None, DefaultGraph()), None) is None
    )
    return {iri: near for iri in unknown if (near := _near(dataset, iri, base_iri))}


def _near(dataset: Dataset, iri: str, base_iri: str) -> tuple[str, ...]:
    """Return the things of the same kind whose names are most like this one's, else those of any kind."""
    kind = iri.rpartition("/")[0] + "/"
    for start in (kind, base_iri + "id/"):
        rows = dataset.query(f'SELECT DISTINCT ?s {{ ?s a ?c FILTER(STRSTARTS(STR(?s), "{start}")) }}')
        if isinstance(rows, QuerySolutions):
            known = {row["s"].value.rpartition("/")[2]: row["s"].value for row in rows}
            found = difflib.get_close_matches(iri.rpartition("/")[2], sorted(known), _NEAR)
            if found:
                return tuple(known[name] for name in found)
    return ()
