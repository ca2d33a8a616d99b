"""`/templates/<class>.<suffix>`, `/v1/import` and `/import`: records as spreadsheets, to fill in and to take in."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import PurePath
from typing import Any, Final

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Quad, RdfFormat, parse

from missiegraaf import findings, forms, importing, reporting
from missiegraaf.checking import Document
from missiegraaf.errors import (
    BadRequest,
    Forbidden,
    MissiegraafError,
    NotFound,
    NotImported,
    Unauthorized,
    UnreadableFile,
)
from missiegraaf.formats import media
from missiegraaf.http import body, desk, respond, session
from missiegraaf.importing import Examined
from missiegraaf.sheets.template import template
from missiegraaf.writing import Records

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
    filled = _flag("filled")
    try:
        made = desk.work(template, name, offer, respond.language(), filled=filled)
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
    document = Document(request.get_data(), sent, request.args.get("name", f"body.{sent.suffix}"))
    with respond.turn():
        found = _examined(document, request.args.get("class"), only == "right")
        if dry:
            return _answer(found, respond.service().version)
        return _answer(found, _imported(records, found))


@blueprint.get("/import")
def form() -> Response:
    """The page on which a sheet is taken in; it works without a script."""
    return _page()


@blueprint.post("/import")
def page() -> Response:
    """The same with what the sheet of the form would do, or has done.

    A file is looked at first; what was looked at comes along, and is sent with `do`: all, or right for those rows that
    are. Raises what `import_` does.
    """
    file, asked = request.files.get("file"), request.form.get("do", "")
    if file is not None and file.filename:
        name, content = file.filename, file.read()
    else:
        name, content = request.form.get("name", ""), _decoded(request.form.get("content", ""))
    suffix = PurePath(name).suffix[1:].lower()
    offer = media.by_suffix(suffix, media.SHEETS)
    if offer is None:
        raise BadRequest(f"the file is {name!r}; expected one that ends in .csv or .xlsx")
    document, cls = Document(content, offer, name), request.form.get("class") or None
    try:
        if asked not in ("all", "right"):
            return _page(document, _examined(document, cls, False))
        records = session.records()
        with respond.turn():
            found = _examined(document, cls, asked == "right")
            version = _imported(records, found)
        return _page(document, found, version=version)
    except UnreadableFile as error:
        unread = findings.of_unreadable(error, respond.service().settings.base_iri)
        return _page(document, Examined(unread, {}, (), None, None))
    except (Unauthorized, Forbidden, NotImported) as error:
        return _page(document, _examined(document, cls, False), error)


def _examined(document: Document, cls: str | None, only_right: bool) -> Examined:
    found: Examined = desk.work(importing.examine, document, cls=cls, only_right=only_right)
    return found


def _imported(records: Records, found: Examined) -> int:
    """Take in what may be, and return the version that this leads to. Raises NotImported (400)."""
    if found.removed is None or found.added is None:
        count = sum(row.outcome == "wrong" for row in found.rows)
        raise NotImported(f"{count} of {len(found.rows)} rows are wrong; nothing is imported", **_members(found))
    return records.exchange(_quads(found.removed), _quads(found.added))


def _page(
    document: Document | None = None,
    found: Examined | None = None,
    error: MissiegraafError | None = None,
    version: int | None = None,
) -> Response:
    """The page, with what was sent to be sent again; `error` is why nothing was stored, `version` what was made."""
    language, known = respond.language(), forms.forms(respond.service().settings.base_iri)
    content = render_template(
        "import.html",
        document=document,
        content=b64encode(document.content).decode() if document else "",
        found=found,
        counts=found.as_members()["counts"] if found else {},
        may=found is not None and found.removed is not None,
        error=error,
        version=version,
        properties={field.path: field.name[language] for form in known.values() for field in form.fields},
        classes=desk.classes(),
        cls=request.form.get("class", ""),
        **desk.signed(),
    )
    return desk.page(content, error.status if error else 200)


def _decoded(content: str) -> bytes:
    try:
        return b64decode(content, validate=True)
    except ValueError:
        raise BadRequest("the content of the form is not what this page sent; choose the file again") from None


def _answer(found: Examined, version: int) -> Response:
    text = json.dumps(_members(found), ensure_ascii=False, indent=2) + "\n"
    response = Response(text, content_type=_JSON.content_type)
    response.headers["Missiegraaf-Version"] = str(version)
    return response


def _members(found: Examined) -> dict[str, Any]:
    return {**found.as_members(), **reporting.as_members(found.findings, found.proposals)}


def _quads(content: bytes) -> frozenset[Quad]:
    return frozenset(parse(content, RdfFormat.N_QUADS))


def _flag(name: str) -> bool:
    given = request.args.get(name, "false")
    if given not in ("true", "false"):
        raise BadRequest(f"{name} is {given!r}; expected true or false")
    return given == "true"
