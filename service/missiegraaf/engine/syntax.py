"""What can be told of a SPARQL text from its tokens, without evaluating it (SPARQL 1.1, section 19.8).

This serves a clear message. It is no guard: the engine's own parser is laxer than the grammar, so reader processes
cannot open a connection either (`processes.open_no_sockets`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# One alternative a terminal, in the order in which they must be tried; possessive, so that no text takes long.
_TOKEN = re.compile(
    r"""
      (?P<skip> \s++ | \#[^\n\r]*+ )
    | (?P<string> \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
                | "(?:[^"\\\n\r]|\\.)*+" | '(?:[^'\\\n\r]|\\.)*+' )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*+> )
    | (?P<variable> [?$]\w++ )
    | (?P<language> @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
    | (?P<name> (?:[^\W\d_][\w.-]*+)?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\.)*+ | _:[\w.-]++ )
    | (?P<word> [\w.-]++ )
    | (?P<open> ["'] )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Return the tokens of a query or update, spaces and comments among them; `lastgroup` is the kind of each."""
    return _TOKEN.finditer(text)


def calls_service(query: str) -> bool:
    """Tell whether the query holds a SERVICE clause. The word in a string, a comment or a name is none."""
    before, named = "", False
    for token in tokens(query):
        kind, text = token.lastgroup, token[0].upper()
        if kind == "open":  # a string that does not end: the parser will say so
            return False
        if kind == "skip":
            continue
        # Oxigraph also takes SERVICESILENT, 1SERVICE and SERVICE:x (a name, followed by a group) for the clause.
        if (kind == "word" and "SERVICE" in text) or (named and text == "{"):
            return True
        named = kind == "name" and "SERVICE" in text.partition(":")[0] and before != "GRAPH"
        before = text
    return False
