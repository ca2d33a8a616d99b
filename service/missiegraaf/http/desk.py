"""A record on an editor's desk, as a page: its form, what is wrong beside each field, and what it would change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from flask import Response, render_template, request
from pyoxigraph import RdfFormat, parse

from missiegraaf import drafts, forms
from missiegraaf.drafts import Draft
from missiegraaf.editing import Desk, Submission
from missiegraaf.errors import CheckEnded, MissiegraafError, NotFound, QueryTimeout, ReaderDied
from missiegraaf.findings import Finding
from missiegraaf.formats import media
from missiegraaf.forms import Field, Form
from missiegraaf.http import respond, session
from missiegraaf.namespaces import LANGUAGES, XSD

_SELECTED: Final = 60  # choices that a drop-down lists; more are searched by typing


def work(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return what a function makes of the newest version of the records, with these arguments and the base IRI.

    Raises NotFound (404) for a plain dataset, CheckEnded (503) after the time or with the memory of a query, and else
    what Readers.work does.
    """
    service = respond.service()
    if service.records is None:
        raise NotFound("a plain dataset has no records")
    try:
        return service.readers.work(partial(function, base_iri=service.settings.base_iri, **named), *arguments)
    except (QueryTimeout, ReaderDied) as error:
        raise CheckEnded(
            f"it took more than {service.settings.query_seconds:g} seconds, or more memory than it may; send fewer "
            "records at a time, or ask for less",
            headers=error.headers,
        ) from None


def shown(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the same of a function of `editing`, in the language of the page. Raises what `work` does."""
    return work(function, *arguments, language=respond.language())


def classes() -> list[Form]:
    """Return the forms of the classes of which there are records, by their names in the language of the page."""
    language, known = respond.language(), forms.forms(respond.service().settings.base_iri).values()
    return sorted((form for form in known if not form.is_part), key=lambda form: form.name[language].casefold())


def page(content: str, status: int = 200) -> Response:
    """Return a page that is somebody's own: no cache may keep it."""
    response = respond.content(content, media.HTML, by_language=True)
    response.status_code = status if response.status_code == 200 else response.status_code
    response.headers["Cache-Control"] = "no-store"
    return response


def filled(desk: Desk, form: Form | None = None, notices: list[str] | None = None, checked: bool = False) -> str:
    """Return the form with what is filled in; with `checked`, what is wrong beside each field."""
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
        path=desk.draft.iri.partition("/id/")[2],
        input_type=_input_type,
        known_tags=_tags,
        plain=_plain,
        selected=_SELECTED,
        **signed(),
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


def review(found: Submission, form: Form | None, error: MissiegraafError | None = None) -> str:
    """Return what the record would change, and a form that sends it, with why it was not stored if it was sent."""
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
        **signed(),
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
                yield from _ids(entry.part, f"{name}.{number}.", called + ": ")


def _wrong(desk: Submission) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
    """What is wrong, by subject and path; by subject alone where it is about the whole."""
    language = respond.language()
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for trouble in desk.troubles:
        said = {"message": trouble.message[language], "value": trouble.text, "near": trouble.near}
        found.setdefault((trouble.subject, trouble.path), []).append(said)
    for finding in desk.checked.findings.shown if desk.checked else ():
        place = finding.result.focus_node, finding.result.path or ""
        found.setdefault(place, []).append(_finding(desk, finding, language))
    return found


def _finding(desk: Submission, found: Finding, language: str) -> dict[str, Any]:
    assert desk.checked is not None  # noqa: S101
    result = found.result
    mend = desk.checked.mends.get(result.order)
    near = desk.checked.proposals.get(result.value or "", ())
    return {
        "message": result.text(language),
        "fix": result.fix.get(language, ""),
        "example": found.example,
        "severity": result.severity,
        "constraint": result.constraint,
        "value": "" if result.value in (None, result.focus_node) else result.value,
        "near": near,
        "mend": mend.key if mend and not mend.renamed else None,
    }


def signed() -> dict[str, Any]:
    """Return what a page with a form that writes needs to know of who looks at it."""
    return {"author": session.author(), "word": session.word()}
