"""Findings for people and machines: text, JSON, SARIF 2.1.0, or sh:ValidationReport."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from missiegraaf import __version__
from missiegraaf.findings import Finding, Findings
from missiegraaf.formats import media
from missiegraaf.formats.positions import Place

# JSON and text are formats of a report too, so these are only meant where they are named.
GRAPHS: Final = tuple(
    replace(offer, aliases=()) for offer in (media.TURTLE, media.N_TRIPLES, media.JSON_LD, media.RDF_XML)
)
_RDFLIB: Final = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}
SEVERITIES: Final = {
    "nl": {"Violation": "overtreding", "Warning": "waarschuwing", "Info": "opmerking"},
    "en": {"Violation": "violation", "Warning": "warning", "Info": "remark"},
}
EXAMPLE: Final = {"nl": "bijvoorbeeld", "en": "for example"}
_LEVELS: Final = {"Violation": "error", "Warning": "warning", "Info": "note"}


def as_text(findings: Findings, language: str) -> str:
    """One finding a paragraph: where, what, how to mend it, and by which constraint."""
    lines = []
    for finding in findings.shown:
        result, place = finding.result, finding.place
        where = f"{finding.file}:{_within(place)}" if place else result.focus_node or finding.file
        value = f" [{result.value}]" if result.value is not None else ""
        severity = SEVERITIES[language].get(result.severity, result.severity)
        lines.append(f"{where}: {severity}: {result.text(language)}{value}")
        if result.focus_node:
            lines.append(f"    {result.focus_node}")
        if language in result.fix:
            lines.append(f"    -> {result.fix[language]}")
        if finding.example is not None:
            lines.append(f"    {EXAMPLE[language]}: {finding.example}")
        lines.append(f"    {result.constraint}")
    return "\n".join([*lines, verdict(findings, language), ""])


def _within(place: Place) -> str:
    return place.cell or f"{place.line}:{place.column}"


def verdict(findings: Findings, language: str) -> str:
    """Return in words whether the records conform, the number of findings, and whether all are shown."""
    said = {"nl": ("in orde", "niet in orde"), "en": ("conforms", "does not conform")}[language][not findings.conforms]
    noun = {"nl": ("bevindingen", "bevinding"), "en": ("findings", "finding")}[language][findings.count == 1]
    first = {"nl": "waarvan hier de eerste", "en": "of which here the first"}[language]
    part = f", {first} {len(findings.shown)}" if len(findings.shown) < findings.count else ""
    return f"{said}: {findings.count} {noun}{part}"


def as_json(findings: Findings, language: str) -> str:
    """The contract of `validate --format json`: conforms, the count, per result place, texts and fix."""
    del language  # both languages are there
    return json.dumps(as_members(findings), ensure_ascii=False, indent=2) + "\n"


def as_members(findings: Findings, proposals: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The same as members of a JSON object, with the things that unknown ones may be meant as."""
    results = [_member(finding, (proposals or {}).get(finding.result.value or "")) for finding in findings.shown]
    return {"conforms": findings.conforms, "results": results, "count": findings.count}


def as_sarif(findings: Findings, language: str) -> str:
    """SARIF 2.1.0, as code hosts and editors read it; the count of all findings is a property of the run."""
    rules = sorted({finding.result.constraint for finding in findings.shown})
    numbers = {rule: number for number, rule in enumerate(rules)}
    results = [
        {
            "ruleId": f.result.constraint,
            "ruleIndex": numbers[f.result.constraint],
            "level": _LEVELS.get(f.result.severity, "none"),
            "message": {"text": f.result.text(language)},
            "locations": _locations(f),
            "properties": {"example": f.example} if f.example is not None else {},
        }
        for f in findings.shown
    ]
    driver = {"name": "missiegraaf", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {"tool": {"driver": driver}, "results": results, "properties": {"count": findings.count}}
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def as_rdf(findings: Findings, offer: media.Offer) -> str:
    """The sh:ValidationReport itself, in one of GRAPHS."""
    return str(findings.graph.serialize(format=_RDFLIB[offer.suffix]))


def as_turtle(findings: Findings, language: str) -> str:
    """The same in Turtle."""
    del language  # both are there
    return as_rdf(findings, media.TURTLE)


WRITERS: Final[Mapping[str, Callable[[Findings, str], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "turtle": as_turtle,
}


def _member(finding: Finding, near: Sequence[str] | None) -> dict[str, Any]:
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
        "example": finding.example,
        **({"proposals": near} if near else {}),
    }


def _locations(finding: Finding) -> list[dict[str, Any]]:
    if finding.place is None:
        return []
    region = {"startLine": finding.place.line, "startColumn": finding.place.column}
    physical = {"physicalLocation": {"artifactLocation": {"uri": finding.file}, "region": region}}
    named = {"logicalLocations": [{"fullyQualifiedName": finding.place.cell}]} if finding.place.cell else {}
    return [physical | named]
