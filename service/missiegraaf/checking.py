"""Somebody's records, checked in the midst of a dataset without being stored there."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import islice
from typing import Final, cast

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions
from rdflib import URIRef

from missiegraaf import findings, mending, transaction, validation
from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import BadRequest, UnreadableFile
from missiegraaf.findings import Findings
from missiegraaf.formats import media, parsing
from missiegraaf.ideas import Thinking
from missiegraaf.mends import Mend
from missiegraaf.namespaces import home_graph, record_graph
from missiegraaf.validation import Report, Validator
from missiegraaf.validation.report import Order
from missiegraaf.validation.usable import expect_usable

_NEAR: Final = 3  # names that are proposed for an unknown one
_PROPOSED: Final = 25  # things for which names are proposed


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
    """The findings on somebody's records; for each thing that they refer to in vain, those of like name; and mends.

    `mends` has for a finding, by its order, what to remove and add: with that it goes, and no other comes. Names and
    mends are looked for where findings are shown.
    """

    findings: Findings
    proposals: Mapping[str, tuple[str, ...]]
    mends: Mapping[Order, Mend]


def check(dataset: Dataset, document: Document, base_iri: str, shapes: Document | None = None) -> Checked:
    """Return what is wrong with the records of a document, with all other records as the dataset has them.

    A record in the document stands in the place of the one that the dataset has; what this would break elsewhere is
    reported too. With `shapes` those are asked in the place of ours, and the document may speak of anything. What
    cannot be read is the one finding. Raises BadRequest (400) for shapes that cannot be used.
    """
    return check_all(dataset, [document], base_iri, shapes)


def check_all(
    dataset: Dataset,
    documents: Sequence[Document],
    base_iri: str,
    shapes: Document | None = None,
    most: int = findings.MOST,
    tries: int = mending.TRIES,
) -> Checked:
    """Return the same of several documents together; of at most so many findings, and after so many tries to mend."""
    try:
        place = _anywhere if shapes else transaction.placed
        given = frozenset(
            place(quad, document.name, base_iri)
            for document in documents
            for quad in transaction.some(document.quads(base_iri), document.name)
        )
    except UnreadableFile as error:
        return Checked(findings.of_unreadable(error, base_iri), {}, {})
    report = _theirs(dataset, given, base_iri, shapes) if shapes else _ours(dataset, given, base_iri=base_iri)
    texts = {document.name: document.content.decode("utf-8-sig", errors="replace") for document in documents}
    found = findings.of_report(report, texts, base_iri, most)
    near = proposals(dataset, given, found, base_iri)
    if shapes:
        return Checked(found, near, {})
    again = partial(_ours, dataset, base_iri=base_iri)
    thinking = partial(Thinking, dataset, given, near, _validator(base_iri).shapes, base_iri)
    return Checked(found, near, mending.tried(report, found, given, thinking, again, tries))


def _theirs(dataset: Dataset, given: frozenset[Quad], base_iri: str, shapes: Document) -> Report:
    """What somebody's shapes say of what is given. Raises BadRequest (400) for those that cannot be used."""
    try:
        graph = validation.to_graph(quad.triple for quad in shapes.quads(base_iri))
        expect_usable(graph)
        report, own = _report(dataset, given, base_iri, Validator(graph))
    except UnreadableFile as error:
        raise BadRequest(f"the shapes cannot be read: {error.detail}", **error.extra) from None
    except RecursionError:
        raise BadRequest("the shapes cannot be used: they, or the data, nest too deep; expected less") from None
    except Exception as error:  # over others' shapes rdflib and pySHACL raise many kinds
        raise BadRequest(f"the shapes cannot be used: {error}") from error
    return report.about(own)


def records(dataset: Dataset, given: frozenset[Quad], base_iri: str) -> Report:
    """Return the report on records that stand in their graphs already."""
    return _ours(dataset, given, base_iri=base_iri)


def read_by(constraint: str, base_iri: str) -> set[str]:
    """Return the properties that one of our constraints speaks of, at any depth."""
    found = _validator(base_iri).shapes.transitive_objects(URIRef(constraint), None)
    return {str(node) for node in found if isinstance(node, URIRef)}


def _ours(dataset: Dataset, given: frozenset[Quad], looking: Set[Quad] | None = None, *, base_iri: str) -> Report:
    """What our shapes say of what is given, or of a part of it, and of what that breaks elsewhere."""
    report, own = _report(dataset, given, base_iri, _validator(base_iri), looking)
    # A stored record breaks no constraint, so one that does now does so because of these; warnings it may have had.
    results = [result for result in report.results if result.focus_node in own or result.severity == "Violation"]
    return report.of(results)


def _report(
    dataset: Dataset, given: Set[Quad], base_iri: str, validator: Validator, looking: Set[Quad] | None = None
) -> tuple[Report, set[str]]:
    """The report, and the subjects of what is given and of what it would replace."""
    graphs = {quad.graph_name for quad in given}
    there = {quad for graph in graphs for quad in dataset.quads_for_pattern(None, None, None, graph)}
    hidden = (NamedNode(base_iri + "inferred"), NamedNode(base_iri + "log"))
    report = validator.change(
        dataset, there - given, given - there, hidden, lambda node: _home(node, base_iri), looking
    )
    return report.placed(given), {str(getattr(quad.subject, "value", "")) for quad in (*given, *there)}


@lru_cache(maxsize=1)
def _validator(base_iri: str) -> Validator:
    return Validator(validation.shapes(base_iri))


def _home(subject: NamedNode | BlankNode, base_iri: str) -> NamedNode:
    return NamedNode(home_graph(subject.value, base_iri))


def _anywhere(quad: Quad, _: str, base_iri: str) -> Quad:
    """The quad in the graph of its record, or in one of what is none."""
    graph = record_graph(quad.subject.value, base_iri) if isinstance(quad.subject, NamedNode) else None
    return Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph or base_iri + "given"))


def proposals(dataset: Dataset, given: Iterable[Quad], found: Findings, base_iri: str) -> dict[str, tuple[str, ...]]:
    """Return for unknown things that findings have as their value those of like name; for so many at most."""
    subjects = {quad.subject.value for quad in given if isinstance(quad.subject, NamedNode)}
    values = dict.fromkeys(finding.result.value for finding in found.shown)
    unknown = (
        value
        for value in values
        if value
        and value.startswith(base_iri + "id/")
        and value not in subjects
        and parsing.is_iri(value)
        and next(dataset.quads_for_pattern(NamedNode(value), None, None, DefaultGraph()), None) is None
    )
    names = cache(partial(_names, dataset))
    return {iri: near for iri in islice(unknown, _PROPOSED) if (near := _near(iri, names, base_iri))}


def _near(iri: str, names: Callable[[str], Mapping[str, str]], base_iri: str) -> tuple[str, ...]:
    """Return the things of the same kind whose names are most like this one's, else those of any kind."""
    for start in (iri.rpartition("/")[0] + "/", base_iri + "id/"):
        known = names(start)
        if found := difflib.get_close_matches(iri.rpartition("/")[2], sorted(known), _NEAR):
            return tuple(known[name] for name in found)
    return ()


def _names(dataset: Dataset, start: str) -> dict[str, str]:
    """Return the things whose IRIs start so, by their names."""
    rows = dataset.query(f'SELECT DISTINCT ?s {{ ?s a ?c FILTER(STRSTARTS(STR(?s), "{start}")) }}')
    return {row["s"].value.rpartition("/")[2]: row["s"].value for row in cast("QuerySolutions", rows)}
