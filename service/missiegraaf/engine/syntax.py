"""What can be told of a SPARQL text from its tokens, without evaluating it (SPARQL 1.1, section 19.8)."""

from __future__ import annotations

import re
from collections.abc import Iterator

# One alternative a terminal, in the order in which they must be tried. Only bare words are keywords: the same
# letters inside a string, a comment, an IRI, a variable or a prefixed name are not.
_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n\r]* )
    | (?P<string> \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"
      | '''(?:[^'\\]|\\.|'(?!''))*''' | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<variable> [?$]\w+ )
    | (?P<language> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<name> (?:[^\W\d_][\w.-]*)?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\.)* | _:[\w.-]+ )
    | (?P<word> [A-Za-z][A-Za-z0-9_]* )
    | (?P<number> \d[\w.]* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


def keywords(query: str) -> Iterator[str]:
    """Yield the bare words of a query in upper case: keywords and built-in functions."""
    for token in _TOKEN.finditer(query):
        if token.lastgroup == "word":
            yield token[0].upper()


def calls_service(query: str) -> bool:
    """Tell whether the query holds a SERVICE clause. The word in a string or a comment is none."""
    return "SERVICE" in keywords(query)
