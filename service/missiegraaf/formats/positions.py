"""Where in a file a thing is said: line and column, counted from 1, found in its text.

RDF parsers forget places. In files of one statement a line, or in the canonical layout with one subject a block,
the text itself tells: a subject stands at the start of its line, a predicate at the start of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_DECLARED = re.compile(r"^\s*(?:@prefix|PREFIX)\s+([\w-]*):\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A line and a column, both counted from 1."""

    line: int
    column: int


class Places:
    """The places in one text; built once, asked often."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.prefixes = dict(_DECLARED.findall(text))
        self.subjects: dict[str, int] = {}
        for number, line in enumerate(self.lines):
            if line[:1].strip() and not line.startswith(("#", "@")):
                self.subjects.setdefault(line.split(maxsplit=1)[0], number)

    def find(self, subject: str, predicate: str | None = None) -> Place | None:
        """Return where the subject's block says this predicate, else where the block begins, else None."""
        start = next((self.subjects[n] for n in _names(subject, self.prefixes) if n in self.subjects), None)
        if start is None:
            return None
        if predicate is not None:
            names = [*_names(predicate, self.prefixes), *(["a"] if predicate.endswith("#type") else [])]
            wanted = re.compile(r"(?:^|\s)(" + "|".join(re.escape(name) for name in names) + r")\s")
            for number in range(start, len(self.lines)):
                if number > start and self.lines[number][:1].strip():
                    break
                if found := wanted.search(self.lines[number] + " "):
                    return Place(number + 1, found.start(1) + 1)
        return Place(start + 1, 1)

    def mention(self, iri: str) -> Place | None:
        """Where a text that is laid out otherwise first writes the IRI in full."""
        for number, line in enumerate(self.lines):
            if (column := line.find(iri)) >= 0:
                return Place(number + 1, column + 1)
        return None


def _names(iri: str, prefixes: Mapping[str, str]) -> list[str]:
    """The ways in which a file may write an IRI."""
    short = [
        f"{prefix}:{re.sub('([/#])', lambda m: chr(92) + m[1], iri[len(namespace) :])}"
        for prefix, namespace in prefixes.items()
        if iri.startswith(namespace)
    ]
    return [f"<{iri}>", *short]
