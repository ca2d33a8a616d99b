"""What can be told of a SPARQL text from its tokens, without evaluating it (SPARQL 1.1, section 19.8).

All of it takes time linear in the text, whatever the text is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from missiegraaf.formats.terminals import Token, tokens

_OPERANDS: Final = frozenset(("string", "iri", "variable", "language", "name", "word"))
_WITH_AUTHORITY = re.compile(r"<[A-Za-z][\w.-]*+://")

# `depth` of a query, counted so that pyoxigraph 0.5 overflows a stack of 8 MB at three times the limit or later.
LIMIT: Final = 2000
_BRACKET: Final = 8
_PART: Final = 4


def may_be_comparison(token: Token, before: Token) -> bool:
    """Tell whether an IRI might be read as `<`, an expression and `>`: `?a<(1)&&(?b)>?c`.

    The grammar takes the longest terminal, an IRI; oxigraph reads an operator where it expects one, after an operand.
    An IRI with an authority is none to both: no expression begins with `name://`.
    """
    return (
        token.kind == "iri"
        and (before.kind in _OPERANDS or before.text == ")")
        and re.search(r"['()\[#?$&!*+/-]|service", token.text, re.IGNORECASE) is not None
        and not _WITH_AUTHORITY.match(token.text)
    )


def services(query: str) -> list[str | None]:
    """Return the endpoint of each SERVICE clause in order: its IRI, or None where it is a variable or cannot be told.

    The word in a string, a comment or a name is no clause. What oxigraph takes for one beyond the grammar
    (SERVICESILENT, 1SERVICE, SERVICE:x before a group) is a clause whose endpoint cannot be told.
    """
    if "SERVICE" not in query.upper():
        return []
    found: list[str | None] = []
    prefixes: dict[str, str | None] = {}
    read = [Token("skip", "")] * 4 + [token for token in tokens(query) if token.kind != "skip"]
    for index, (fourth, third, before, token) in enumerate(
        zip(read[1:], read[2:], read[3:], read[4:], strict=False), 4
    ):
        word = token.text.upper()
        if token.kind == "open":  # a string that does not end: the parser will say so
            break
        if before.kind == "name" and third.text.upper() == "PREFIX" and token.kind == "iri":
            same = prefixes.setdefault(before.text[:-1], token.text[1:-1]) == token.text[1:-1]
            prefixes[before.text[:-1]] = token.text[1:-1] if same else None
        elif may_be_comparison(token, before) or (token.kind == "word" and "SERVICE" in word and word != "SERVICE"):
            found.append(None)
        elif token.kind == "word" and word == "SERVICE":
            silent = index + 1 < len(read) and read[index + 1].text.upper() == "SILENT"
            found.append(_endpoint(read[index + 1 + silent : index + 3 + silent], prefixes))
        elif token.text == "{" and before.kind == "name" and "SERVICE" in before.text.partition(":")[0].upper():
            clause = third.text.upper() == "SERVICE" or (third.text.upper(), fourth.text.upper()) == (
                "SILENT",
                "SERVICE",
            )
            if not clause and third.text.upper() != "GRAPH":
                found.append(None)
    return found


def _endpoint(following: list[Token], prefixes: dict[str, str | None]) -> str | None:
    if len(following) != 2 or following[1].text != "{":
        return None
    kind, text = following[0]
    if kind == "iri":
        return text[1:-1]
    prefix, _, local = text.partition(":")
    start = prefixes.get(prefix)
    return start + local if kind == "name" and start is not None and "\\" not in local else None


@dataclass(slots=True)
class _Level:
    """An open bracket: what is chained in it so far, the depth of the deepest bracket within, the most of both."""

    bracket: str = ""
    data: bool = False
    links: int = 0
    inner: int = 0
    most: int = 0

    def end(self) -> int:
        """End a chain, and say how deep the deepest was."""
        self.most = max(self.most, self.links + self.inner)
        self.links = self.inner = 0
        return self.most


def form(query: str) -> str:
    """Return the form of a query in capitals: SELECT, ASK, CONSTRUCT or DESCRIBE; '' where it has none of them."""
    words = (token.text.upper() for token in tokens(query) if token.kind == "word")
    return next((word for word in words if word in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")), "")


def too_deep(query: str) -> bool:
    """Tell whether a query is deeper than `LIMIT`: its parser or optimiser might overflow the stack."""
    if len(query) + (_BRACKET + _PART) * sum(map(query.count, "([{")) <= LIMIT:  # it cannot be
        return False
    return depth(query) > LIMIT


def depth(query: str) -> int:
    """Return how deep a recursion may get that follows the syntax tree of the query.

    A chain of operators or patterns is a tree that leans to one side, so its length counts, and adds up with what it
    stands in: 8 for each open bracket, 4 for each part (subgroup, clause, described resource) beside others, 1 for each
    operator, triple, and term of an expression or collection. Arguments and members of `IN` lists stand side by side
    and do not add up; data of VALUES do not count. Counting ends soon after `LIMIT`.
    """
    levels = [_Level()]
    values = described = False
    before = Token("", "")
    for token in tokens(query):
        kind, text = token
        if kind == "skip":
            continue
        level = levels[-1]
        if kind == "other" and text in "([{":
            level.links += 0 if level.bracket == "(" or level.data else _PART
            levels.append(_Level(text, level.data or (values and text == "{")))
            described = False
        elif kind == "other" and text in ")]}":
            if len(levels) > 1:
                levels.pop()
                levels[-1].inner = max(levels[-1].inner, _BRACKET + level.end())
        elif text == "," and level.bracket == "(":
            level.end()
        elif not level.data:
            level.links += _PART if described and kind in ("iri", "name", "variable") else _links(token, before, level)
        values = (kind == "word" and text.upper() == "VALUES") or (values and (kind == "variable" or text in "()"))
        described = (kind == "word" and text.upper() == "DESCRIBE") or (described and kind != "word")
        before = token
        if len(levels) * _BRACKET + level.links + level.inner > LIMIT + 4 * _BRACKET:
            break
    while len(levels) > 1:
        deepest = _BRACKET + levels.pop().end()
        levels[-1].inner = max(levels[-1].inner, deepest)
    return levels[0].end()


def _links(token: Token, before: Token, level: _Level) -> int:
    kind, text = token
    if kind == "other":
        return int(text in ".;,|&+-*/!<")
    found = 0
    if may_be_comparison(token, before):
        found = len(text) // 2 + _BRACKET * (text.count("(") + text.count("["))
    if level.bracket == "(" and kind in _OPERANDS:
        found += 1 + (text.count("-") if kind == "word" else 0)  # 1-1-1 is one word here
    return found
