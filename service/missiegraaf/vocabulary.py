"""A vocabulary in reading order: each term with what the ontology, its alignments and the shapes say of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, RdfFormat, Triple

from missiegraaf import files
from missiegraaf.formats import parsing
from missiegraaf.formats.skolem import labelled
from missiegraaf.namespaces import DCT, LANGUAGES, OWL, RDF, RDFS, SH, SKOS
from missiegraaf.outline import Line, Value

# What is said of a term, in the order of the page: property, read from its subject or from its object, nl and en.
_FACETS = (
    (RDFS + "subClassOf", "from", "is een soort", "is a kind of"),
    (RDFS + "subClassOf", "to", "soorten", "kinds of it"),
    (RDFS + "subPropertyOf", "from", "houdt ook in", "also says"),
    (RDFS + "subPropertyOf", "to", "volgt uit", "follows from"),
    (OWL + "propertyChainAxiom", "chain", "volgt uit de keten", "follows from the chain"),
    (OWL + "inverseOf", "both", "omgekeerde van", "inverse of"),
    (RDFS + "domain", "from", "staat bij", "used on"),
    (RDFS + "range", "from", "waarde is een", "value is a"),
    (RDFS + "domain", "to", "eigenschappen", "properties"),
    (RDFS + "range", "to", "waarde van", "value of"),
    (RDF + "type", "marks", "kenmerk", "characteristic"),
    (OWL + "disjointWith", "both", "nooit ook", "never also"),
    (OWL + "propertyDisjointWith", "both", "nooit ook", "never also"),
    (OWL + "members", "others", "nooit ook", "never also"),
    (SH + "targetClass", "to", "regels", "shapes"),
    (SH + "path", "to", "regels", "shapes"),
    (SH + "targetClass", "from", "geldt voor", "holds for"),
    (SH + "path", "from", "eigenschap", "property"),
    (SH + "property", "to", "deel van", "part of"),
    ("fix", "text", "zo herstelt u het", "how to mend it"),
)
_MARKS = {
    OWL + "TransitiveProperty": ("transitief", "transitive"),
    OWL + "SymmetricProperty": ("symmetrisch", "symmetric"),
    OWL + "AsymmetricProperty": ("asymmetrisch", "asymmetric"),
    OWL + "IrreflexiveProperty": ("irreflexief", "irreflexive"),
}


@dataclass(frozen=True)
class Term:
    """A term: IRI, short name, label, definition, the lines of what is said of it; of a class its own subclasses."""

    iri: str
    short: str
    label: str
    definition: str
    lines: tuple[Line, ...]
    is_class: bool
    kinds: tuple[Term, ...]


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary: what it is called and is about, its version, last change and licence, and its terms by IRI."""

    title: str
    description: str
    version: str
    modified: str
    licence: str
    terms: tuple[Term, ...]

    @property
    def tops(self) -> tuple[Term, ...]:
        """The classes that are under no other class of the vocabulary."""
        below = {kind.iri for term in self.terms for kind in term.kinds}
        return tuple(sorted((t for t in self.terms if t.is_class and t.iri not in below), key=_by_label))


def vocabulary(triples: Iterable[Triple], namespace: str, language: str, prefixes: Mapping[str, str]) -> Vocabulary:
    """Return what the triples say of a namespace and its terms: classes, properties or shapes alike."""
    reader = _Reader(triples, namespace, language, prefixes)
    iri = namespace.rstrip("#")
    return Vocabulary(
        title=reader.text(iri, DCT + "title"),
        description=reader.text(iri, DCT + "description"),
        version=reader.texts.get((iri, OWL + "versionInfo", ""), ""),
        modified=reader.texts.get((iri, DCT + "modified", ""), ""),
        licence=next(iter(reader.objects[iri, DCT + "license"]), ""),
        terms=tuple(reader.terms()),
    )


@cache
def read(name: str, base_iri: str) -> tuple[str, list[Triple]]:
    """Return text and triples of `def`, all `shapes`, their `rules` or the whole `ontology`, read once in a process.

    Labels of blank nodes depend on the content alone.
    """
    other = {"def": [files.folder("ontology") / "missiegraaf.ttl"], "rules": files.rule_files()}
    texts = [files.text(path, base_iri) for path in other.get(name) or files.turtle_files(name)]
    quads = (quad for text in texts for quad in parsing.quads(text, RdfFormat.TURTLE, name))
    return "\n".join(texts), [quad.triple for quad in labelled(quads, name)]


class _Reader:
    def __init__(self, triples: Iterable[Triple], namespace: str, language: str, prefixes: Mapping[str, str]) -> None:
        self.prefixes = {**prefixes, "": namespace}
        self.namespace, self.language, self.index = namespace, language, LANGUAGES.index(language)
        self.objects: Mapping[tuple[str, str], list[str]] = defaultdict(list)
        self.subjects: Mapping[tuple[str, str], list[str]] = defaultdict(list)
        self.texts: dict[tuple[str, str, str], str] = {}
        for t in triples:
            subject, predicate, value = str(t.subject).strip("<>"), t.predicate.value, str(t.object).strip("<>")
            if isinstance(t.object, Literal):
                self.texts[subject, predicate, t.object.language or ""] = t.object.value
            else:
                self.objects[subject, predicate].append(value)
                self.subjects[predicate, value].append(subject)

    def terms(self) -> Iterator[Term]:
        named = {iri for iri, _, _ in self.texts if iri.startswith(self.namespace)}
        return (self.term(iri) for iri in sorted(named, key=lambda iri: (iri.casefold(), iri)))

    def term(self, iri: str) -> Term:
        below = (i for i in self.subjects[RDFS + "subClassOf", iri] if i.startswith(self.namespace))
        return Term(
            iri,
            self.short(iri),
            self.text(iri, RDFS + "label", SH + "name"),
            self.text(iri, SKOS + "definition", SH + "message", SH + "description"),
            tuple(self.lines(iri)),
            OWL + "Class" in self.objects[iri, RDF + "type"],
            tuple(sorted((self.term(i) for i in below), key=_by_label)),
        )

    def lines(self, iri: str) -> Iterator[Line]:
        found: dict[str, list[Value]] = {}
        for predicate, way, *names in _FACETS:
            found.setdefault(names[self.index], []).extend(self.values(iri, predicate, way))
        return (Line("", name, tuple(dict.fromkeys(values))) for name, values in found.items() if values)

    def values(self, iri: str, predicate: str, way: str) -> Iterator[Value]:
        if way == "marks":
            marks = sorted(_MARKS.keys() & set(self.objects[iri, predicate]))
            yield from (Value(_MARKS[mark][self.index]) for mark in marks)
        elif way == "text":
            yield from (Value(text) for text in [self.text(iri, self.namespace + predicate)] if text)
        elif way == "chain":
            for first in self.objects[iri, predicate]:
                yield from (Value(self.short(link), iri=link) for link in self.listed(first))
        elif way == "others":
            for lists in [self.listed(first) for (p, first) in [*self.subjects] if p == predicate]:
                yield from (Value(self.short(o), iri=o) for o in lists if iri in lists and o != iri)
        else:
            found = self.objects[iri, predicate] if way in ("from", "both") else []
            found = found + (self.subjects[predicate, iri] if way in ("to", "both") else [])
            yield from (Value(self.short(o), iri=o) for o in sorted(set(found)) if not o.startswith("_:"))

    def listed(self, node: str) -> list[str]:
        """The members of an RDF list."""
        found = []
        while node != RDF + "nil":
            found += self.objects[node, RDF + "first"]
            (node,) = self.objects[node, RDF + "rest"]
        return found

    def text(self, iri: str, *predicates: str) -> str:
        return next((t for p in predicates if (t := self.texts.get((iri, p, self.language)))), "")

    def short(self, iri: str) -> str:
        known = (p for p, namespace in self.prefixes.items() if iri.startswith(namespace))
        prefix = max(known, key=lambda p: (len(self.prefixes[p]), p == ""), default=None)
        return iri if prefix is None else f"{prefix}:{iri.removeprefix(self.prefixes[prefix])}".removeprefix(":")


def _by_label(term: Term) -> tuple[str, str]:
    return (term.label.casefold(), term.iri)
