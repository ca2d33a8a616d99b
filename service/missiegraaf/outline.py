"""A description in reading order: what is said of a thing, property by property, parts nested in their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf.describe import Description
from missiegraaf.namespaces import DCT, RDF, RDFS, SKOS

# Names come first, then the types and texts, then all else by its name; what repeats the page's title comes not.
_FIRST = (SKOS + "prefLabel", DCT + "title", SKOS + "altLabel", RDF + "type", DCT + "description", SKOS + "definition")
_REPEATS = (RDFS + "label",)


@dataclass(frozen=True)
class Value:
    """One value: text with its language; for a thing its IRI; for a part of this record its own lines."""

    text: str
    language: str = ""
    iri: str = ""
    lines: tuple[Line, ...] = field(default=())


@dataclass(frozen=True)
class Line:
    """A property, by IRI and name, with its values in order."""

    iri: str
    name: str
    values: tuple[Value, ...]


def outline(description: Description, language: str) -> tuple[Line, ...]:
    """Return what the thing's own record says of it."""
    return _Outline(description, description.asserted, language).lines(description.iri)


def entailed(description: Description, language: str) -> tuple[Line, ...]:
    """Return what the rules add to that."""
    return _Outline(description, description.inferred, language).lines(description.iri)


def mentions(description: Description, language: str) -> tuple[Line, ...]:
    """Return what points at the thing, by property: the records that say so."""
    about, owners = defaultdict(list), {}
    for triple in description.inbound:
        if _iri(triple.object) == description.iri:
            about[triple.predicate.value].append(_iri(triple.subject))
        else:
            owners[_iri(triple.object)] = _iri(triple.subject)
    found = []
    for predicate, subjects in about.items():
        records = {owners.get(subject, subject) for subject in subjects}
        values = sorted((description.label(iri, language) or iri, iri) for iri in records)
        name = description.label(predicate, language) or predicate
        found.append(Line(predicate, name, tuple(Value(text, iri=iri) for text, iri in values)))
    return tuple(sorted(found, key=lambda line: (line.name, line.iri)))


class _Outline:
    def __init__(self, description: Description, triples: Iterable[Triple], language: str) -> None:
        self.description, self.language = description, language
        self.by_subject: dict[str, list[Triple]] = defaultdict(list)
        for triple in triples:
            self.by_subject[_iri(triple.subject)].append(triple)

    def lines(self, subject: str, above: frozenset[str] = frozenset()) -> tuple[Line, ...]:
        grouped: dict[str, list[Value]] = defaultdict(list)
        for triple in self.by_subject[subject]:
            if triple.predicate.value not in _REPEATS:
                grouped[triple.predicate.value].append(self.value(triple.object, above | {subject}))
        found = [Line(iri, self.name(iri), tuple(self.ordered(values))) for iri, values in grouped.items()]
        return tuple(sorted(found, key=_rank))

    def value(self, term: Any, above: frozenset[str]) -> Value:
        if isinstance(term, Literal):
            return Value(term.value, term.language or "")
        iri = _iri(term)
        part = iri.startswith(self.description.iri + "#") and iri not in above
        return Value(self.name(iri), iri=iri, lines=self.lines(iri, above) if part else ())

    def name(self, iri: str) -> str:
        """The name of a thing; of a part that has none, its fragment."""
        return self.description.label(iri, self.language) or iri.removeprefix(self.description.iri)

    def ordered(self, values: Iterable[Value]) -> list[Value]:
        return sorted(values, key=lambda v: (v.language not in ("", self.language), v.text, v.iri))


def _rank(line: Line) -> tuple[int, str, str]:
    first = _FIRST.index(line.iri) if line.iri in _FIRST else len(_FIRST)
    return (first, line.name, line.iri)


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""
