"""The statements of a Turtle, TriG, N-Triples or N-Quads text, each term with its place, which RDF parsers forget.

The text is one that a parser has read, or will: here nothing is checked but what is needed to go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final
from urllib.parse import urljoin

from missiegraaf.formats.cursor import Cursor
from missiegraaf.formats.terminals import Token, tokens
from missiegraaf.namespaces import RDF

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Unreadable(Exception):
    """The text is in no such format, or broken."""


@dataclass(frozen=True)
class Place:
    """A line and a column, both counted from 1; of a sheet a row and a column, and what the sheet calls the cell."""

    line: int
    column: int
    cell: str = ""


@dataclass(frozen=True)
class Term:
    """An IRI, the characters of a literal, or the name of a blank node, and where it is written."""

    text: str
    place: Place


@dataclass(frozen=True)
class Statement:
    """A triple as it is written."""

    subject: Term
    predicate: Term
    object: Term


def statements(text: str, base_iri: str = "") -> list[Statement]:
    """Return the statements of a text, in its order. Raises Unreadable."""
    reader = _Reader(text, base_iri)
    reader.document()
    return reader.found


class _Reader(Cursor[Place]):
    def __init__(self, text: str, base_iri: str) -> None:
        super().__init__([(token, place) for token, place in _placed(text) if token.kind != "skip"])
        self.found: list[Statement] = []
        self._base, self._prefixes = base_iri, dict[str, str]()
        self._blank = count()

    def document(self) -> None:
        """Read all of it."""
        while self._at < len(self._read):
            self._block()

    def _next(self) -> tuple[Token, Place]:
        if self._at >= len(self._read):
            raise Unreadable
        self._at += 1
        return self._read[self._at - 1]

    def _block(self) -> None:
        """A directive, a graph, or triples."""
        word = self._peek().text.upper()
        if word in ("@PREFIX", "PREFIX", "@BASE", "BASE"):
            self._directive(word)
        elif word == "GRAPH" or self._peek().text == "{" or self._peek(1).text == "{":
            while self._peek().text != "{":
                self._next()
            self._next()
            while not self._take("}"):
                self._triples()
                self._take(".")
        else:
            self._triples()
            if not self._take("."):
                raise Unreadable

    def _directive(self, word: str) -> None:
        self._next()
        prefix = self._next()[0].text if "PREFIX" in word else ""
        iri, _ = self._next()
        if iri.kind != "iri":
            raise Unreadable
        resolved = self._resolved(iri.text[1:-1])
        if prefix:
            self._prefixes[prefix.removesuffix(":")] = resolved
        else:
            self._base = resolved
        if word.startswith("@"):
            self._take(".")

    def _triples(self) -> None:
        alone = self._peek().text == "["
        subject = self._term()
        if not (alone and self._peek().text in (".", "}")):
            self._properties(subject)

    def _verb(self) -> Term:
        if self._peek().text == "a":
            return Term(RDF + "type", self._next()[1])
        return self._term()

    def _object(self, subject: Term, verb: Term) -> None:
        self.found.append(Statement(subject, verb, self._term()))
        if self._peek().kind in ("iri", "name") and self._peek(1).text == ".":
            self._next()  # the graph of an N-Quad

    def _after_properties(self) -> bool:
        return self._peek().text in (".", "]", "}", "")

    def _term(self) -> Term:
        (kind, text), place = self._next()
        if kind == "iri":
            return Term(self._resolved(text[1:-1]), place)
        if kind == "name" and text.startswith("_:"):
            return Term(text, place)
        if kind == "name":
            prefix, _, local = text.partition(":")
            if prefix not in self._prefixes:
                raise Unreadable
            return Term(self._prefixes[prefix] + _unescaped(local), place)
        if kind == "string":
            self._annotation()
            quotes = 3 if text.startswith(('"""', "'''")) else 1
            return Term(_unescaped(text[quotes:-quotes]), place)
        if kind == "word" or (text == "+" and self._peek().kind == "word"):
            return Term(text if kind == "word" else text + self._next()[0].text, place)
        if text in ("[", "("):
            return self._nested(text, place)
        raise Unreadable

    def _annotation(self) -> None:
        """Step over a language tag or a datatype."""
        if self._peek().kind == "language" or self._take("^", "^"):
            self._next()

    def _nested(self, bracket: str, place: Place) -> Term:
        node = Term(f"_:{next(self._blank)} ", place)  # no label has a space
        if bracket == "[":
            if not self._take("]"):
                self._properties(node)
                if not self._take("]"):
                    raise Unreadable
        else:
            while not self._take(")"):
                self._term()
        return node

    def _resolved(self, iri: str) -> str:
        plain = _unescaped(iri)
        return urljoin(self._base, plain) if self._base and not _ABSOLUTE.match(plain) else plain


def _placed(text: str) -> Iterator[tuple[Token, Place]]:
    line, start, at = 1, 0, 0
    for token in tokens(text):
        yield token, Place(line, at - start + 1)
        at += len(token.text)
        if breaks := token.text.count("\n"):
            line += breaks
            start = at - len(token.text) + token.text.rindex("\n") + 1


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        return chr(int(code, 16)) if code else _CONTROL.get(found[3], found[3])

    return _ESCAPE.sub(character, text) if "\\" in text else text
