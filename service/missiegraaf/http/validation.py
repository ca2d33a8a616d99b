"""`/v1/validate` and `/validate`: records checked in the midst of the graph, and nothing stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from missiegraaf import checking, fixing, reporting
from missiegraaf.checking import Checked, Document
from missiegraaf.describe import labels
from missiegraaf.errors import BadRequest, CheckEnded, QueryTimeout, ReaderDied
from missiegraaf.findings import Finding
from missiegraaf.fixing import Fixed
from missiegraaf.formats import media
from missiegraaf.formats.revising import FORMATS
from missiegraaf.http import body, respond
from missiegraaf.mends import Mend

blueprint = Blueprint("validation", __name__)

_JSON: Final = media.Offer("application/json", "json")
_TEXT: Final = (media.SARIF, media.PLAIN)
_OFFERS: Final = (
    *(_JSON, *_TEXT, media.TURTLE),
    *(replace(media.N_TRIPLES, aliases=()), replace(media.JSON_LD, aliases=()), media.RDF_XML),
)
_SENT: Final = (*media.GRAPHS, media.N_QUADS, media.TRIG)
_NAMES: Final = {
    "ttl": "Turtle",
    "trig": "TriG",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "jsonld": "JSON-LD",
    "rdf": "RDF/XML",
}
_SHOWN: Final = 200_000  # bytes of a file that are put in the page
_RDFLIB: Final = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}


@blueprint.post("/v1/validate")
def validate() -> Response:
    """Return what is wrong with the records of the body, as JSON, SARIF, text, or sh:ValidationReport: 200.

    A record in the body stands in the place of the one that is stored; others are as they are. Of a form with files,
    `shapes` are asked in the place of the service's. What cannot be read is a finding too. Of more than a thousand
    findings the first are listed, and all are counted. Raises UnsupportedMediaType (415), BadRequest (400),
    NotAcceptable (406), CheckEnded (503) after the time or with the memory of a query.
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
    suffix = request.form.get("format", "ttl")
    name, content = f"records.{suffix}", draft.replace("\r\n", "\n").encode()
    if file is not None and file.filename:
        name, content = file.filename, file.read()
        draft = _as_draft(content)
        suffix = PurePath(name).suffix[1:] if PurePath(name).suffix[1:] in _NAMES else suffix
    sent = next((offer for offer in _SENT if offer.suffix == suffix), None)
    if sent is None:
        raise BadRequest(f"the format is {suffix!r}; expected {', '.join(_NAMES)}")
    document, (asked, _, which) = Document(content, sent, name), request.form.get("do", "check").partition(":")
    if asked != "mend":
        return respond.content(_page(_checked(document), draft, suffix), media.HTML, by_language=True)
    fixed: Fixed = _worked(fixing.fixed, [document], which if which != "all" else None)
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
    checked: Checked = _worked(checking.check, document, shapes)
    return checked


def _worked(function: Callable[..., Any], documents: Any, *more: Any) -> Any:
    """What a function makes of documents in the midst of the graph. Raises CheckEnded (503), BadRequest (400)."""
    service = respond.service()
    if service.records is None:
        raise BadRequest("a plain dataset has no shapes")
    try:
        return service.readers.work(function, documents, service.settings.base_iri, *more)
    except (QueryTimeout, ReaderDied) as error:
        raise CheckEnded(
            f"the check took more than {service.settings.query_seconds:g} seconds, or more memory than it may; send "
            "fewer records at a time, or ask for less",
            headers=error.headers,
        ) from None


def _answer(checked: Checked, offer: media.Offer) -> Response:
    findings = checked.findings
    if offer == _JSON:
        members = reporting.as_members(findings)
        for member, finding in zip(members["results"], findings.shown, strict=True):
            if member["value"] in checked.proposals:
                member["proposals"] = checked.proposals[member["value"]]
            if finding.result.order in checked.mends:
                member["tried"] = checked.mends[finding.result.order].as_member()
        return respond.content(json.dumps(members, ensure_ascii=False, indent=2) + "\n", offer)
    if offer in _TEXT:
        write = reporting.as_sarif if offer == media.SARIF else reporting.as_text
        return respond.content(write(findings, respond.language()), offer, by_language=True)
    return respond.content(findings.graph.serialize(format=_RDFLIB[offer.suffix]), offer)


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
        made=made,
        mends=len(checked.mends) if checked and can_mend else 0,
    )


def _tried(mend: Mend | None) -> dict[str, Any] | None:
    """A mend as the page tells it: of things that are renamed the names, else the triples."""
    if mend is None:
        return None
    said = mend.as_member()
    lines = {name: (text or "").splitlines() for name, text in said.items()}
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
        column = {"nl": "kolom", "en": "column"}[language]
        line = {"nl": "regel", "en": "line"}[language]
        return {
            "severity": reporting.SEVERITIES[language].get(result.severity, result.severity),
            "where": f"{line} {where.line}, {column} {where.column}" if where else "",
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
