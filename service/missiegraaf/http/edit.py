"""`/edit`: records in forms made from the shapes, checked, reviewed and sent; `/history`: what became of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request
from pyoxigraph import RdfFormat, parse
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import drafts, editing, forms
from missiegraaf.drafts import Draft, Entry
from missiegraaf.editing import Desk, Submission
from missiegraaf.errors import MissiegraafError, NotFound, PreconditionFailed, Unauthorized
from missiegraaf.formats import media
from missiegraaf.formats.writing import to_bytes
from missiegraaf.forms import Field, Form
from missiegraaf.history import absent, history
from missiegraaf.http import respond, session
from missiegraaf.namespaces import LANGUAGES, XSD
from missiegraaf.validation import Result

blueprint = Blueprint("edit", __name__)

_MORE: Final = 3  # empty rows that are asked for at a time
_SELECTED: Final = 60  # choices that a drop-down lists; more are searched by typing


@blueprint.get("/edit")
def index() -> Response:
    """The classes of which a record can be made, and a search for the record to edit."""
    language, text = respond.language(), request.args.get("find", "").strip()
    found = _work(editing.found, text) if text else []
    known = sorted(_forms().values(), key=lambda form: form.name[language].casefold())
    page = render_template(
        "edit_index.html", forms=[form for form in known if not form.is_part], find=text, found=found, author=_author()
    )
    return _page(page)


@blueprint.get("/edit/<key>")
def new(key: str) -> Response:
    """The form for a new record of a class. Raises NotFound (404)."""
    form = _form(key)
    return _page(_filled(_work(editing.blank, form), form))


@blueprint.post("/edit/<key>")
def made(key: str) -> Response | BaseResponse:
    """The same form as it was sent: with more rows, with what is wrong, reviewed, or stored and shown."""
    form = _form(key)
    name = drafts.slug(request.form.get("name", "")) or drafts.slug(request.form.get("prefLabel.nl", ""))
    return _sent(respond.thing(form.kind, name) if name else "", form)


@blueprint.get("/edit/<kind>/<slug>")
def edit(kind: str, slug: str) -> Response:
    """A record in the form of its classes. Raises NotFound (404), Gone (410)."""
    desk = _work(editing.opened, respond.thing(kind, slug))
    if desk is None:
        raise _absent(kind, slug)
    return _page(_filled(desk))


@blueprint.post("/edit/<kind>/<slug>")
def edited(kind: str, slug: str) -> Response | BaseResponse:
    """The same form as it was sent."""
    return _sent(respond.thing(kind, slug), None)


@blueprint.get("/history/<kind>/<slug>")
def past(kind: str, slug: str) -> Response:
    """What became of a record, the newest Change first, in plain words and as triples. Raises NotFound (404)."""
    service, iri = respond.service(), respond.thing(kind, slug)
    entries = history(service.readers, iri, service.settings.base_iri)
    desk = _work(editing.opened, iri)
    if not entries and desk is None:
        raise _absent(kind, slug)
    lines = [[to_bytes(sorted(t, key=str), RdfFormat.N_TRIPLES) for t in (e.removed, e.added)] for e in entries]
    told = _work(editing.narrated, iri, lines)
    page = render_template(
        "history.html",
        entries=[
            (entry, said, *(part.decode().splitlines() for part in parts))
            for entry, said, parts in zip(entries, told, lines, strict=True)
        ],
        path=f"{kind}/{slug}",
        iri=iri,
        title=desk.label if desk else iri,
        there=desk is not None,
        author=_author(),
        word=session.word(),
    )
    return _page(page)


@blueprint.post("/history/<kind>/<slug>/<int:number>/undo")
def undo(kind: str, slug: str, number: int) -> BaseResponse:
    """Take back what one Change did to the record. Raises what `/v1/records/.../undo` does."""
    service, iri = respond.service(), respond.thing(kind, slug)
    records = session.records(f"undo of version {number}")
    with respond.turn():
        found = history(service.readers, iri, service.settings.base_iri, service.version)
        entry = next((entry for entry in found if entry.version == number), None)
        if entry is None:
            raise NotFound(f"version {number} did not change {iri}")
        records.undo(entry, iri.replace("/id/", "/doc/", 1))
    return redirect(f"/history/{kind}/{slug}?lang={respond.language()}", 303)


@blueprint.post("/session")
def enter() -> BaseResponse:
    """Begin a session with a token, and go on where one was. Raises Unauthorized (401)."""
    _expect(session.begin(request.form.get("token", "")) is not None)
    return redirect(_own(request.form.get("then", "/edit")), 303)


@blueprint.post("/session/end")
def leave() -> BaseResponse:
    """End the session."""
    session.expect_own_page()
    session.end()
    return redirect("/edit?lang=" + respond.language(), 303)


def _sent(iri: str, form: Form | None) -> Response | BaseResponse:
    asked, _, which = request.form.get("do", "check").partition(":")
    place = iri or f"{respond.service().settings.base_iri}id/{form.kind if form else 'x'}/x"
    found: Submission | None = _work(editing.submitted, place, form, request.form.to_dict(flat=False))
    if found is None:
        raise NotFound(f"nothing is known as {iri}")
    if asked == "mend" and found.checked:
        desk = _work(editing.mended, place, _with_mend(found, int(which)))
        return _page(_filled(desk, form))
    if asked == "more":
        _more(found.draft, which)
        return _page(_filled(found, form))
    notices = _notices(found, form, iri)
    wrong = notices or found.troubles or not found.checked or not found.checked.report.conforms
    if wrong or asked in ("check", "back"):
        return _page(_filled(found, form, notices, checked=True), 200 if asked in ("check", "back") else 400)
    if asked == "send":
        try:
            return _stored(iri, found)
        except MissiegraafError as error:
            if error.status >= 500:
                raise
            return _page(_review(found, form, error), error.status)
    return _page(_review(found, form))


def _stored(iri: str, found: Submission) -> BaseResponse:
    """Write the record as it was reviewed. Raises PreconditionFailed (412) where it is no longer what was edited."""
    if token := request.form.get("token", "").strip():
        _expect(session.begin(token) is not None)
        records = respond.records_of(session.author(), "editor", _reason())
    else:
        records = session.records(_reason())
    graph = iri.replace("/id/", "/doc/", 1)
    with respond.turn():
        if editing.mark(quad.triple for quad in records.there(graph)) != request.form.get("mark", ""):
            raise PreconditionFailed("somebody has changed this record since you opened it; look at what they did")
        records.replace(graph, found.triples)
    return redirect(respond.href(iri) + "?lang=" + respond.language(), 303)


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


def _with_mend(found: Submission, number: int) -> str:
    """The triples of a submission with one of the mends that were tried, by the number of its finding."""
    lines = set(found.triples.splitlines())
    results = found.checked.report.results if found.checked else ()
    mend = found.checked.mends.get(results[number].order) if found.checked and number < len(results) else None
    if mend:
        lines.discard(str(mend["remove"]))
        lines |= {str(mend["add"])} if mend["add"] else set()
    return "\n".join(sorted(lines)) + "\n"


def _more(draft: Draft, name: str) -> None:
    """Give a field, named as in the page, more empty rows, or another part."""
    place, rest = draft, name.split(".")
    while len(rest) > 1:
        place, rest = _part(place, rest[0], int(rest[1])), rest[2:]
    asked = next((field for field in place.form.fields if field.key == rest[0]), None)
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


def _filled(desk: Desk, form: Form | None = None, notices: list[str] | None = None, checked: bool = False) -> str:
    """The form with what is filled in; with `checked`, what is wrong beside each field."""
    wrong = _wrong(desk) if isinstance(desk, Submission) and checked else {}
    return render_template(
        "edit.html",
        desk=desk,
        form=form,
        notices=notices or [],
        checked=checked and isinstance(desk, Submission) and desk.checked,
        wrong=wrong,
        ids=dict(_ids(desk.draft)),
        kept=request.form if request.method == "POST" else {},
        input_type=_input_type,
        known_tags=_tags,
        plain=_plain,
        selected=_SELECTED,
        **_signed(),
    )


def _input_type(asked: Field, text: str) -> str:
    """The type of an input; one for dates would not show what is none."""
    if asked.datatype == XSD + "date" and (not text or re.fullmatch(r"\d{4}-\d\d-\d\d", text)):
        return "date"
    return "url" if asked.kind == "address" else "text"


def _plain(example: str) -> str:
    """An example as it is typed."""
    (quad,) = parse(f"<> <x:x> {example} .", RdfFormat.TURTLE, base_iri="x:x")
    return str(getattr(quad.object, "value", ""))


def _tags(asked: Field, tag: str) -> list[str]:
    """What a value may be: in a language, or of a kind."""
    kinds = list(drafts.TYPES) if asked.kind == "literal" else []
    return list(dict.fromkeys([*kinds, *LANGUAGES, *([tag] if tag else [])]))


def _review(found: Submission, form: Form | None, error: MissiegraafError | None = None) -> str:
    """What the record would change, and a form that sends it."""
    own = ("do", "token", "word", "reason", "mark")
    sent = [(key, value) for key, value in request.form.items(multi=True) if key not in own]
    return render_template(
        "review.html",
        found=found,
        form=form,
        error=error,
        sent=sent,
        reason=request.form.get("reason", ""),
        # Who has seen what the others did goes on from there.
        mark=found.mark if error and error.status == 412 else request.form.get("mark", found.mark),
        **_signed(),
    )


def _ids(draft: Draft, prefix: str = "", above: str = "") -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """For subject and path the name of the field in the page, and what it is called there."""
    language = respond.language()
    for asked in draft.form.fields:
        name, called = prefix + asked.key, above + asked.name[language]
        yield (draft.iri, asked.path), (name, called)
        for number, entry in enumerate(draft.values(asked)):
            if entry.part:
                yield (entry.part.iri, ""), (f"{name}.{number}.whole", called)
                yield from _ids(entry.part, f"{name}.{number}.", called + " › ")


def _wrong(desk: Submission) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
    """What is wrong, by subject and path; by subject alone where it is about the whole."""
    language = respond.language()
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for trouble in desk.troubles:
        said = {"message": trouble.message[language], "value": trouble.text, "near": trouble.near}
        found.setdefault((trouble.subject, trouble.path), []).append(said)
    for number, result in enumerate(desk.checked.report.results if desk.checked else ()):
        found.setdefault((result.focus_node, result.path or ""), []).append(_finding(desk, result, number, language))
    return found


def _finding(desk: Submission, result: Result, number: int, language: str) -> dict[str, Any]:
    assert desk.checked is not None  # noqa: S101
    near = desk.checked.proposals.get(result.value or "", ())
    return {
        "message": result.message.get(language, result.constraint),
        "fix": result.fix.get(language, ""),
        "severity": result.severity,
        "constraint": result.constraint,
        "value": "" if result.value in (None, result.focus_node) else result.value,
        "near": near,
        "mend": number if result.order in desk.checked.mends else None,
    }


def _signed() -> dict[str, Any]:
    return {"author": _author(), "word": session.word()}


def _author() -> Any:
    return session.author()


def _reason() -> str:
    return request.form.get("reason", "").strip() or f"{request.method} {request.path}"


def _expect(known: bool) -> None:
    if not known:
        raise Unauthorized("this token is not, or no longer, valid; expected one that `token create` printed")


def _own(path: str) -> str:
    """A path of this service, whatever a form says."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/edit"


def _work(function: Any, *arguments: Any) -> Any:
    """What a function of `editing` makes of the newest version, in the language of the page."""
    service = respond.service()
    if service.records is None:
        raise NotFound("a plain dataset has no records")
    return service.readers.work(function, *arguments, respond.language(), service.settings.base_iri)


def _forms() -> Mapping[str, Form]:
    return forms.forms(respond.service().settings.base_iri)


def _form(key: str) -> Form:
    found = next((form for form in _forms().values() if form.key == key and not form.is_part), None)
    if found is None:
        raise NotFound(f"there is no form for {key!r}; expected one of those that /edit lists")
    return found


def _absent(kind: str, slug: str) -> MissiegraafError:
    service = respond.service()
    return absent(service.readers, respond.thing(kind, slug), service.settings.base_iri)


def _page(content: str, status: int = 200) -> Response:
    """A page that is somebody's own: no cache may keep it."""
    response = respond.content(content, media.HTML, by_language=True)
    response.status_code = status if response.status_code == 200 else response.status_code
    response.headers["Cache-Control"] = "no-store"
    return response
