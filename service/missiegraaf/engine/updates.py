"""What is told of, and done to, the text of a SPARQL 1.1 Update before it runs, from its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import Quad, Store

from missiegraaf.engine import syntax
from missiegraaf.engine.syntax import Token, tokens
from missiegraaf.errors import BadRequest, QueryTooDeep, ServiceRefused


def refuse_calls(update: str) -> None:
    """Raise ServiceRefused (400) where an update fetches something: by LOAD or by SERVICE, SILENT or not.

    The words in a string, a comment or a name are no reason; any other word that holds one is, since the engine's
    parser also takes LOADSILENT and the like; so is a name where only the word can stand, LOAD:x or SERVICE:x {.
    """
    said = [word for word in ("LOAD", "SERVICE") if word in update.upper()]
    braces = brackets = 0
    before = third = Token("", "")
    for token in tokens(update) if said else ():
        if token.kind == "skip":
            continue
        for word in said:
            if (
                (token.kind == "word" and word in token.text.upper())
                or (brackets and syntax.may_be_comparison(token, before))  # what follows may be read otherwise
                or (word == "LOAD" and not braces and before.kind != "word" and _prefix_holds(token, word))
                or (token.text == "{" and _prefix_holds(before, word) and third.text.upper() != "GRAPH")
            ):
                raise ServiceRefused(f"{word} is refused: this service fetches nothing; send the data itself")
        if token.kind == "other":
            braces += (token.text == "{") - (token.text == "}")
            brackets += (token.text == "(") - (token.text == ")")
        third, before = before, token


def _prefix_holds(token: Token, word: str) -> bool:
    return token.kind == "name" and word in token.text.partition(":")[0].upper()


def refuse_depth(update: str) -> None:
    """Raise QueryTooDeep (400) where an update might overflow the stack of its parser, as `syntax.too_deep` counts.

    However many, triples of INSERT DATA and DELETE DATA are no depth; brackets within brackets are.
    """
    for operation in _operations(update):
        words = [word for _, word, depth in _words(operation) if depth == 0]
        if _too_nested(operation) if "DATA" in words else syntax.too_deep(_text(operation)):
            raise QueryTooDeep(f"an operation is more than {syntax.LIMIT} deep; split it")


def of_data(update: str, base_iri: str, prefixes: Mapping[str, str]) -> tuple[set[Quad], set[Quad]] | None:
    """Return what an update removes and adds whose operations all give their data (INSERT DATA, DELETE DATA).

    None where another operation is among them, or the text cannot be read. A quad that a later operation adds or
    removes again is told as the last one leaves it.
    """
    removed: set[Quad] = set()
    added: set[Quad] = set()
    prologue = ""
    for operation in _operations(update):
        words = [(i, token.text.upper()) for i, token in enumerate(operation) if token.kind == "word"]
        said = [(i, word) for i, word in words if word not in ("PREFIX", "BASE")]
        if not said:  # after a last semicolon
            continue
        if [word for _, word in said[:2]] not in (["INSERT", "DATA"], ["DELETE", "DATA"]):
            return None
        start, verb = said[0]
        prologue += _text(operation[:start])
        dataset = Store()
        try:
            dataset.update(
                f"{prologue} INSERT{_text(operation[start + 1 :])}", base_iri=base_iri, prefixes=dict(prefixes)
            )
        except (SyntaxError, ValueError, RuntimeError):
            return None
        come, go = (added, removed) if verb == "INSERT" else (removed, added)
        come |= set(dataset)
        go -= set(dataset)
    return removed, added


def _too_nested(operation: Iterable[Token]) -> bool:
    brackets = deepest = 0
    for token in operation:
        if token.kind == "other":
            brackets += (token.text in "([{") - (token.text in ")]}")
            deepest = max(deepest, brackets)
    return deepest > syntax.LIMIT // 8


def with_dataset(update: str, default: Iterable[str], named: Iterable[str]) -> str:
    """Return the update with the dataset that the parameters of the request name (SPARQL 1.1 Protocol, 2.2.3).

    Each operation with a WHERE gets their USING clauses. Raises BadRequest (400) where it has USING or WITH itself.
    """
    clauses = [f"USING <{iri}>" for iri in default] + [f"USING NAMED <{iri}>" for iri in named]
    if not clauses:
        return update
    return ";".join(_with_using(operation, " ".join(clauses)) for operation in _operations(update))


def _with_using(operation: Sequence[Token], using: str) -> str:
    outside = [(i, word) for i, word, depth in _words(operation) if depth == 0]
    for _, word in outside:
        if word in ("USING", "WITH"):
            raise BadRequest(
                f"{word} in the update and using-graph-uri or using-named-graph-uri beside it; expected one"
            )
    for at, (i, word) in enumerate(outside):
        if word == "WHERE":
            template = ""
            if at and outside[at - 1][1] == "DELETE" and "{" not in (t.text for t in operation[outside[at - 1][0] : i]):
                template = _text(operation[i + 1 :]) + "\n"  # it may end in a comment
            return f"{_text(operation[:i])} {template} {using} {_text(operation[i:])}"
    return _text(operation)


def _operations(update: str) -> Iterator[list[Token]]:
    found: list[Token] = []
    depth = 0
    for token in tokens(update):
        if token.kind == "other":
            depth += (token.text == "{") - (token.text == "}")
        if token == Token("other", ";") and depth == 0:
            yield found
            found = []
        else:
            found.append(token)
    yield found


def _words(operation: Iterable[Token]) -> Iterator[tuple[int, str, int]]:
    """The words of an operation, with their place and how many braces are open there."""
    depth = 0
    for i, token in enumerate(operation):
        if token.kind == "other":
            depth += (token.text == "{") - (token.text == "}")
        elif token.kind == "word":
            yield i, token.text.upper(), depth


def _text(operation: Iterable[Token]) -> str:
    return "".join(token.text for token in operation)
