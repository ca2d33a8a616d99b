"""Everything that is said about a thing: by its own record, by inference, and by other records that point at it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from missiegraaf.engine.pool import Readers
from missiegraaf.engine.reader import Job, Offers
from missiegraaf.formats import media
from missiegraaf.formats.parsing import is_iri
from missiegraaf.namespaces import DCT, RDFS, SKOS

_NAMES = (SKOS + "prefLabel", DCT + "title", RDFS + "label")

_ASSERTED = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <%(graph)s> { ?s ?p ?o } }"
_INFERRED = """CONSTRUCT { ?s ?p ?o } WHERE {
  { SELECT DISTINCT ?s WHERE { GRAPH <%(graph)s> { ?s ?any ?thing } } }
  GRAPH <%(inferred)s> { ?s ?p ?o }
}"""
# What points at the thing; where that is a part of a record, also the record it is a part of.
_INBOUND = """CONSTRUCT { ?s ?p <%(iri)s> . ?record ?link ?s } WHERE {
  GRAPH ?g { ?s ?p <%(iri)s> }
  FILTER(?g NOT IN (<%(graph)s>, <%(inferred)s>))
  OPTIONAL { GRAPH ?g { ?record ?link ?s } FILTER(CONTAINS(STR(?s), "#")) }
}"""
_INBOUND_INFERRED = "CONSTRUCT { ?s ?p <%(iri)s> } WHERE { GRAPH <%(inferred)s> { ?s ?p <%(iri)s> } }"
_SIZES = """SELECT ?inferred (COUNT(*) AS ?n) WHERE {
  GRAPH ?g { ?s ?p ?o } FILTER(?g != <%(log)s>) BIND(?g = <%(inferred)s> AS ?inferred)
} GROUP BY ?inferred"""
_LABELS = """CONSTRUCT { ?x ?name ?label } WHERE {
  VALUES ?x { %(iris)s }
  ?x ?name ?label
  FILTER(?name IN (%(names)s))
}"""


@dataclass(frozen=True)
class Description:
    """What is said about `iri`: by its record, by inference, by others (inferred or not), and all their names."""

    iri: str
    asserted: frozenset[Triple]
    inferred: frozenset[Triple]
    inbound_inferred: frozenset[Triple]
    inbound: frozenset[Triple]
    names: frozenset[Triple]

    @cached_property
    def triples(self) -> frozenset[Triple]:
        """All of it, as one set."""
        return self.asserted | self.inferred | self.inbound | self.inbound_inferred | self.names

    @cached_property
    def _labels(self) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, tuple[int, str]]] = {}
        for triple in self.names | self.asserted:
            if triple.predicate.value in _NAMES and isinstance(triple.object, Literal):
                candidate = (_NAMES.index(triple.predicate.value), triple.object.value)
                by_language = found.setdefault(_value(triple.subject), {})
                language = triple.object.language or ""
                by_language[language] = min(candidate, by_language.get(language, candidate))
        return {iri: {language: label for language, (_, label) in labels.items()} for iri, labels in found.items()}

    def label(self, iri: str, language: str) -> str | None:
        """Return the name of an IRI in a language, else in any other, else None."""
        labels = self._labels.get(iri, {})
        return labels.get(language) or next((labels[key] for key in sorted(labels)), None)


def describe(readers: Readers, iri: str, graph: str, base_iri: str, version: int) -> Description | None:
    """Return what one version says of a thing whose record is `graph`, None where no record says anything of it."""
    places = {"iri": iri, "graph": graph, "inferred": base_iri + "inferred"}
    asserted = construct(readers, _ASSERTED % places, version)
    if not any(_value(triple.subject) == iri for triple in asserted):
        return None
    inferred = construct(readers, _INFERRED % places, version)
    inbound = construct(readers, _INBOUND % places, version)
    inbound_inferred = construct(readers, _INBOUND_INFERRED % places, version)
    shown = sorted({*_NAMES, *_iris(asserted | inferred | inbound | inbound_inferred)})
    lists = {"iris": " ".join(f"<{i}>" for i in shown), "names": ", ".join(f"<{n}>" for n in _NAMES)}
    names = construct(readers, _LABELS % lists, version)
    return Description(iri, asserted, inferred, inbound_inferred, inbound, names)


def labels(readers: Readers, iris: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of those things that have one, in a language, else in any other."""
    known = sorted(iri for iri in iris if is_iri(iri))
    lists = {"iris": " ".join(f"<{iri}>" for iri in known), "names": ", ".join(f"<{name}>" for name in _NAMES)}
    found = Description("", frozenset(), frozenset(), frozenset(), frozenset(), construct(readers, _LABELS % lists))
    return {iri: label for iri in known if (label := found.label(iri, language))}


def exists(readers: Readers, iri: str) -> bool:
    """Tell whether anything is said of a thing."""
    offers: Offers = {"boolean": media.JSON, "solutions": None, "graph": None}
    return bool(json.loads(readers.read(Job(f"ASK {{ <{iri}> ?p ?o }}", offers)))["boolean"])


def select(readers: Readers, query: str) -> list[dict[str, str]]:
    """Return the rows of a SELECT query, each variable that is bound with its text or IRI."""
    offers: Offers = {"solutions": media.JSON, "boolean": None, "graph": None}
    found = json.loads(readers.read(Job(query, offers)))["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def sizes(readers: Readers, base_iri: str) -> tuple[int, int]:
    """Return how many triples the newest version asserts, and how many follow from them."""
    places = {"inferred": base_iri + "inferred", "log": base_iri + "log"}
    found = {row["inferred"]: int(row["n"]) for row in select(readers, _SIZES % places)}
    return found.get("false", 0), found.get("true", 0)


def construct(readers: Readers, query: str, version: int | None = None) -> frozenset[Triple]:
    """Return the triples of a CONSTRUCT query on a version, or on the newest."""
    offers: Offers = {"graph": media.N_TRIPLES, "solutions": None, "boolean": None}
    content = readers.read(Job(query, offers, version=version))
    return frozenset(quad.triple for quad in parse(content, RdfFormat.N_TRIPLES))


def _value(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _iris(triples: Iterable[Triple]) -> set[str]:
    return {term.value for t in triples for term in (t.subject, t.predicate, t.object) if isinstance(term, NamedNode)}
