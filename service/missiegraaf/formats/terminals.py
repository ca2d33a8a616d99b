"""The terminals that SPARQL and Turtle have in common (SPARQL 1.1, 19.8; RDF 1.1 Turtle, 6.5).

Reading them takes time linear in the text, whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# One alternative a terminal, in the order in which they must be tried; possessive, so that no text takes long.
_TOKEN = re.compile(
    r"""
      (?P<skip> \s++ | \#[^\n\r]*+ )
    | (?P<string> \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
                | "(?:[^"\\\n\r]|\\.)*+" | '(?:[^'\\\n\r]|\\.)*+' )
    | (?P<iri> <(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+> )
    | (?P<variable> [?$]\w++ )
    | (?P<language> @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
    | (?P<name> (?:[^\W\d_][\w.-]*+)?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\.)*+ | _:[\w.-]++ )
    | (?P<word> [\w.-]++ )
    | (?P<open> ["'] )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A terminal: the name of its kind in `_TOKEN`, and its text."""

    kind: str
    text: str


def tokens(query: str) -> Iterator[Token]:
    """Yield the tokens of a text, white space and comments (`skip`) included; joined they are the text.

    `open` is a quote whose string does not end, `other` a single character. A dot at the end of a name or of a number
    is a token of its own, as in the grammar.
    """
    for found in _TOKEN.finditer(query):
        kind, text = found.lastgroup or "", found[0]
        if text[-1] == "." and kind in ("name", "word"):
            kept = text.rstrip(".")
            kept += "." if kept.endswith("\\") else ""
            if kept:
                yield Token(kind, kept)
            for _ in range(len(text) - len(kept)):
                yield Token("other", ".")
        else:
            yield Token(kind, text)
