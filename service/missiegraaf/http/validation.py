"""`/v1/validate` and `/validate`: records checked in the midst of the graph, and nothing stored."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from missiegraaf import checking, findings, fixing, importing, reporting
from missiegraaf.checking import Checked, Document
from missiegraaf.describe import labels
from missiegraaf.errors import BadRequest, UnreadableFile
from missiegraaf.findings import Finding
from missiegraaf.fixing import Fixed
from missiegraaf.formats import media
from missiegraaf.formats.positions import Place
from missiegraaf.formats.revising import FORMATS
from missiegraaf.http import body, desk, respond
from missiegraaf.importing import Examined
from missiegraaf.mends import Mend

blueprint = Blueprint("validation", __name__)

_JSON: Final = media.Offer("application/json", "json")
_TEXT: Final = (media.SARIF, media.PLAIN)
_OFFERS: Final = (_JSON, *_TEXT, *reporting.GRAPHS)
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
_FILES: Final = {*_NAMES, "xlsx"}  # which cannot be pasted
_SHEETS: Final = {offer.suffix for offer in media.SHEETS}
_SHOWN: Final = 200_000  # bytes of a file that are put in the page


@blueprint.post("/v1/validate")
def validate() -> Response:
    """Return what is wrong with the records of the body, as JSON, SARIF, text, or sh:ValidationReport: 200.

    A record in the body stands in the place of the one that is stored; others are as they are. Of a form with files,
    `shapes` are asked in the place of the service's. What cannot be read is a finding too. Of more than a thousand
    findings the first are listed, and all are counted. Raises UnsupportedMediaType (415), BadRequest (400),
    NotAcceptable (406), CheckEnded (503) after the time or with the memory of a query.

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
    """The same with what was found in the records of the form, or in its file; or with one mend made, or all."""
    file, draft = request.files.get("file"), request.form.get("records", "")
    suffix, taken = request.form.get("format", "ttl"), set(_NAMES)
    name, content = f"records.{suffix}", draft.replace("\r\n", "\n").encode()
    if file is not None and file.filename:
        name, content, taken = file.filename, file.read(), _FILES
        draft = _as_draft(content)
        ending = PurePath(name).suffix[1:].lower()
        suffix = ending if ending in _FILES else suffix
    if suffix not in taken:
        raise BadRequest(f"the format is {suffix!r}; expected {', '.join(_NAMES)}")
    (sent,) = (offer for offer in _SENT if offer.suffix == suffix)
    document, (asked, _, which) = Document(content, sent, name), request.form.get("do", "check").partition(":")
    if asked != "mend":
        return respond.content(_page(_checked(document), draft, suffix), media.HTML, by_language=True)
    fixed: Fixed = desk.work(fixing.fixed, [document], wanted=which if which != "all" else None)
    (document,) = fixed.documents
    draft = document.content.decode(errors="replace")
    return respond.content(_page(fixed.checked, draft, suffix, fixed.count), media.HTML, by_language=True)


def _as_draft(content: bytes) -> str:
    """A file as it can be mended on the page; '' for one that is too long for that, or no text."""
    try:
        return content.decode("utf-8-sig") if len(content) <= _SHOWN else ""
    except UnicodeDecodeError:
        return ""


def _checked(document: Document, shapes: Document | None = None) -> Checked:
    if document.offer.suffix in _SHEETS:
        return _of_sheet(document, shapes)
    checked: Checked = desk.work(checking.check, document, shapes=shapes)
    return checked


def _of_sheet(document: Document, shapes: Document | None) -> Checked:
    if shapes is not None:
        raise BadRequest("own shapes are asked of RDF; expected the records in such a format, and not as a sheet")
    try:
        found: Examined = desk.work(importing.examine, document, cls=request.args.get("class"))
    except UnreadableFile as error:
        return Checked(findings.of_unreadable(error, respond.service().settings.base_iri), {}, {})
    return Checked(found.findings, found.proposals, {})


def _answer(checked: Checked, offer: media.Offer) -> Response:
    found = checked.findings
    if offer == _JSON:
        members = reporting.as_members(found, checked.proposals)
        for member, finding in zip(members["results"], found.shown, strict=True):
            if finding.result.order in checked.mends:
                member["tried"] = checked.mends[finding.result.order].as_member()
        return respond.content(json.dumps(members, ensure_ascii=False, indent=2) + "\n", offer)
    if offer in _TEXT:
        write = reporting.as_sarif if offer == media.SARIF else reporting.as_text
        return respond.content(write(found, respond.language()), offer, by_language=True)
    return respond.content(reporting.as_rdf(found, offer), offer)


def _page(checked: Checked | None = None, draft: str = "", suffix: str = "ttl", made: int | None = None) -> str:
    shown = _shown(checked, respond.language()) if checked else None
    # What is not in the page cannot be mended there.
    can_mend = bool(draft) and media.RDF.get(suffix) in FORMATS
    return render_template(
        "validate.html",
        checked=shown,
        draft=draft,
        format=suffix,
        formats=_NAMES.items(),
        classes=desk.classes(),
        made=made,
        mends=len(checked.mends) if checked and can_mend else 0,
    )


def _tried(mend: Mend | None) -> dict[str, Any] | None:
    """A mend as the page tells it: of things that are renamed the names, else the triples."""
    if mend is None:
        return None
    said = mend.as_member()
    lines = {name: text.split("\n") if text else [] for name, text in said.items()}
    return (lines if not mend.renamed else {}) | {"key": mend.key, "renamed": mend.renamed}


def _shown(checked: Checked, language: str) -> dict[str, Any]:
    """What the page tells, with labels for IRIs where there are any."""
    results = [finding.result for finding in checked.findings.shown]
    iris = {iri for r in results for iri in (r.focus_node, r.path, r.value) if iri and ":" in iri}
    iris |= {near for found in checked.proposals.values() for near in found}
    names = labels(respond.service().readers, iris, language)

    def link(iri: str | None) -> dict[str, str] | None:
        return {"href": respond.href(iri), "text": names.get(iri, iri)} if iri else None

    def finding(item: Finding) -> dict[str, Any]:
        result, where = item.result, item.place
        return {
            "severity": reporting.SEVERITIES[language].get(result.severity, result.severity),
            "where": _said(where, language) if where else "",
            "message": result.text(language),
            "record": link(result.focus_node),
            "property": link(result.path),
            "value": names.get(result.value or "", result.value),
            "fix": result.fix.get(language, ""),
            "example": item.example,
            "tried": _tried(checked.mends.get(result.order)),
            "proposals": [link(near) for near in checked.proposals.get(result.value or "", ())],
            "rule": {"href": respond.href(result.constraint), "text": result.constraint.rpartition("#")[2]},
        }

    verdict = reporting.verdict(checked.findings, language)
    return {"verdict": verdict, "findings": [finding(item) for item in checked.findings.shown]}


def _said(where: Place, language: str) -> str:
    if where.cell:
        return f"{'cel' if language == 'nl' else 'cell'} {where.cell}"
    line, column = {"nl": ("regel", "kolom"), "en": ("line", "column")}[language]
    return f"{line} {where.line}, {column} {where.column}"
