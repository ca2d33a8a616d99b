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
from missiegraaf.namespaces import RDF, XSD

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Unreadable(Exception):
    """The text is in no such format, or broken."""


@dataclass(frozen=True)
class Term:
    """An IRI, the characters of a literal, or the name of a blank node, and which characters of the text write it.

    `kind` is the datatype of a literal, or `@` and its language in small letters; of others it is empty.
    """

    text: str
    start: int
    end: int
    kind: str = ""


@dataclass(frozen=True)
class Statement:
    """A triple as it is written; `end` is where its object ends, or the graph of an N-Quad."""

    subject: Term
    predicate: Term
    object: Term
    end: int


@dataclass(frozen=True)
class Declaration:
    """A prefix, what it stands for, and the character from which on it does."""

    prefix: str
    iri: str
    start: int


def statements(text: str, base_iri: str = "") -> list[Statement]:
    """Return the statements of a text, in its order. Raises Unreadable."""
    return read(text, base_iri)[0]


def read(text: str, base_iri: str = "") -> tuple[list[Statement], list[Declaration]]:
    """Return the statements of a text and the prefixes that it declares, in its order. Raises Unreadable."""
    reader = _Reader(text, base_iri)
    reader.document()
    return reader.found, reader.declared


class _Reader(Cursor[int]):
    """What is known beside a token is where it starts."""

    def __init__(self, text: str, base_iri: str) -> None:
        super().__init__([(token, start) for token, start in _placed(text) if token.kind != "skip"])
        self.found: list[Statement] = []
        self.declared: list[Declaration] = []
        self._base, self._prefixes = base_iri, dict[str, str]()
        self._blank = count()

    def document(self) -> None:
        """Read all of it."""
        while self._at < len(self._read):
            self._block()

    @property
    def _end(self) -> int:
        """Where the token that was read last ends."""
        token, start = self._read[self._at - 1]
        return start + len(token.text)

    def _next(self) -> tuple[Token, int]:
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
            self.declared.append(Declaration(prefix.removesuffix(":"), resolved, self._end))
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
            _, start = self._next()
            return Term(RDF + "type", start, self._end)
        return self._term()

    def _object(self, subject: Term, verb: Term) -> None:
        said = self._term()
        if self._peek().kind in ("iri", "name") and self._peek(1).text == ".":
            self._next()  # the graph of an N-Quad
        self.found.append(Statement(subject, verb, said, self._end))

    def _after_properties(self) -> bool:
        return self._peek().text in (".", "]", "}", "")

    def _term(self) -> Term:
        (kind, text), start = self._next()
        if text in ("[", "("):
            return self._nested(text, start)
        said, datatype = self._said(kind, text)
        return Term(said, start, self._end, datatype)

    def _said(self, kind: str, text: str) -> tuple[str, str]:
        """What a term says, and what kind of literal it is."""
        if kind == "iri":
            return self._resolved(text[1:-1]), ""
        if kind == "name":
            return self._named(text), ""
        if kind == "string":
            quotes = 3 if text.startswith(('"""', "'''")) else 1
            return _unescaped(text[quotes:-quotes]), self._annotation()
        if kind == "word":
            return text, _bare(text)
        if text == "+" and self._peek().kind == "word":
            number = text + self._next()[0].text
            return number, _bare(number)
        raise Unreadable

    def _named(self, text: str) -> str:
        """The IRI of a name with a prefix; the label of a blank node as it is."""
        prefix, _, local = text.partition(":")
        if prefix == "_":
            return text
        if prefix not in self._prefixes:
            raise Unreadable
        return self._prefixes[prefix] + _unescaped(local)

    def _annotation(self) -> str:
        """The language tag or the datatype that comes next, if any does."""
        if self._peek().kind == "language":
            return self._next()[0].text.lower()
        return self._term().text if self._take("^", "^") else XSD + "string"

    def _nested(self, bracket: str, start: int) -> Term:
        name = f"_:{next(self._blank)} "  # no label has a space
        if bracket == "[":
            if not self._take("]"):
                self._properties(Term(name, start, start))
                if not self._take("]"):
                    raise Unreadable
        else:
            while not self._take(")"):
                self._term()
        return Term(name, start, self._end)

    def _resolved(self, iri: str) -> str:
        plain = _unescaped(iri)
        return urljoin(self._base, plain) if self._base and not _ABSOLUTE.match(plain) else plain


def _placed(text: str) -> Iterator[tuple[Token, int]]:
    at = 0
    for token in tokens(text):
        yield token, at
        at += len(token.text)


def _bare(word: str) -> str:
    """The datatype of a number or truth value without quotation marks (Turtle, 2.5.2 and 2.5.3)."""
    if word in ("true", "false"):
        return XSD + "boolean"
    return XSD + ("double" if "e" in word.lower() else "decimal" if "." in word else "integer")


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        return chr(int(code, 16)) if code else _CONTROL.get(found[3], found[3])

    return _ESCAPE.sub(character, text) if "\\" in text else text
