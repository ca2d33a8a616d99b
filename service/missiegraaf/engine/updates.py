"""What is told of, and done to, the text of a SPARQL 1.1 Update before it runs, from its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from missiegraaf.engine import syntax
from missiegraaf.errors import BadRequest, QueryTooDeep, ServiceRefused
from missiegraaf.formats.terminals import Token, tokens

# Two tokens in one, which the engine's parser takes where no name can stand.
_JOINED: Final = re.compile(r"(DELETE(?=WHERE|DATA)|INSERT(?=DATA)|USING(?=NAMED)|(?:WITH|USING)(?=.*:))(.+)", re.I)
_IRI: Final = r"(?:<\S*>|\S*:\S*)"
_GROUP: Final = r"{\d+}"
_PROLOGUE: Final = re.compile(rf"(?: PREFIX {_IRI} <\S*>| BASE <\S*>)*", re.IGNORECASE)
_USING: Final = re.compile(rf" USING( NAMED)? ({_IRI})", re.IGNORECASE)
# An operation after its prologue: its tokens with a space before each, its groups by their numbers.
_FORM: Final = re.compile(
    rf"""
      \ INSERT\ DATA\ (?P<inserted>{_GROUP}) | \ DELETE\ DATA\ (?P<deleted>{_GROUP})
    | \ DELETE\ WHERE\ (?P<both>{_GROUP})
    | (?:\ WITH\ (?P<graph>{_IRI}))? (?:\ DELETE\ (?P<removed>{_GROUP}))? (?:\ INSERT\ (?P<added>{_GROUP}))?
      (?P<using> (?:\ USING(?:\ NAMED)?\ {_IRI})* ) \ WHERE\ (?P<where>{_GROUP})
    | \ (?:CLEAR|DROP)(?P<silent>\ SILENT)?\ GRAPH\ (?P<cleared>{_IRI})
    | \ (?:CLEAR|DROP|CREATE|COPY|MOVE|ADD)\b[^{{]*
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Operation:
    """An operation by its parts, as they are written, groups with their braces; '' for each part that it does not have.

    `text` is all of it, and `prologue` every declaration so far. `removed` and `added` are its templates: data, where
    there is no `where`. `graph` is that of WITH, `dataset` the USING clauses as FROM clauses, `cleared` the graph of
    CLEAR or DROP. One with none of these, as COPY, has just its text.
    """

    text: str
    prologue: str
    removed: str = ""
    added: str = ""
    where: str = ""
    graph: str = ""
    dataset: str = ""
    cleared: str = ""
    silent: bool = False

    @property
    def variables(self) -> list[str]:
        """The names of the variables of its templates."""
        found = {token.text[1:] for token in tokens(self.removed + self.added) if token.kind == "variable"}
        return sorted(found)


def operations(update: str) -> list[Operation] | None:
    """Return the operations of an update, None where the engine might read it otherwise than its tokens tell."""
    found, prologue = [], ""
    for operation in _operations(update):
        if _may_be_read_otherwise(operation):
            return None
        outline, groups = _outline(operation)
        declared = _PROLOGUE.match(outline)
        start = declared.end() if declared else 0
        prologue += outline[:start]
        if start == len(outline):  # after a last semicolon
            continue
        form = _FORM.fullmatch(outline, start)
        if form is None:
            return None
        said = {name: _filled(text or "", groups) for name, text in form.groupdict().items()}
        found.append(
            Operation(
                text=prologue + _filled(outline[start:], groups),
                prologue=prologue,
                removed=said["deleted"] or said["both"] or said["removed"],
                added=said["inserted"] or said["added"],
                where=said["both"] or said["where"],
                graph=said["graph"],
                dataset=_USING.sub(r" FROM\1 \2", said["using"]),
                cleared=said["cleared"],
                silent=bool(said["silent"]),
            )
        )
    return found


def _may_be_read_otherwise(operation: Iterable[Token]) -> bool:
    """Tell whether a comparison might have been taken for an IRI, or a string does not end."""
    brackets, before = 0, Token("", "")
    for token in operation:
        kind, text = token
        if kind == "open" or (brackets and syntax.may_be_comparison(token, before)):
            return True
        if kind != "skip":
            brackets += (text == "(") - (text == ")")
            before = token
    return False


def _outline(operation: Iterable[Token]) -> tuple[str, list[str]]:
    """An operation with a space before each token, its groups replaced by their numbers in braces; and those groups."""
    outline: list[str] = []
    groups: list[str] = []
    group: list[str] = []
    depth = 0
    for kind, text in operation:
        depth += text == "{"
        if depth:
            group.append(text)
        elif kind != "skip":
            outline.append(text)
        depth -= text == "}"
        if group and not depth:
            outline.append(f"{{{len(groups)}}}")
            groups.append("".join(group))
            group = []
    return "".join(f" {text}" for text in outline), groups


def _filled(outline: str, groups: Sequence[str]) -> str:
    return re.sub(r"{(\d+)}", lambda found: groups[int(found[1])], outline)


def only_data(update: str) -> bool:
    """Tell whether an update surely matches nothing: it gives its data, or names whole graphs."""
    found = operations(update)
    return found is not None and not any(operation.where for operation in found)


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


def _too_nested(operation: Iterable[Token]) -> bool:
    brackets = deepest = 0
    for token in operation:
        if token.kind == "other":
            brackets += (token.text in "([{<") - (token.text in ")]}>")  # << >> is a triple term (RDF 1.2)
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
    """The tokens of each operation, those that are two in one apart."""
    found: list[Token] = []
    depth, before = 0, ""
    for token in tokens(update):
        kind, text = token
        if kind == "other":
            depth += (text == "{") - (text == "}")
        if depth == 0 and text == ";":
            yield found
            found = []
        elif depth == 0 and before != "word" and (joined := _JOINED.fullmatch(text)):
            found += [Token("word", joined[1]), Token("skip", " "), Token(kind, joined[2])]
        else:
            found.append(token)
        before = before if kind == "skip" else kind
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
