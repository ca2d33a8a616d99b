"""`/edit`: records in forms made from the shapes: filled in, checked, reviewed, and sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import editing, files, forms
from missiegraaf.drafts import Draft, Entry
from missiegraaf.editing import Submission
from missiegraaf.errors import BadRequest, Gone, MissiegraafError, NotFound, PreconditionFailed
from missiegraaf.formats.minting import slug
from missiegraaf.forms import Form
from missiegraaf.http import desk, respond, session
from missiegraaf.writing import Records

blueprint = Blueprint("edit", __name__)

_MORE: Final = 3  # empty rows that are asked for at a time
_UNFIT: Final = {
    "nl": "Er is niets hersteld: dit herstel past niet meer bij wat er nu staat.",
    "en": "Nothing was mended: this mend does not fit what is there now.",
}
_BUTTONS: Final = re.compile(r"check|back|review|send|mend:[0-9a-f]{16}|more:(?:\w+\.[0-9]{1,6}\.)*\w+", re.ASCII)


@blueprint.get("/edit")
def index() -> Response:
    """The classes of which a record can be made, and a search for the record to edit."""
    text = request.args.get("find", "").strip()
    found = desk.shown(editing.found, text) if text else []
    return desk.page(render_template("edit_index.html", forms=desk.classes(), find=text, found=found, **desk.signed()))


@blueprint.get("/edit/<key>")
def new(key: str) -> Response:
    """The form for a new record of a class. Raises NotFound (404)."""
    form = _form(key)
    return desk.page(desk.filled(desk.shown(editing.blank, form), form))


@blueprint.post("/edit/<key>")
def made(key: str) -> Response | BaseResponse:
    """The same form as it was sent: with more rows, with what is wrong, reviewed, or stored and shown."""
    form = _form(key)
    name = slug(request.form.get("name", "")) or slug(request.form.get("prefLabel.nl", ""))
    return _sent(respond.thing(form.kind, name) if name else "", form)


@blueprint.get("/edit/<kind>/<slug>")
def edit(kind: str, slug: str) -> Response:
    """A record in the form of its classes. Raises NotFound (404), Gone (410)."""
    opened = desk.shown(editing.opened, respond.thing(kind, slug))
    if opened is None:
        raise _closed(kind, slug)
    return desk.page(desk.filled(opened))


@blueprint.post("/edit/<kind>/<slug>")
def edited(kind: str, slug: str) -> Response | BaseResponse:
    """The same form as it was sent."""
    return _sent(respond.thing(kind, slug), None)


@blueprint.post("/edit/<kind>/<slug>/remove")
def remove(kind: str, slug: str) -> BaseResponse:
    """Remove the record, and show its history. Raises what DELETE at `/v1/records/...` does."""
    iri, records = respond.thing(kind, slug), session.records()
    named = request.form.get("isReplacedBy", "").strip()
    prefix, colon, name = named.partition(":")
    successor = files.prefixes(respond.service().settings.base_iri).get(prefix, prefix + colon) + name
    with respond.turn():
        if not records.there(respond.record_graph(iri)):
            raise respond.absent(kind, slug)
        _expect_unchanged(records, iri)
        records.remove(respond.record_graph(iri), successor)
    return redirect(f"/history/{kind}/{slug}?lang={respond.language()}", 303)


def _sent(iri: str, form: Form | None) -> Response | BaseResponse:
    do = request.form.get("do", "check")
    if not _BUTTONS.fullmatch(do):
        raise BadRequest(
            f"do is {do!r}; expected check, back, review, send, mend:<key> or more:<field>, as in the page"
        )
    asked, _, which = do.partition(":")
    place = iri or f"{respond.service().settings.base_iri}id/{form.kind if form else 'x'}/x"
    found: Submission | None = desk.shown(editing.submitted, place, form, request.form.to_dict(flat=False))
    if found is None:
        raise _closed(*iri.split("/")[-2:])
    if asked == "mend":
        mended = found.mended(which)
        notices = [] if mended else [_UNFIT[respond.language()]]
        opened = desk.shown(editing.mended, place, mended) if mended else found
        return desk.page(desk.filled(opened, form, notices, checked=True))
    if asked == "more":
        _more(found.draft, which)
        return desk.page(desk.filled(found, form))
    notices = _notices(found, form, iri)
    wrong = notices or found.troubles or not found.checked or not found.checked.findings.conforms
    if wrong or asked in ("check", "back"):
        return desk.page(desk.filled(found, form, notices, checked=True), 200 if asked in ("check", "back") else 400)
    if asked == "send":
        try:
            return _stored(iri, found)
        except MissiegraafError as error:
            if error.status >= 500:
                raise
            return desk.page(desk.review(found, form, error), error.status)
    return desk.page(desk.review(found, form))


def _stored(iri: str, found: Submission) -> BaseResponse:
    """Write the record as it was reviewed. Raises PreconditionFailed (412) where it is no longer what was edited."""
    records = session.records()
    with respond.turn():
        _expect_unchanged(records, iri, found.mark)
        records.replace(respond.record_graph(iri), found.triples)
    return redirect(respond.href(iri) + "?lang=" + respond.language(), 303)


def _expect_unchanged(records: Records, iri: str, read: str | None = None) -> None:
    """Raise PreconditionFailed (412) where a record is not what the form was opened with, and what was `read` now."""
    there = editing.mark(quad.triple for quad in records.there(respond.record_graph(iri)))
    if {there} != {request.form.get("mark", ""), there if read is None else read}:
        raise PreconditionFailed("somebody has changed this record since you opened it; look at what they did")


def _notices(found: Submission, form: Form | None, iri: str) -> list[str]:
    """What is to be said of the record as a whole, before anything is sent."""
    texts = {}
    if not iri:
        texts = {"nl": "Geef het record een naam in de IRI.", "en": "Give the record a name in its IRI."}
    elif form is not None and found.mark:
        texts = {
            "nl": f"Er is al een record {iri}; kies een andere naam, of bewerk dat.",
            "en": f"There is a record {iri} already; choose another name, or edit that one.",
        }
    return [texts[respond.language()]] if texts else []


def _more(draft: Draft, name: str) -> None:
    """Give a field, named as in the page, more empty rows, or another part."""
    place, (*above, last) = draft, name.split(".")
    for key, number in zip(above[::2], above[1::2], strict=True):
        place = _part(place, key, int(number))
    asked = next((field for field in place.form.fields if field.key == last), None)
    if asked is None:
        raise NotFound(f"the form has no field {name}")
    entries = place.entries.setdefault(asked.key, [])
    if asked.kind == "part":
        entries.append(Entry(part=Draft(_forms()[asked.part], new=True)))
    else:
        entries += [Entry() for _ in range(_MORE)]


def _part(draft: Draft, key: str, number: int) -> Draft:
    entries = draft.entries.get(key, [])
    if number >= len(entries) or entries[number].part is None:
        raise NotFound(f"the form has no part {key}.{number}")
    return entries[number].part  # type: ignore[return-value]


def _closed(kind: str, slug: str) -> NotFound | Gone:
    """The error for what cannot be shown in a form: a record of a class that has none, or no record."""
    iri = respond.thing(kind, slug)
    if desk.work(editing.is_there, iri):
        return NotFound(f"{iri} has no form; expected a record of a class that /edit lists")
    return respond.absent(kind, slug)


def _forms() -> Mapping[str, Form]:
    return forms.forms(respond.service().settings.base_iri)


def _form(key: str) -> Form:
    found = next((form for form in desk.classes() if form.key == key), None)
    if found is None:
        raise NotFound(f"there is no form for {key!r}; expected one of those that /edit lists")
    return found
