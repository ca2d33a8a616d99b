"""A description in reading order: what is said of a thing, property by property, parts nested in their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf.describe import Description
from missiegraaf.namespaces import DCT, RDF, RDFS, SH, SKOS

# Names come first, then the types and texts, then all else by its name; what repeats the page's title comes not.
_FIRST = (SKOS + "prefLabel", DCT + "title", SKOS + "altLabel", RDF + "type", DCT + "description", SKOS + "definition")
_REPEATS = (RDFS + "label",)
_ABOVE = (RDFS + "subClassOf", RDFS + "subPropertyOf", SH + "targetClass")


@dataclass(frozen=True)
class Value:
    """One value: text with its language, and for a thing its IRI and, where it is a part of this record, its own lines.

    `inferred` tells that no record says it but the rules entail it.
    """

    text: str
    language: str = ""
    iri: str = ""
    inferred: bool = False
    lines: tuple[Line, ...] = field(default=())


@dataclass(frozen=True)
class Term:
    """A term of a vocabulary: IRI, short name, label, definition, and the terms that it stands under."""

    iri: str
    short: str
    label: str
    definition: str
    above: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A property, by IRI and name, with its values in order."""

    iri: str
    name: str
    values: tuple[Value, ...]


def outline(description: Description, language: str) -> tuple[Line, ...]:
    """Return what is said of the thing itself."""
    return _Outline(description, language).lines(description.iri, frozenset())


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


def vocabulary(triples: Iterable[Triple], namespace: str, language: str) -> tuple[Term, ...]:
    """Return the terms of a vocabulary in the order of their IRIs: classes, properties or shapes alike."""
    texts: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    related: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for t in triples:
        if isinstance(t.object, Literal):
            texts[_iri(t.subject)][t.predicate.value][t.object.language or ""] = t.object.value
        else:
            related[_iri(t.subject)][t.predicate.value].add(_iri(t.object))

    def text(iri: str, *predicates: str) -> str:
        return next((found[language] for p in predicates if language in (found := texts[iri].get(p, {}))), "")

    return tuple(
        Term(
            iri,
            iri.removeprefix(namespace),
            text(iri, RDFS + "label", SH + "name"),
            text(iri, SKOS + "definition", SH + "message", SH + "description"),
            tuple(sorted(o for p in _ABOVE for o in related[iri].get(p, ()) if o)),
        )
        for iri in sorted(texts.keys() | related.keys())
        if iri.startswith(namespace)
    )


class _Outline:
    def __init__(self, description: Description, language: str) -> None:
        self.description, self.language = description, language
        self.by_subject: dict[str, list[tuple[Triple, bool]]] = defaultdict(list)
        for inferred, triples in ((False, description.asserted), (True, description.inferred)):
            for triple in triples:
                self.by_subject[_iri(triple.subject)].append((triple, inferred))

    def lines(self, subject: str, above: frozenset[str]) -> tuple[Line, ...]:
        grouped: dict[str, list[Value]] = defaultdict(list)
        for triple, inferred in self.by_subject[subject]:
            if triple.predicate.value not in _REPEATS:
                grouped[triple.predicate.value].append(self.value(triple, inferred, above | {subject}))
        found = [
            Line(predicate, self.name(predicate), tuple(self.ordered(values)))
            for predicate, values in grouped.items()
            if not any(_iri_in(value.iri, above) for value in values)
        ]
        return tuple(sorted(found, key=_rank))

    def value(self, triple: Triple, inferred: bool, above: frozenset[str]) -> Value:
        term = triple.object
        if isinstance(term, Literal):
            return Value(term.value, term.language or "", inferred=inferred)
        iri = _iri(term)
        part = iri.startswith(self.description.iri + "#") and iri not in above and not inferred
        return Value(self.name(iri), iri=iri, inferred=inferred, lines=self.lines(iri, above) if part else ())

    def name(self, iri: str) -> str:
        return self.description.label(iri, self.language) or iri

    def ordered(self, values: Iterable[Value]) -> list[Value]:
        return sorted(values, key=lambda v: (v.inferred, v.language not in ("", self.language), v.text, v.iri))


def _rank(line: Line) -> tuple[int, str, str]:
    first = _FIRST.index(line.iri) if line.iri in _FIRST else len(_FIRST)
    return (first, line.name, line.iri)


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _iri_in(iri: str, above: frozenset[str]) -> bool:
    return bool(iri) and iri in above
