"""`/v1/validate` and `/validate`: records checked in the midst of the graph, and nothing stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from missiegraaf import checking, forms, importing, reporting
from missiegraaf.checking import Checked, Document
from missiegraaf.describe import labels
from missiegraaf.errors import BadRequest, UnreadableFile
from missiegraaf.formats import media
from missiegraaf.formats.statements import Place
from missiegraaf.http import body, respond
from missiegraaf.importing import Examined
from missiegraaf.mending import Order
from missiegraaf.reporting import Finding
from missiegraaf.validation import Report

blueprint = Blueprint("validation", __name__)

_JSON: Final = media.Offer("application/json", "json")
_TEXT: Final = (media.SARIF, media.PLAIN)
_OFFERS: Final = (
    *(_JSON, *_TEXT, media.TURTLE),
    *(replace(media.N_TRIPLES, aliases=()), replace(media.JSON_LD, aliases=()), media.RDF_XML),
)
_SENT: Final = (*media.GRAPHS, media.N_QUADS, media.TRIG, *media.SHEETS)
_NAMES: Final = {
    "ttl": "Turtle",
    "trig": "TriG",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "jsonld": "JSON-LD",
    "rdf": "RDF/XML",
    "csv": "CSV",
}
_FILES: Final = _NAMES.keys() | {"xlsx"}  # which cannot be pasted
_RDFLIB: Final = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}
_SHEETS: Final = {offer.suffix for offer in media.SHEETS}
_SHOWN: Final = 1000  # findings


@dataclass(frozen=True)
class _Outcome:
    report: Report
    findings: list[Finding]
    proposals: Mapping[str, tuple[str, ...]]
    mends: Mapping[Order, Mapping[str, str | None]]


@blueprint.post("/v1/validate")
def validate() -> Response:
    """Return what is wrong with the records of the body, as JSON, SARIF, text, or sh:ValidationReport: 200.

    A record in the body stands in the place of the one that is stored; others are as they are. Of a form with files,
    `shapes` are asked in the place of the service's. What cannot be read is a finding too. Of more than a thousand
    findings the first are listed, and all are counted. Raises UnsupportedMediaType (415), BadRequest (400),
    NotAcceptable (406), QueryTimeout (503) after the time of a query.

    The body may be a sheet, of the class that `?class=` or its first header names; then each finding has its cell.
    """
    offer = respond.negotiate(_OFFERS)
    if request.mimetype != body.MULTIPART:
        sent = body.sent(request.mimetype, _SENT, "the body")
        name = request.args.get("name", f"body.{sent.suffix}")
        return _answer(_checked(Document(request.get_data(), sent, name)), offer)
    parts = {
        name: Document(part.read(), body.sent(part.mimetype, _SENT, name), part.filename or name)
        for name, part in request.files.items()
    }
    if not {"records"} <= parts.keys() <= {"records", "shapes"} or request.form:
        raise BadRequest("expected a file `records`, and, where other rules are to be asked, a file `shapes`")
    return _answer(_checked(parts["records"], parts.get("shapes")), offer)


@blueprint.get("/validate")
def form() -> Response:
    """The page on which records are checked; it works without a script."""
    return respond.content(_page(), media.HTML, by_language=True)


@blueprint.post("/validate")
def page() -> Response:
    """The same with what was found in the records of the form, or in its file."""
    file, draft = request.files.get("file"), request.form.get("records", "")
    suffix = request.form.get("format", "ttl")
    name, content = f"records.{suffix}", draft.replace("\r\n", "\n").encode()
    if file is not None and file.filename:
        name, content, draft = file.filename, file.read(), ""
        ending = PurePath(name).suffix[1:].lower()
        suffix = ending if ending in _FILES else suffix
    elif suffix not in _NAMES:
        raise BadRequest(f"the format of the text is {suffix!r}; expected {', '.join(_NAMES)}")
    sent = next((offer for offer in _SENT if offer.suffix == suffix), None)
    if sent is None:
        raise BadRequest(f"the format is {suffix!r}; expected {', '.join(_NAMES)}")
    checked = _checked(Document(content, sent, name))
    return respond.content(_page(checked, draft, suffix), media.HTML, by_language=True)


def _checked(document: Document, shapes: Document | None = None) -> _Outcome:
    service = respond.service()
    if service.records is None:
        raise BadRequest("a plain dataset has no shapes")
    base = service.settings.base_iri
    if document.offer.suffix in _SHEETS:
        return _sheet(document, shapes)
    try:
        checked: Checked = service.readers.work(checking.check, document, base, shapes)
    except UnreadableFile as error:
        return _Outcome(*reporting.unreadable(error, base), {}, {})
    found = reporting.findings(checked.report, {document.name: document.content.decode(errors="replace")}, base)
    return _Outcome(checked.report, found, checked.proposals, checked.mends)


def _sheet(document: Document, shapes: Document | None) -> _Outcome:
    if shapes is not None:
        raise BadRequest("own shapes are asked of RDF; expected the records in such a format, and not as a sheet")
    service = respond.service()
    cls, base = request.args.get("class"), service.settings.base_iri
    try:
        found: Examined = service.readers.work(importing.examine, document, cls, base)
    except UnreadableFile as error:
        return _Outcome(*reporting.unreadable(error, base), {}, {})
    return _Outcome(found.report, list(found.findings), found.proposals, {})


def _answer(outcome: _Outcome, offer: media.Offer) -> Response:
    report, shown = outcome.report, outcome.findings[:_SHOWN]
    if offer == _JSON:
        members = reporting.as_members(report, shown)
        for member, finding in zip(members["results"], shown, strict=True):
            if member["value"] in outcome.proposals:
                member["proposals"] = outcome.proposals[member["value"]]
            if finding.result.order in outcome.mends:
                member["tried"] = outcome.mends[finding.result.order]
        members["count"] = len(outcome.findings)
        return respond.content(json.dumps(members, ensure_ascii=False, indent=2) + "\n", offer)
    if offer in _TEXT:
        write = reporting.as_sarif if offer == media.SARIF else reporting.as_text
        return respond.content(write(report, shown, respond.language()), offer, by_language=True)
    return respond.content(report.graph.serialize(format=_RDFLIB[offer.suffix]), offer)


def _page(outcome: _Outcome | None = None, draft: str = "", suffix: str = "ttl") -> str:
    checked = _shown(outcome, respond.language()) if outcome else None
    known = sorted(forms.forms(respond.service().settings.base_iri).values(), key=lambda form: form.key)
    classes = [form for form in known if not form.is_part]
    return render_template(
        "validate.html", checked=checked, draft=draft, format=suffix, formats=_NAMES.items(), classes=classes
    )


def _shown(outcome: _Outcome, language: str) -> dict[str, Any]:
    """What the page tells, with labels for IRIs where there are any."""
    shown = outcome.findings[:_SHOWN]
    iris = {iri for f in shown for iri in (f.result.focus_node, f.result.path, f.result.value) if iri and ":" in iri}
    iris |= {near for found in outcome.proposals.values() for near in found}
    names = labels(respond.service().readers, iris, language)

    def link(iri: str | None) -> dict[str, str] | None:
        return {"href": respond.href(iri), "text": names.get(iri, iri)} if iri else None

    def finding(item: Finding) -> dict[str, Any]:
        result, where = item.result, item.place
        return {
            "severity": reporting.SEVERITIES[language][result.severity],
            "where": _said(where, language) if where else "",
            "message": result.message.get(language, result.constraint),
            "record": link(result.focus_node),
            "property": link(result.path),
            "value": names.get(result.value or "", result.value),
            "fix": result.fix.get(language, ""),
            "tried": outcome.mends.get(result.order),
            "proposals": [link(near) for near in outcome.proposals.get(result.value or "", ())],
            "rule": {"href": respond.href(result.constraint), "text": result.constraint.rpartition("#")[2]},
        }

    verdict = reporting.verdict(outcome.report, len(outcome.findings), language)
    return {"verdict": verdict, "findings": [finding(item) for item in shown]}


def _said(where: Place, language: str) -> str:
    if where.cell:
        return f"{'cel' if language == 'nl' else 'cell'} {where.cell}"
    line, column = {"nl": ("regel", "kolom"), "en": ("line", "column")}[language]
    return f"{line} {where.line}, {column} {where.column}"
