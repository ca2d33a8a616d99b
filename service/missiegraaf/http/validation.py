"""`/v1/validate`: records checked in the midst of the graph, and nothing stored."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from missiegraaf import checking, reporting
from missiegraaf.checking import Checked
from missiegraaf.errors import BadRequest, UnreadableFile, UnsupportedMediaType
from missiegraaf.formats import media
from missiegraaf.http import respond
from missiegraaf.reporting import Finding
from missiegraaf.validation import Report

blueprint = Blueprint("validation", __name__)

_JSON = media.Offer("application/json", "json")
_TEXT = (media.SARIF, media.PLAIN)
_OFFERS = (_JSON, *_TEXT, media.TURTLE, replace(media.N_TRIPLES, aliases=()), media.JSON_LD, media.RDF_XML)
_SENT = (*media.GRAPHS, media.N_QUADS, media.TRIG)
_SHOWN = 1000  # findings


@blueprint.post("/v1/validate")
def validate() -> Response:
    """Return what is wrong with the records of the body, as JSON, SARIF, text, or sh:ValidationReport: 200.

    A record in the body stands in the place of the one that is stored; others are as they are. What cannot be read is a
    finding too. Of more than a thousand findings the first are listed, and all are counted. Raises UnsupportedMediaType
    (415), BadRequest (400), NotAcceptable (406), QueryTimeout (503) after the time of a query.
    """
    service = respond.service()
    if service.records is None:
        raise BadRequest("a plain dataset has no shapes")
    sent, offer = _sent(), respond.negotiate(_OFFERS)
    base, content = service.settings.base_iri, request.get_data()
    name = request.args.get("name", f"body.{sent.suffix}")
    proposals: dict[str, Any] = {}
    try:
        checked: Checked = service.readers.work(checking.check, content, sent, name, base)
        report, proposals = checked.report, dict(checked.proposals)
        found = reporting.findings(report, {name: content.decode(errors="replace")})
    except UnreadableFile as error:
        report, found = reporting.unreadable(error, base)
    return _answer(report, found, proposals, offer)


def _sent() -> media.Offer:
    found = media.choose(request.mimetype or None, _SENT) if request.mimetype != "*/*" else None
    if found is None:
        expected = [offer.media_type for offer in _SENT]
        raise UnsupportedMediaType(f"the body is {request.mimetype}; expected {', '.join(expected)}", expected=expected)
    return found


def _answer(report: Report, found: list[Finding], proposals: dict[str, Any], offer: media.Offer) -> Response:
    language, shown = respond.language(), found[:_SHOWN]
    if offer == _JSON:
        members = reporting.as_members(report, shown)
        for member in members["results"]:
            if member["value"] in proposals:
                member["proposals"] = proposals[member["value"]]
        body = json.dumps(members | {"count": len(found)}, ensure_ascii=False, indent=2) + "\n"
        return respond.content(body, offer)
    if offer in _TEXT:
        write = reporting.as_sarif if offer == media.SARIF else reporting.as_text
        return respond.content(write(report, shown, language), offer, by_language=True)
    rdf = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}[offer.suffix]
    return respond.content(report.graph.serialize(format=rdf), offer)
