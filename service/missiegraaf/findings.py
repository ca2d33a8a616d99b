"""What a report says of files: each finding with the place where an editor mends it, in the order of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH

from missiegraaf.errors import UnreadableFile
from missiegraaf.formats.positions import Place, Places
from missiegraaf.validation import Report, Result
from missiegraaf.validation.report import of_document

MOST: Final = 1000  # findings that are listed


@dataclass(frozen=True)
class Finding:
    """A result with the file and the place where an editor mends it; no file where it lies outside those given."""

    result: Result
    file: str | None
    place: Place | None


@dataclass(frozen=True)
class Findings:
    """The first findings of a report, in the order of files and lines; how many it has, and whether it conforms."""

    shown: tuple[Finding, ...]
    count: int
    conforms: bool
    base_iri: str

    @property
    def graph(self) -> Graph:
        """Those that are shown as sh:ValidationReport, with the number of all as `shapes#resultCount`."""
        graph = Report(tuple(finding.result for finding in self.shown)).graph
        graph.bind("mgs", self.base_iri + "shapes#")
        (report,) = graph.subjects(RDF.type, SH.ValidationReport)
        graph.add((report, URIRef(self.base_iri + "shapes#resultCount"), Literal(self.count)))
        return graph


def of_report(report: Report, texts: Mapping[str, str], base_iri: str, most: int = MOST) -> Findings:
    """Return the findings of a report on files (name to text); of more than `most` the first."""
    places = {name: Places(text, base_iri) for name, text in texts.items()}
    found = [_finding(result, places) for result in report.results]
    found.sort(key=lambda f: (f.file or "", f.place.line if f.place else 0, f.result.order))
    return Findings(tuple(found[:most]), len(found), report.conforms, base_iri)


def of_unreadable(error: UnreadableFile, base_iri: str) -> Findings:
    """Return the one finding on a document that cannot be read, which says why and where."""
    texts = {"en": f"This cannot be read: {error.detail}", "nl": f"Dit is niet te lezen: {error.detail}"}
    result = of_document(f"{base_iri}problems#{error.kind()}", texts)
    line, column = error.extra.get("line"), error.extra.get("column")
    place = Place(line, column) if line and column else None
    return Findings((Finding(result, error.extra.get("file"), place),), 1, conforms=False, base_iri=base_iri)


def _finding(result: Result, places: Mapping[str, Places]) -> Finding:
    """The finding in the file whose layout tells the place, else in the first that writes the IRI at all."""
    for name, known in places.items():
        if place := known.find(result.focus_node, result.path, result.value):
            return Finding(result, name, place)
    for name, known in places.items():
        if place := known.mention(result.focus_node):
            return Finding(result, name, place)
    return Finding(result, None, None)
