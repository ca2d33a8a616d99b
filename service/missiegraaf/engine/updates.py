"""What is done to the text of a SPARQL 1.1 Update before it runs, from its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Quad, Store

from missiegraaf.engine.syntax import tokens
from missiegraaf.errors import BadRequest, ServiceRefused


def refuse_calls(update: str) -> None:
    """Raise ServiceRefused (400) where an update fetches something: by LOAD or by SERVICE, SILENT or not.

    The words in a string, a comment or a name are no reason; any other word that holds one is, since the engine's
    parser also takes LOADSILENT and the like.
    """
    for token in tokens(update):
        for word in ("LOAD", "SERVICE"):
            if token.lastgroup == "word" and word in token[0].upper():
                raise ServiceRefused(f"{word} is refused: this service fetches nothing; send the data itself")


def of_data(update: str, base_iri: str, prefixes: Mapping[str, str]) -> tuple[set[Quad], set[Quad]] | None:
    """Return what an update removes and adds whose operations all give their data (INSERT DATA, DELETE DATA).

    None where another operation is among them, or the text cannot be read. A quad that a later operation adds or
    removes again is told as the last one leaves it.
    """
    removed: set[Quad] = set()
    added: set[Quad] = set()
    prologue = ""
    for operation in _operations(update):
        words = [token for token in tokens(operation) if token.lastgroup == "word"]
        names = [word[0].upper() for word in words]
        first = next((i for i, name in enumerate(names) if name not in ("PREFIX", "BASE")), len(names))
        if not names[first:]:  # after a last semicolon
            continue
        if names[first : first + 2] not in (["INSERT", "DATA"], ["DELETE", "DATA"]):
            return None
        start = words[first]
        prologue += operation[: start.start()]
        dataset = Store()
        try:
            dataset.update(f"{prologue} INSERT{operation[start.end() :]}", base_iri=base_iri, prefixes=dict(prefixes))
        except (SyntaxError, ValueError, RuntimeError):
            return None
        come, go = (added, removed) if names[first] == "INSERT" else (removed, added)
        come |= set(dataset)
        go -= set(dataset)
    return removed, added


def _operations(update: str) -> Iterator[str]:
    start, depth = 0, 0
    for token in tokens(update):
        if token.lastgroup == "other":
            depth += (token[0] == "{") - (token[0] == "}")
            if token[0] == ";" and depth == 0:
                yield update[start : token.start()]
                start = token.end()
    yield update[start:]


def with_dataset(update: str, default: Iterable[str], named: Iterable[str]) -> str:
    """Return the update with the dataset that the parameters of the request name (SPARQL 1.1 Protocol, 2.2.3).

    Each operation with a WHERE gets their USING clauses. Raises BadRequest (400) where it has USING or WITH itself.
    """
    clauses = [f"USING <{iri}>" for iri in default] + [f"USING NAMED <{iri}>" for iri in named]
    if not clauses:
        return update
    using = " ".join(clauses)
    parts, end, depth, before, shorthand = [], 0, 0, "", -1
    for token in tokens(update):
        text = token[0].upper()
        if token.lastgroup == "skip":
            continue
        if token.lastgroup == "word" and depth == 0 and text in ("USING", "WITH"):
            raise BadRequest(
                f"{text} in the update and using-graph-uri or using-named-graph-uri beside it; expected one"
            )
        if token.lastgroup == "word" and depth == 0 and text == "WHERE":
            if before == "DELETE":
                shorthand = token.end()  # DELETE WHERE {p} is DELETE {p} WHERE {p}
            parts += [update[end : token.start()], "" if before == "DELETE" else f"{using} ", token[0]]
            end = token.end()
        depth += (text == "{") - (text == "}")
        if text == "}" and depth == 0 and shorthand >= 0:
            pattern = update[shorthand : token.end()]
            parts[-1] = f"{pattern} {using} {parts[-1]}"
            shorthand = -1
        before = text
    return "".join([*parts, update[end:]])
