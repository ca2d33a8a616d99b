"""Everything that is said about a thing: by its own record, by inference, and by other records that point at it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Triple, parse

from missiegraaf.engine.pool import Readers
from missiegraaf.engine.reader import Ask, Job, Offers
from missiegraaf.errors import NotFound
from missiegraaf.formats import media
from missiegraaf.formats.parsing import is_iri
from missiegraaf.namespaces import DCT, RDFS, SKOS, home_graph

_NAMES = (SKOS + "prefLabel", DCT + "title", RDFS + "label")

_ASSERTED = "SELECT ?s ?p ?o WHERE { GRAPH <%(graph)s> { ?s ?p ?o } }"
# What the rules add to the record, and what points at the thing from elsewhere, with the graph that says so.
_ELSEWHERE = """{
  {
    { SELECT DISTINCT ?s WHERE { GRAPH <%(graph)s> { ?s ?any ?thing } } }
    GRAPH <%(inferred)s> { ?s ?p ?o } BIND(<%(inferred)s> AS ?g)
  } UNION {
    GRAPH ?g { ?s ?p <%(iri)s> } BIND(<%(iri)s> AS ?o)
    FILTER(?g NOT IN (<%(graph)s>, <%(log)s>))
  }
}"""
# Of what points here and is a part of a record, what that is a part of.
_OWNERS = "SELECT ?s ?p ?o WHERE { VALUES (?o ?g) { %s } GRAPH ?g { ?s ?p ?o } }"
_SIZES = """SELECT ?inferred (COUNT(*) AS ?n) WHERE {
  GRAPH ?g { ?s ?p ?o } FILTER(?g != <%(log)s>) BIND(?g = <%(inferred)s> AS ?inferred)
} GROUP BY ?inferred"""
_LABELS = """SELECT ?s ?p ?o WHERE {
  VALUES ?s { %(iris)s }
  ?s ?p ?o
  FILTER(?p IN (%(names)s))
}"""
PAGE: Final = 1000  # triples that follow or come from elsewhere, on a page


@dataclass(frozen=True)
class Description:
    """What is said about `iri`: by its record, by inference, by others (inferred or not), and all their names.

    One that is long comes in pages, counted from 1: the record on the first, at most PAGE triples of the others, in a
    fixed order, on each.
    """

    iri: str
    asserted: frozenset[Triple]
    inferred: frozenset[Triple]
    inbound_inferred: frozenset[Triple]
    inbound: frozenset[Triple]
    names: frozenset[Triple]
    page: int = 1
    pages: int = 1

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


def describe(ask: Ask, version: int, iri: str, base_iri: str, page: int = 1) -> Description | None:
    """Return a page of what is said of a thing, None where no record says anything of it.

    For `Readers.asking`. Raises NotFound (404) for a page that there is not.
    """
    del version
    graph, inferred = home_graph(iri, base_iri), NamedNode(base_iri + "inferred")
    places = {"iri": iri, "graph": graph, "inferred": inferred.value, "log": base_iri + "log"}
    asserted = _triples(ask(_ASSERTED % places))
    if not any(_value(triple.subject) == iri for triple in asserted):
        return None
    rows, pages = _page(ask, _ELSEWHERE % places, page)
    entailed = {triple for triple, named in rows if named == inferred}
    own = {triple for triple in entailed if _value(triple.subject).partition("#")[0] == iri}
    said = {(triple, named) for triple, named in rows if named != inferred}
    parts = sorted({f"({t.subject} {named})" for t, named in said if "#" in _value(t.subject)})
    owners = _triples(ask(_OWNERS % " ".join(parts))) if parts else frozenset()
    shown = Description(
        iri,
        asserted if page == 1 else frozenset(),
        frozenset(own),
        frozenset(entailed - own),
        frozenset(triple for triple, _ in said) | owners,
        frozenset(),
        page,
        pages,
    )
    return replace(shown, names=_names(ask, {iri, *_NAMES, *_iris(shown.triples)}))


def _page(ask: Ask, pattern: str, page: int) -> tuple[list[tuple[Triple, NamedNode]], int]:
    """The rows of a page that match a pattern, and how many pages there are.

    Where the solutions have no order they are put in one here: ORDER BY takes ten times as long.
    """
    query, start = f"SELECT ?s ?p ?o ?g WHERE {pattern}", (page - 1) * PAGE
    rows = _rows(ask(f"{query} OFFSET {start} LIMIT {PAGE + 1}"))
    if page == 1 and len(rows) <= PAGE:
        return rows, 1
    if ask.stable:
        count = int(next(ask(f"SELECT (COUNT(*) AS ?n) WHERE {pattern}"))["n"].value)
        rows = rows[:PAGE]
    else:
        every = sorted(_rows(ask(query)), key=lambda row: [str(term) for term in row[0]])
        count, rows = len(every), every[start : start + PAGE]
    pages = max(1, -(-count // PAGE))
    if page > pages:
        raise NotFound(f"there is no page {page}; the last one is {pages}")
    return rows, pages


def _rows(solutions: QuerySolutions) -> list[tuple[Triple, NamedNode]]:
    return [(Triple(row[0], row[1], row[2]), row[3]) for row in solutions]


def _triples(solutions: QuerySolutions) -> frozenset[Triple]:
    return frozenset(Triple(row[0], row[1], row[2]) for row in solutions)


def _names(ask: Ask, iris: Iterable[str]) -> frozenset[Triple]:
    lists = {"iris": " ".join(f"<{iri}>" for iri in sorted(iris)), "names": ", ".join(f"<{name}>" for name in _NAMES)}
    return _triples(ask(_LABELS % lists))


def labels(readers: Readers, iris: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of those things that have one, in a language, else in any other."""
    known = sorted(iri for iri in iris if is_iri(iri))
    none = frozenset[Triple]()
    found = Description("", none, none, none, none, readers.asking(_named, tuple(known))[1])
    return {iri: label for iri in known if (label := found.label(iri, language))}


def _named(ask: Ask, version: int, iris: tuple[str, ...]) -> frozenset[Triple]:
    del version
    return _names(ask, iris)


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
