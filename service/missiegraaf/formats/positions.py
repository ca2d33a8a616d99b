"""Where in a file a thing is said: line and column, counted from 1."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from missiegraaf.formats.statements import Unreadable, statements

_NO_IRI: Final = re.compile(r'[\s"<>]')


@dataclass(frozen=True)
class Place:
    """A line and a column, both counted from 1; of a sheet a row and a column, and what the sheet calls the cell."""

    line: int
    column: int
    cell: str = ""


class Places:
    """The places in one text; built once, asked often. Relative IRIs are relative to `base_iri`."""

    def __init__(self, text: str, base_iri: str = "") -> None:
        self._text = text
        # The first place of a subject, of it with a predicate, and of both with an object.
        self._said: dict[tuple[str, ...], int] = {}
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        try:
            found = statements(text, base_iri)
        except (Unreadable, ValueError, RecursionError):  # JSON-LD, RDF/XML, or broken
            found = []
        for subject, predicate, obj in ((s.subject, s.predicate, s.object) for s in found):
            self._said.setdefault((subject.text,), subject.start)
            self._said.setdefault((subject.text, predicate.text), predicate.start)
            self._said.setdefault((subject.text, predicate.text, obj.text), obj.start)

    def find(self, subject: str, predicate: str | None = None, value: str | None = None) -> Place | None:
        """Return where the subject is said to have the value, else where it has the predicate, else its first place."""
        said, keys = self._said, ((subject, predicate or "", value or ""), (subject, predicate or ""), (subject,))
        return next((self.of(said[key]) for key in keys if key in said), None)

    def of(self, character: int) -> Place:
        """Return where the character of this number stands."""
        line = bisect_right(self._lines, character)
        return Place(line, character - self._lines[line - 1] + 1)

    def mention(self, iri: str) -> Place | None:
        """Return where the text first writes the IRI in full; for formats whose statements have no place."""
        return self._written.get(iri)

    @cached_property
    def _written(self) -> dict[str, Place]:
        """The first place of whatever may be an IRI."""
        found: dict[str, Place] = {}
        for number, line in enumerate(self._text.split("\n"), 1):
            at = 1
            for part in _NO_IRI.split(line):
                found.setdefault(part, Place(number, at))
                at += len(part) + 1
        return found
