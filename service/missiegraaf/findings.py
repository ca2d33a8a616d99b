"""What a report says of files: each finding with the place where an editor mends it, in the order of the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH

from missiegraaf.errors import UnreadableFile
from missiegraaf.examples import Examples
from missiegraaf.formats.positions import Place, Places
from missiegraaf.validation import Report, Result
from missiegraaf.validation.report import of_document

MOST: Final = 1000  # findings that are listed


@dataclass(frozen=True)
class Finding:
    """A result with the file and the place where an editor mends it; no file where it lies outside those given.

    `example` is a right value, as Turtle writes it; None where there is none to give.
    """

    result: Result
    file: str | None
    place: Place | None
    example: str | None = None


@dataclass(frozen=True)
class Findings:
    """The first findings of a report, in the order of files and lines; how many it has, and whether it conforms.

    `graph` is the sh:ValidationReport of those that are shown, with the number of all as `shapes#resultCount`.
    """

    shown: tuple[Finding, ...]
    count: int
    conforms: bool
    graph: Graph


def of_report(report: Report, texts: Mapping[str, str], base_iri: str, most: int = MOST) -> Findings:
    """Return the findings of a report on files (name to text); of more than `most` the first."""
    places = {name: Places(text, base_iri) for name, text in texts.items()}
    found = [_finding(result, places) for result in report.results]
    found.sort(key=lambda f: (f.file or "", f.place.line if f.place else 0, f.result.order))
    return of_found(found, report, base_iri, most)


def of_unreadable(error: UnreadableFile, base_iri: str) -> Findings:
    """Return the one finding on a document that cannot be read, which says why and where."""
    dutch = getattr(error, "dutch", error.detail)
    texts = {"en": f"This cannot be read: {error.detail}", "nl": f"Dit is niet te lezen: {dutch}"}
    report = of_document(f"{base_iri}problems#{error.kind()}", texts)
    line, column = error.extra.get("line"), error.extra.get("column")
    place = Place(line, column or 1, error.extra.get("cell", "")) if line else None
    return of_found([Finding(report.results[0], error.extra.get("file"), place)], report, base_iri)


def of_found(found: Sequence[Finding], report: Report, base_iri: str, most: int = MOST) -> Findings:
    """Return these findings, in their order, of a report that has no other results; of more than `most` the first.

    Those get an example of a right value, where there is one to give.
    """
    examples = Examples(report.shapes, base_iri) if found else None
    shown = [replace(f, example=examples.of(f.result)) for f in found[:most]] if examples else []
    count = len(found)
    graph = report.of(finding.result for finding in shown).graph
    graph.bind("mgs", base_iri + "shapes#")
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    graph.add((node, URIRef(base_iri + "shapes#resultCount"), Literal(count)))
    return Findings(tuple(shown), count, report.conforms, graph)


def _finding(result: Result, places: Mapping[str, Places]) -> Finding:
    """The finding in the file whose layout tells the place, else in the first that writes the IRI at all."""
    for name, known in places.items():
        if place := known.find(result.focus_node, result.path, result.value):
            return Finding(result, name, place)
    for name, known in places.items():
        if place := known.mention(result.focus_node):
            return Finding(result, name, place)
    return Finding(result, None, None)
