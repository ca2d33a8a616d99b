"""The columns of a sheet of a class: what its form asks for, as far as a flat table can say it."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from missiegraaf import forms
from missiegraaf.errors import BadRequest
from missiegraaf.forms import Field, Form
from missiegraaf.namespaces import BASE, LANGUAGES

RECORD: Final = "record"
_AT: Final = {"nl": "bij", "en": "for"}  # bewijsplaats bij lid, evidence for member
_NEAR: Final = 3


@dataclass(frozen=True)
class Column:
    """A column: the field whose values it holds, and, of texts, their language.

    The values stand at the record, or where there is a `link` at a part of the record that this property leads to, of
    class `part`. One part has one value of a column that is no detail; the columns of its other properties detail that
    one: `main` is its key. `header` is by language.
    """

    key: str
    header: Mapping[str, str]
    field: Field
    language: str = ""
    link: str = ""
    part: str = ""
    main: str = ""
    repeats: bool = False
    shown: bool = True

    @property
    def required(self) -> bool:
        """Whether each record has a value here; a detail, each value that it details."""
        return self.field.required and (self.field.pair or not self.language) and (not self.link or bool(self.main))


@cache
def columns(cls: str, base_iri: str = BASE) -> tuple[Column, ...]:
    """Return the columns of a class, by its IRI, each followed by those that detail it; `shown` are in a template."""
    return tuple(column for field in forms.forms(base_iri)[cls].fields for column in _of(field, base_iri))


def form_of(name: str, base_iri: str = BASE) -> Form:
    """Return the form of a class by its key, label or IRI. Raises BadRequest (400), with those of like name."""
    known = {
        _plain(said): form
        for form in forms.forms(base_iri).values()
        if not form.is_part
        for said in (form.key, form.iri, *form.name.values())
    }
    if _plain(name) not in known:
        near = difflib.get_close_matches(_plain(name), known, _NEAR, 0.4)
        expected = sorted({known[said].key for said in near}) or sorted({form.key for form in known.values()})
        raise BadRequest(f"the class is {name!r}; expected one that has a form, as {', '.join(expected)}")
    return known[_plain(name)]


class Headers:
    """The columns of a class by what the first row may call them: label, key or IRI; capitals do not count."""

    def __init__(self, form: Form, base_iri: str = BASE) -> None:
        self.columns = columns(form.iri, base_iri)
        self._known: dict[str, set[str]] = defaultdict(set)
        for column in self.columns:
            iri = column.link or column.field.path
            names = {column.key, *column.header.values()}
            names |= {iri + (f"@{column.language}" if column.language else "")} if not column.main else set()
            for name in names:
                self._known[_plain(name)].add(column.key)
        for name in (RECORD, form.key, form.iri, *form.name.values()):
            self._known[_plain(name)] = {RECORD}

    def key(self, header: str) -> str | None:
        """Return the key of the column that a header names, None where it names none, or more than one."""
        found = self._known.get(_plain(header), set())
        return next(iter(found)) if len(found) == 1 else None

    def near(self, header: str) -> tuple[str, ...]:
        """Return headers that are known and most like this one."""
        return tuple(difflib.get_close_matches(_plain(header), self._known, _NEAR))


def anchor(part: Form) -> Field | None:
    """Return the one field by which a part of a record is told from others of its kind, if it is one."""
    wanted = [field for field in part.fields if field.required and field.kind in ("thing", "tagged")]
    return wanted[0] if len(wanted) == 1 and wanted[0].single and part.key != "claim" else None


def _of(field: Field, base_iri: str) -> Iterable[Column]:
    known = forms.forms(base_iri)
    if field.kind != "part":
        for main in _by_language(field, field.key, field.name):
            yield main
            if field.claimed:
                (claim,) = (form for form in known.values() if form.key == "claim")
                link = next(f.path for form in known.values() for f in form.fields if f.part == claim.iri)
                dated = field.datatype.endswith("#date")
                yield from _details(main, claim, link, {"evidence", "timeAsStated", *(["precision"] * dated)})
        return
    part = known[field.part]
    told = anchor(part)
    if told is None:
        return
    links = {f.path for form in known.values() for f in form.fields if f.part == field.part}
    # Of several ways to take part the way is the name; members are members.
    name = told.name if len(links) == 1 else field.name
    for main in _by_language(told, field.key, name, field.path, field.part, not field.single):
        yield main
        needed = {f.key for f in part.fields if f.required and not f.fixed} - {"basis"}
        yield from _details(main, part, field.path, {"evidence", "role", *needed}, told)


def _details(main: Column, part: Form, link: str, shown: set[str], told: Field | None = None) -> Iterable[Column]:
    """The columns of what is said of the parts that a column makes, besides its value."""
    said = {"property", "statedThing", "statedValue"} if told is None else {told.key}
    for field in part.fields:
        if field.key not in said:
            for column in _by_language(field, f"{main.key}.{field.key}", field.name, link, part.iri):
                header = {tag: f"{column.header[tag]} {_AT[tag]} {main.header[tag]}" for tag in LANGUAGES}
                yield Column(
                    column.key, header, field, column.language, link, part.iri, main.key, True, field.key in shown
                )


def _by_language(
    field: Field, key: str, name: Mapping[str, str], link: str = "", part: str = "", repeats: bool = False
) -> Iterable[Column]:
    again = repeats if link else not field.single
    if field.kind != "tagged":
        yield Column(key, dict(name), field, "", link, part, "", again)
        return
    for language in LANGUAGES:
        header = {tag: f"{name[tag]} ({language})" for tag in LANGUAGES}
        yield Column(f"{key}@{language}", header, field, language, link, part, "", again)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().strip("<>").casefold()
