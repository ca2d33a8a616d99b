"""A group of triple patterns and filters alone, read from its tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from missiegraaf.formats.cursor import Cursor
from missiegraaf.formats.terminals import Token, tokens

_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+")
# What a filter is evaluated for more than its value: chance, calls, scopes in which engines disagree.
_APART: Final = ("BOUND", "RAND", "UUID", "BNODE", "SERVICE", "SELECT", "LATERAL")


class NotUnderstood(Exception):
    """The group holds something else than triple patterns and filters, or something that is not clear."""


@dataclass(frozen=True)
class Pattern:
    """A triple pattern, or a step of a path: its text, and what bears on where it may stand."""

    text: str
    ends: frozenset[str]  # variables that are its subject and object
    variables: frozenset[str]
    nodes: frozenset[str]  # those of its ends that it binds to nodes of the graph
    any_term: bool  # both ends are variables, and it holds of each term and itself
    recursive: bool


@dataclass(frozen=True)
class Filter:
    """A filter, its keyword left out, and the variables in it."""

    text: str
    variables: frozenset[str]


class Group(Cursor[str]):
    """The patterns and filters of a group (grammar rules 52, 55, 68, 75-83, 88-109), and how often it names each label.

    Blank nodes become variables, whose names are the next of `fresh`. Raises NotUnderstood.
    """

    def __init__(self, group: Sequence[Token], fresh: Iterator[str]) -> None:
        self.patterns: list[Pattern] = []
        self.filters: list[Filter] = []
        self.labels: Counter[str] = Counter()
        self._fresh = fresh
        self._named: dict[str, str] = {}
        self._ended: set[str] = set()  # labels before a filter: the engine refuses them after one that holds a group
        super().__init__(list(_spaced(group)))
        self._group()

    def _group(self) -> None:
        while self._at < len(self._read):
            if self._is_word("FILTER"):
                self._next()
                self._filter()
                self._ended.update(self._named)
                self._take(".")
            else:
                before = len(self.patterns)
                subject = self._node()
                if not (len(self.patterns) > before and self._at_end()):  # [ :p :o ] may stand alone
                    self._properties(subject)
                if not self._take(".") and not self._at_end():
                    raise NotUnderstood

    def _at_end(self) -> bool:
        return self._peek().text in ("", ".") or self._is_word("FILTER")

    def _is_word(self, *words: str) -> bool:
        return self._peek().kind == "word" and self._peek().text.upper() in words

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _glued(self) -> bool:
        return self._at < len(self._read) and not self._read[self._at][1]

    def _verb(self) -> list[str]:
        return self._path()

    def _object(self, subject: str, verb: list[str]) -> None:
        self._add(subject, verb, self._node())

    def _after_properties(self) -> bool:
        return self._at_end() or self._peek().text == "]"

    def _add(self, subject: str, path: list[str], obj: str) -> None:
        nodes = [subject, *(next(self._fresh) for _ in path[1:]), obj]
        for start, step, end in zip(nodes, path, nodes[1:], strict=False):
            ends = frozenset(node[1:] for node in (start, end) if node[0] in "?$")
            verb = {step[1:]} if step[0] in "?$" else set()
            operators = set() if verb else {token.text for token in tokens(step) if token.kind == "other"}
            zero = not operators.isdisjoint("*?")
            self.patterns.append(
                Pattern(
                    f"{start} {step} {end}",
                    ends,
                    ends | verb,
                    nodes=frozenset() if zero else ends,
                    any_term=zero and start[0] in "?$" and end[0] in "?$",
                    recursive=not operators.isdisjoint("*+"),
                )
            )

    def _node(self) -> str:
        token = self._next()
        kind, text = token
        if kind == "name" and text.startswith("_:"):
            if text in self._ended:
                raise NotUnderstood
            self.labels[text] += 1
            if text not in self._named:
                self._named[text] = next(self._fresh)
            return self._named[text]
        if kind in ("variable", "iri", "name") or text in ("true", "false"):
            return text
        if kind == "word" and _NUMBER.fullmatch(text):
            return text
        if kind == "string":
            return text + self._tag()
        if text == "[":
            node = next(self._fresh)
            if not self._take("]"):
                self._properties(node)
                if not self._take("]"):
                    raise NotUnderstood
            return node
        raise NotUnderstood

    def _tag(self) -> str:
        """The language or datatype of a literal."""
        if self._peek().kind == "language" and self._glued():
            return self._next().text
        if self._peek().text != "^":
            return ""
        parts = []
        for _ in range(3):
            if not self._glued():
                raise NotUnderstood
            parts.append(self._next())
        if parts[1].text != "^" or parts[2].kind not in ("iri", "name"):
            raise NotUnderstood
        return "".join(part.text for part in parts)

    def _path(self) -> list[str]:  # noqa: C901  # one character after another: shorter than a function a rule
        """Read a verb; return its steps: those of a sequence, else one."""
        if self._peek().kind == "variable":
            return [self._next().text]
        steps, depth, expected, whole = [""], 0, True, False
        while True:
            kind, text = self._peek()
            if expected and kind == "other" and text in "^!(":
                depth += text == "("
            elif expected:
                if (kind not in ("iri", "name") and (kind, text) != ("word", "a")) or text.startswith("_:"):
                    raise NotUnderstood
                expected = False
            elif kind == "other" and text in "/|":
                expected = True
                whole |= text == "|" and not depth
            elif text == ")" and depth:
                depth -= 1
            elif kind != "other" or text not in "*+?":
                break
            elif self._at + 1 < len(self._read) and self._read[self._at + 1][0].kind == "word":
                raise NotUnderstood  # `+5` after a path
            if (kind, text, depth) == ("other", "/", 0):
                steps.append("")
            else:
                steps[-1] += text
            self._at += 1
        if depth:
            raise NotUnderstood
        return ["/".join(steps)] if whole else steps

    def _filter(self) -> None:
        start = self._at
        if self._is_word("NOT"):
            self._next()
        if self._is_word("EXISTS"):
            self._next()
            opening = "{"
        else:
            opening = "("
            if self._at == start and self._peek().kind in ("word", "iri", "name"):
                self._next()
        if self._peek() != ("other", opening):
            raise NotUnderstood
        depth = 0
        while True:
            kind, text = self._next()
            if not kind:
                raise NotUnderstood
            depth += (kind == "other") * ((text in "({[") - (text in ")}]"))
            if not depth:
                break
        inside = self._read[start : self._at]
        if any(t.kind == "word" and any(word in t.text.upper() for word in _APART) for t, _ in inside):
            raise NotUnderstood
        self.filters.append(
            Filter(
                "".join(space + t.text for t, space in inside).lstrip(),
                frozenset(t.text[1:] for t, _ in inside if t.kind == "variable"),
            )
        )


def _spaced(group: Iterable[Token]) -> Iterator[tuple[Token, str]]:
    """Each token with the white space and comments before it."""
    space = ""
    for token in group:
        if token.kind == "skip":
            space += token.text
        else:
            yield token, space
            space = ""
