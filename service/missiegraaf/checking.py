"""Somebody's records, checked in the midst of a dataset without being stored there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions

from missiegraaf import transaction, validation
from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats import media, parsing
from missiegraaf.namespaces import record_graph
from missiegraaf.validation import Report, Validator

_NEAR: Final = 3  # names that are proposed for an unknown one
_LABELS: Final = "SELECT ?label { <%s> <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }"


@dataclass(frozen=True)
class Checked:
    """The report on somebody's records; and for each thing of ours that they refer to in vain, those of like name."""

    report: Report
    proposals: Mapping[str, tuple[str, ...]]


def check(dataset: Dataset, content: bytes, offer: media.Offer, name: str, base_iri: str) -> Checked:
    """Return what is wrong with the records of a document, with all other records as the dataset has them.

    A record in the document stands in the place of the one that the dataset has; what this would break elsewhere is
    reported too. `name` is what errors call the document. Raises UnreadableFile (400) with line and column.
    """
    given = {transaction.placed(quad, name, base_iri) for quad in parsing.quads(content, offer.rdf, name, base_iri)}
    graphs = {quad.graph_name for quad in given}
    there = {quad for graph in graphs for quad in dataset.quads_for_pattern(None, None, None, graph)}
    report = _validator(base_iri).change(
        dataset,
        there - given,
        given - there,
        (NamedNode(base_iri + "inferred"), NamedNode(base_iri + "log")),
        lambda subject: NamedNode(record_graph(subject.value, base_iri) or base_iri + "def"),
    )
    own = {str(getattr(quad.subject, "value", "")) for quad in (*given, *there)}
    # A stored record breaks no constraint, so one that does now does so because of these; warnings it may have had.
    results = [r for r in report.results if r.focus_node in own or r.severity == "Violation"]
    return Checked(Report(tuple(results), report.graph), _proposals(dataset, given, base_iri))


@lru_cache(maxsize=1)
def _validator(base_iri: str) -> Validator:
    return Validator(validation.shapes(base_iri))


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
