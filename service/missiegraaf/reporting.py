"""A validation report for people and machines: text, JSON, SARIF 2.1.0, or Turtle."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from missiegraaf import __version__
from missiegraaf.errors import UnreadableFile
from missiegraaf.formats.positions import Place, Places
from missiegraaf.validation import Report, Result
from missiegraaf.validation.report import empty

SEVERITIES: Final = {
    "nl": {"Violation": "overtreding", "Warning": "waarschuwing", "Info": "opmerking"},
    "en": {"Violation": "violation", "Warning": "warning", "Info": "remark"},
}
_LEVELS: Final = {"Violation": "error", "Warning": "warning", "Info": "note"}


@dataclass(frozen=True)
class Finding:
    """A result with the file and the place where an editor mends it; no file where it lies outside those given."""

    result: Result
    file: str | None
    place: Place | None


def unreadable(error: UnreadableFile, base_iri: str) -> tuple[Report, list[Finding]]:
    """Return the report on a document that cannot be read, with the one finding that says why and where."""
    dutch = getattr(error, "dutch", error.detail)
    texts = {"nl": f"Dit is niet te lezen: {dutch}", "en": f"This cannot be read: {error.detail}"}
    result = Result("", None, None, "Violation", f"{base_iri}problems#{error.kind()}", texts, {})
    line, column = error.extra.get("line"), error.extra.get("column")
    place = Place(line, column, error.extra.get("cell", "")) if line and column else None
    return Report((result,), empty().graph), [Finding(result, error.extra.get("file"), place)]


def findings(report: Report, texts: Mapping[str, str], base_iri: str = "") -> list[Finding]:
    """Return the results that lie in these files (name to text), in the order of files and lines."""
    places = {name: Places(text, base_iri) for name, text in texts.items()}
    found = [_finding(result, places) for result in report.results]
    return sorted(found, key=lambda f: (f.file or "", f.place.line if f.place else 0, f.result.order))


def _finding(result: Result, places: Mapping[str, Places]) -> Finding:
    """The finding in the file whose layout tells the place, else in the first that writes the IRI at all."""
    for name, known in places.items():
        if place := known.find(result.focus_node, result.path, result.value):
            return Finding(result, name, place)
    for name, known in places.items():
        if place := known.mention(result.focus_node):
            return Finding(result, name, place)
    return Finding(result, None, None)


def as_text(report: Report, found: Sequence[Finding], language: str) -> str:
    """One finding a paragraph: where, what, how to mend it, and by which constraint."""
    lines = []
    for item in found:
        result = item.result
        where = f"{item.file}:{_within(item.place)}" if item.place else result.focus_node or item.file
        value = f" [{result.value}]" if result.value is not None else ""
        severity = SEVERITIES[language][result.severity]
        lines.append(f"{where}: {severity}: {result.message.get(language, result.constraint)}{value}")
        if result.focus_node:
            lines.append(f"    {result.focus_node}")
        if language in result.fix:
            lines.append(f"    -> {result.fix[language]}")
        lines.append(f"    {result.constraint}")
    return "\n".join([*lines, verdict(report, len(found), language), ""])


def _within(place: Place) -> str:
    return place.cell or f"{place.line}:{place.column}"


def verdict(report: Report, count: int, language: str) -> str:
    """Return in words whether the records conform, and the number of findings."""
    said = {"nl": ("in orde", "niet in orde"), "en": ("conforms", "does not conform")}[language][not report.conforms]
    noun = {"nl": ("bevindingen", "bevinding"), "en": ("findings", "finding")}[language][count == 1]
    return f"{said}: {count} {noun}"


def as_json(report: Report, found: Sequence[Finding], language: str) -> str:
    """The contract of `validate --format json`: conforms, and per result its place, texts by language and fix."""
    del language  # both languages are there
    return json.dumps(as_members(report, found), ensure_ascii=False, indent=2) + "\n"


def as_members(report: Report, found: Sequence[Finding]) -> dict[str, Any]:
    """The same as members of a JSON object."""
    return {"conforms": report.conforms, "results": [_member(finding) for finding in found]}


def as_sarif(report: Report, found: Sequence[Finding], language: str) -> str:
    """SARIF 2.1.0, as code hosts and editors read it."""
    del report
    rules = sorted({f.result.constraint for f in found})
    results = [
        {
            "ruleId": f.result.constraint,
            "ruleIndex": rules.index(f.result.constraint),
            "level": _LEVELS[f.result.severity],
            "message": {"text": f.result.message.get(language, f.result.constraint)},
            "locations": _locations(f),
        }
        for f in found
    ]
    driver = {"name": "missiegraaf", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {"tool": {"driver": driver}, "results": results}
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def as_turtle(report: Report, found: Sequence[Finding], language: str) -> str:
    """The sh:ValidationReport itself."""
    del found, language
    return str(report.graph.serialize(format="turtle"))


WRITERS: Final[Mapping[str, Callable[[Report, Sequence[Finding], str], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "turtle": as_turtle,
}


def _member(finding: Finding) -> dict[str, Any]:
    result, place = finding.result, finding.place
    cell = {"cell": place.cell} if place and place.cell else {}
    return {
        "file": finding.file,
        "line": place.line if place else None,
        "column": place.column if place else None,
        **cell,
        "focusNode": result.focus_node,
        "path": result.path,
        "value": result.value,
        "severity": result.severity,
        "constraint": result.constraint,
        "message": dict(result.message),
        "fix": dict(result.fix),
    }


def _locations(finding: Finding) -> list[dict[str, Any]]:
    if finding.place is None:
        return []
    region = {"startLine": finding.place.line, "startColumn": finding.place.column}
    physical = {"physicalLocation": {"artifactLocation": {"uri": finding.file}, "region": region}}
    named = {"logicalLocations": [{"fullyQualifiedName": finding.place.cell}]} if finding.place.cell else {}
    return [physical | named]
