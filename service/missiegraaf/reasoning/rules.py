"""The rules of `ontology/rules/`: their texts, and what their bodies are made of.

A rule is a file named after its W3C rule: a CONSTRUCT that yields what follows, or, where the rule's head is
`false`, a SELECT whose rows are the triples that cannot be true together, as ?s1 ?p1 ?o1 and ?s2 ?p2 ?o2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode, Triple

from missiegraaf import files
from missiegraaf.namespaces import RDF

_TEXT: Final = re.compile(r"(.*?)^(?:CONSTRUCT \{(.*?)\}|SELECT .*?)\s+WHERE \{(.*)\}\s*", re.DOTALL | re.MULTILINE)
_CALL: Final = re.compile(r"\b(FILTER|BIND)\(((?:[^()]|\([^()]*\))*)\)")
_PREFIX: Final = re.compile(r"PREFIX ([\w-]*:) <(.*?)>")
_VARIABLE: Final = re.compile(r"\?\w+")

Node = NamedNode | str
"""A part of an atom: an IRI, or a variable with its question mark."""
Atom = tuple[Node, Node, Node]


@dataclass(frozen=True)
class Rule:
    """One rule: its W3C name, its SPARQL text, and whether its head is `false`."""

    name: str
    text: str
    contradiction: bool

    @cached_property
    def body(self) -> Body:
        """What the rule reads and concludes. Raises ValueError where it is written in a way that `Body` has not."""
        found = _TEXT.fullmatch(self.text)
        if found is None:
            raise ValueError(f"{self.name}: expected CONSTRUCT {{ }} WHERE {{ }} or SELECT WHERE {{ }}")
        prologue, template, where = found.groups()
        prefixes = dict(_PREFIX.findall(prologue))
        calls: list[tuple[str, str]] = _CALL.findall(where)
        patterns = _patterns(_CALL.sub("", where))
        data = [p for p in patterns if p[1].startswith("?") or (p[1] == "a" and p[2].startswith("?"))]
        schema = [p for p in patterns if p not in data]
        bound = {part for p in schema for part in p if part.startswith("?")}
        if loose := {p[2] if p[1] == "a" else p[1] for p in data} - bound:
            raise ValueError(f"{self.name}: no schema says what {sorted(loose)} are")
        if template is None:
            bind = {name: value for call, text in calls if call == "BIND" for value, _, name in [text.split()]}
            heads = [(bind[f"?s{i}"], bind[f"?p{i}"], bind[f"?o{i}"]) for i in (1, 2) if f"?s{i}" in bind]
        else:
            heads = _patterns(template)
        conditions = [text for call, text in calls if call == "FILTER"]
        over_schema = [text for text in conditions if set(_VARIABLE.findall(text)) <= bound]
        implied = {f"!isLiteral({subject})" for subject, _, _ in heads}  # a literal subject is no RDF
        if other := set(conditions) - set(over_schema) - implied:
            raise ValueError(f"{self.name}: {sorted(other)} are about records; only the schema is filtered")
        lines = [" ".join(p) + " ." for p in schema] + [f"FILTER({text})" for text in over_schema]
        return Body(
            schema=f"{prologue} SELECT * WHERE {{ {' '.join(lines)} }}",
            predicates=frozenset(
                _node(name, prefixes) for p in schema if p[1] != "a" for name in re.split(r"[*/]+", p[1])
            ),
            classes=frozenset(_node(p[2], prefixes) for p in schema if p[1] == "a"),
            data=tuple(_atom(p, prefixes) for p in data),
            heads=tuple(_atom(p, prefixes) for p in heads),
        )


@dataclass(frozen=True)
class Body:
    """A rule in two halves: the SELECT over the schema, and the atoms over all triples that it gives predicates to.

    A pattern is of the schema if its predicate is given, or its class after `a`; `predicates` and `classes` are those.
    The other patterns have a predicate or a class that the schema's half binds. FILTER is about the schema, or is
    `!isLiteral` of what becomes a subject. Without `data` the rule is about the schema alone.
    """

    schema: str
    predicates: frozenset[Node]
    classes: frozenset[Node]
    data: tuple[Atom, ...]
    heads: tuple[Atom, ...]


@dataclass(frozen=True)
class Conflict:
    """Triples that cannot be true together, and the rule that says so."""

    rule: str
    triples: tuple[Triple, ...]

    def __str__(self) -> str:
        return f"{self.rule}: " + "  and  ".join(f"{t} ." for t in self.triples)


def rules() -> list[Rule]:
    """Return the rules, by name."""
    found = []
    for path in sorted((files.folder("ontology") / "rules").glob("*.rq")):
        text = files.text(path)
        found.append(Rule(path.stem, text, contradiction="\nSELECT" in text))
    return found


def _patterns(text: str) -> list[tuple[str, str, str]]:
    """Read triple patterns with `;` and `,`, as they are written."""
    found = []
    for block in re.split(r"\s\.(?=\s|$)", text):
        subject, _, rest = block.strip().partition(" ")
        for part in rest.split(";"):
            predicate, _, objects = part.strip().partition(" ")
            found += [(subject, predicate, name.strip()) for name in objects.split(",") if predicate]
    return found


def _atom(pattern: tuple[str, str, str], prefixes: dict[str, str]) -> Atom:
    subject, predicate, value = (_node(part, prefixes) for part in pattern)
    return subject, predicate, value


def _node(text: str, prefixes: dict[str, str]) -> Node:
    if text.startswith("?"):
        return text
    prefix, _, local = text.rpartition(":")
    return NamedNode(RDF + "type" if text == "a" else prefixes[prefix + ":"] + local)
