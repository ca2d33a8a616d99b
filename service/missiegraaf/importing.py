"""A sheet of records in the midst of a dataset: what is wrong, in which cell, and what its import would change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize
from rdflib import Graph

from missiegraaf import checking, findings
from missiegraaf.checking import Document
from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import UnreadableCell, UnreadableSheet
from missiegraaf.findings import Finding, Findings
from missiegraaf.formats import media
from missiegraaf.formats.tabular import ROWS, read_csv
from missiegraaf.formats.xlsx import read_xlsx
from missiegraaf.namespaces import record_graph
from missiegraaf.sheets import reading
from missiegraaf.sheets.cells import Fault
from missiegraaf.sheets.reading import Sheet
from missiegraaf.sheets.template import OWN_PAGES
from missiegraaf.validation import Result
from missiegraaf.validation.report import noted

OUTCOMES: Final = ("new", "changed", "unchanged", "wrong")


@dataclass(frozen=True)
class Row:
    """A row with its record, '' where it names none; which of OUTCOMES it has, and the properties that change."""

    number: int
    record: str
    outcome: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examined:
    """What is wrong with a sheet, with the cell of each finding and what may have been meant; and what it would do.

    `removed` and `added` are what the rows change that may be imported, as N-Quads; None where the sheet may not be.
    """

    findings: Findings
    proposals: Mapping[str, tuple[str, ...]]
    rows: tuple[Row, ...]
    removed: bytes | None
    added: bytes | None

    def as_members(self) -> dict[str, Any]:
        """Return the table of rows as members of a JSON object."""
        counts = {outcome: sum(row.outcome == outcome for row in self.rows) for outcome in OUTCOMES}
        rows = [
            {
                "row": row.number,
                "record": row.record or None,
                "outcome": row.outcome,
                "properties": list(row.properties),
            }
            for row in self.rows
        ]
        return {"counts": counts, "records": rows}


def examine(
    dataset: Dataset, document: Document, base_iri: str, cls: str | None = None, only_right: bool = False
) -> Examined:
    """Return what is wrong with a sheet of a class, or of that which its first header names, and what it would change.

    A row with a violation, in it or because of it, is wrong. A sheet may be imported where none is; with `only_right`
    the others may, as far as they are right without those. Raises UnreadableSheet (400), BadRequest (400).
    """
    read = read_xlsx if document.offer.suffix == media.XLSX.suffix else read_csv
    table = read(document.content, document.name)
    sheet = reading.read(table, document.name, cls, dataset, base_iri)
    given, said = _quads(sheet.after.values(), base_iri), Graph()
    report = checking.records(dataset, given, base_iri)
    found = [_located(sheet, result, document.name, base_iri) for result in report.results]
    found = [finding for finding in found if not _follows(sheet, finding.result, base_iri)]
    found += [_finding(fault, document.name, base_iri, said) for fault in sheet.faults]
    found += [_unread(title, document.name, base_iri, said) for title in table.unread if title not in OWN_PAGES]
    wrong = _wrong(sheet, found)
    left = sheet.after.keys() - wrong
    may = not any(finding.result.severity == "Violation" for finding in found)
    if only_right and not may and not any(fault.place.line == sheet.head for fault in sheet.faults):
        left, more = _right(dataset, sheet, left, base_iri, said)
        may, wrong = not any(home not in sheet.after for home in _homes(more)), sheet.after.keys() - left
        known = {finding.result.order for finding in found}
        found += [_located(sheet, r, document.name, base_iri) for r in more if r.order not in known]
    found.sort(key=_order)
    said += report.said
    whole = replace(report, results=tuple(finding.result for finding in found), said=said)
    shown = findings.of_found(found, whole, base_iri)
    near = checking.proposals(dataset, given, shown, base_iri)
    removed = _quads((sheet.before[iri] - sheet.after[iri] for iri in left), base_iri) if may else None
    added = _quads((sheet.after[iri] - sheet.before[iri] for iri in left), base_iri) if may else None
    return Examined(
        shown,
        {**near, **{f.text: f.error.near for f in sheet.faults if f.error.near}},
        tuple(sorted(_rows(sheet, wrong), key=lambda row: row.number)),
        None if removed is None else serialize(removed, format=RdfFormat.N_QUADS),
        None if added is None else serialize(added, format=RdfFormat.N_QUADS),
    )


def _right(
    dataset: Dataset, sheet: Sheet, left: Collection[str], base_iri: str, said: Graph
) -> tuple[set[str], list[Result]]:
    """The records that are right also without the wrong ones, and what is wrong of the others, and elsewhere.

    The graph gets what says so.
    """
    right, found = set(left), list[Result]()
    while True:
        report = checking.records(dataset, _quads((sheet.after[iri] for iri in right), base_iri), base_iri)
        said += report.said
        violations = [result for result in report.results if result.severity == "Violation"]
        found += violations
        if not _homes(violations) & right:
            return right, found
        right -= _homes(violations)


def _rows(sheet: Sheet, wrong: Collection[str]) -> Iterable[Row]:
    for iri, after in sheet.after.items():
        before, number = sheet.before[iri], sheet.cells.rows[iri].line
        changed = {triple.predicate.value for triple in before ^ after if triple.subject == NamedNode(iri)}
        if parts := {t.subject for t in before ^ after if t.subject != NamedNode(iri)}:
            changed |= {triple.predicate.value for triple in before | after if triple.object in parts}
        outcome = "wrong" if iri in wrong else "new" if not before else "changed" if changed else "unchanged"
        yield Row(number, iri, outcome, tuple(sorted(changed)))
    told = {sheet.head, *(sheet.cells.rows[iri].line for iri in sheet.after)}
    yield from (Row(number, "", "wrong") for number in sorted({fault.place.line for fault in sheet.faults} - told))


def _wrong(sheet: Sheet, found: Iterable[Finding]) -> set[str]:
    """The records with a violation; all of them, where something is wrong with the headers."""
    violations = [finding for finding in found if finding.result.severity == "Violation"]
    if any(f.place and f.place.line == sheet.head for f in violations):
        return set(sheet.after)
    return _homes(finding.result for finding in violations)


def _homes(results: Iterable[Result]) -> set[str]:
    return {result.focus_node.partition("#")[0] for result in results}


def _located(sheet: Sheet, result: Result, name: str, base_iri: str) -> Finding:
    """A finding with its cell; without a path that of a property which the constraint reads, an empty one first."""
    place = None
    if result.path is None:
        paths = checking.read_by(result.constraint, base_iri)
        place = sheet.cells.first(result.focus_node, paths, result.value)
    place = place or sheet.cells.find(result.focus_node, result.path, result.value)
    return Finding(result, name if place else None, place)


def _order(finding: Finding) -> tuple[int, int, tuple[str, ...]]:
    """The order of rows and columns, and then what lies elsewhere."""
    place = finding.place
    return (place.line, place.column, finding.result.order) if place else (ROWS + 1, 0, finding.result.order)


def _follows(sheet: Sheet, result: Result, base_iri: str) -> bool:
    """Tell whether a finding is one only because a cell cannot be read: it lacks the property, or reads it."""
    home = result.focus_node.partition("#")[0]
    unread = {fault.path for fault in sheet.faults if fault.record == home and fault.path}
    paths = {result.path} if result.path else checking.read_by(result.constraint, base_iri) if unread else set()
    return not unread.isdisjoint(paths)


def _finding(fault: Fault, name: str, base_iri: str, said: Graph) -> Finding:
    constraint = f"{base_iri}problems#{UnreadableCell.kind()}"
    texts = {"nl": _sentence(fault.error.dutch), "en": _sentence(fault.error.detail)}
    result = noted(said, constraint, texts, "Violation", fault.record, fault.path or None, fault.text or None)
    return Finding(result, name, fault.place)


def _unread(title: str, name: str, base_iri: str, said: Graph) -> Finding:
    texts = {
        "nl": f'Het blad "{title}" is niet gelezen: van een werkmap telt het eerste blad dat te zien is.',
        "en": f'The sheet "{title}" was not read: of a workbook the first sheet that is shown counts.',
    }
    constraint = f"{base_iri}problems#{UnreadableSheet.kind()}"
    return Finding(noted(said, constraint, texts, "Info", value=title), name, None)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")


def _quads(records: Iterable[Iterable[Triple]], base_iri: str) -> frozenset[Quad]:
    return frozenset(
        Quad(t.subject, t.predicate, t.object, NamedNode(record_graph(t.subject.value, base_iri) or ""))  # type: ignore[union-attr]
        for triples in records
        for t in triples
    )
