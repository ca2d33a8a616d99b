"""`/templates/<class>.<suffix>` and `/v1/import`: records as spreadsheets, to fill in and to take in."""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Blueprint, Response, request
from pyoxigraph import Quad, RdfFormat, parse

from missiegraaf import importing, reporting
from missiegraaf.checking import Document
from missiegraaf.errors import BadRequest, NotFound, NotImported
from missiegraaf.formats import media
from missiegraaf.http import body, respond
from missiegraaf.importing import Examined
from missiegraaf.sheets.template import template

blueprint = Blueprint("sheets", __name__)

_JSON: Final = media.Offer("application/json", "json")


@blueprint.get("/templates/<name>.<suffix>")
def download(name: str, suffix: str) -> Response:
    """Return a sheet of a class to fill in, with headers in the language of the page; `?filled=true` with its records.

    Raises NotFound (404) for what is no class, or another suffix than csv and xlsx.
    """
    offer = media.by_suffix(suffix, media.SHEETS)
    if offer is None:
        raise NotFound(f"no .{suffix} here; there are: .csv, .xlsx")
    service = respond.service()
    if service.records is None:
        raise NotFound("a plain dataset has no forms")
    filled, base = _flag("filled"), service.settings.base_iri
    try:
        made = service.readers.work(template, name, offer, respond.language(), base, filled)
    except BadRequest as error:
        raise NotFound(error.detail) from None
    response = respond.content(made, offer, by_language=True)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response


@blueprint.post("/v1/import")
def import_() -> Response:
    """Take the records of a sheet in, as one Change: 200 with what became of each row.

    `?class=` names their class, if the first header does not; with `?dry-run=true` nothing is written; with
    `?only=right` rows that are wrong are left out. Raises NotImported (400) with the same table where rows are wrong,
    UnreadableSheet (400), UnsupportedMediaType (415), and what `records.put` does.
    """
    records, dry = respond.records("editor"), _flag("dry-run")
    only = request.args.get("only")
    if only not in (None, "right"):
        raise BadRequest(f"only is {only!r}; expected right, or nothing")
    sent = body.sent(request.mimetype, media.SHEETS, "the body")
    name = request.args.get("name", f"body.{sent.suffix}")
    document, service = Document(request.get_data(), sent, name), respond.service()
    with respond.turn():
        found: Examined = service.readers.work(
            importing.examine, document, request.args.get("class"), service.settings.base_iri, only == "right"
        )
        if found.removed is None or found.added is None:
            if not dry:
                count = sum(row.outcome == "wrong" for row in found.rows)
                raise NotImported(
                    f"{count} of {len(found.rows)} rows are wrong; nothing is imported", **_members(found)
                )
            return _answer(found, service.version)
        if dry:
            return _answer(found, service.version)
        return _answer(found, records.exchange(_quads(found.removed), _quads(found.added)))


def _answer(found: Examined, version: int) -> Response:
    text = json.dumps(_members(found), ensure_ascii=False, indent=2) + "\n"
    response = Response(text, content_type=_JSON.content_type)
    response.headers["Missiegraaf-Version"] = str(version)
    return response


def _members(found: Examined) -> dict[str, Any]:
    shown = reporting.as_members(found.findings)
    for member in shown["results"]:
        if member["value"] in found.proposals:
            member["proposals"] = found.proposals[member["value"]]
    return {**found.as_members(), **shown}


def _quads(content: bytes) -> frozenset[Quad]:
    return frozenset(parse(content, RdfFormat.N_QUADS))


def _flag(name: str) -> bool:
    given = request.args.get(name, "false")
    if given not in ("true", "false"):
        raise BadRequest(f"{name} is {given!r}; expected true or false")
    return given == "true"
