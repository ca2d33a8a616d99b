"""What a dataset holds, in numbers: what its description tells of a version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, QuerySolutions

from missiegraaf import files
from missiegraaf.engine import embedded
from missiegraaf.engine.embedded import Dataset
from missiegraaf.facts import Facts
from missiegraaf.namespaces import DCT, RDF, SKOS

_COUNT: Final = "SELECT (COUNT(*) AS ?n) WHERE { %s }"
_DISTINCT: Final = "SELECT (COUNT(DISTINCT ?%s) AS ?n) WHERE { ?s ?p ?o }"
_BY: Final = "SELECT ?key (COUNT(*) AS ?n) WHERE { %s } GROUP BY ?key"
# The engine compares terms sooner than it reads them: distinct ones first.
_OTHERS: Final = """SELECT ?o WHERE { { SELECT DISTINCT ?o WHERE { ?s ?p ?o } }
  FILTER(isIRI(?o) && !STRSTARTS(STR(?o), "%s")) }"""
_ROOTS: Final = f"SELECT ?scheme WHERE {{ ?scheme a <{SKOS}ConceptScheme> }}"
_DAYS: Final = """SELECT (MIN(?day) AS ?first) (MAX(?day) AS ?last) WHERE {
  ?period <%(own)sfirstDay>|<%(own)slastDay> ?day }"""
_CREATED: Final = f"SELECT ?day WHERE {{ <%s> <{DCT}created> ?day }}"


def gather(dataset: Dataset, base_iri: str, version: int, time: str) -> Facts:
    """Return what is known of a version, made at this time (xsd:dateTime); its files are not.

    The default graph is counted: what is asserted and what follows, without the log. Links are those that records
    assert, but for the classes of things; examples are the first record of each kind.
    """
    (triples,) = _numbers(dataset, _COUNT % "?s ?p ?o")
    (inferred,) = _numbers(dataset, _COUNT % f"GRAPH <{base_iri}inferred> {{ ?s ?p ?o }}")
    ((first, last),) = _rows(dataset, _DAYS % {"own": base_iri + "def#"})
    start = base_iri + "doc/"
    records = [name.removeprefix(start) for name in embedded.filled_graphs(dataset) if name.startswith(start)]
    classes = _counts(dataset, _BY % "?thing a ?key")
    return Facts(
        version=version,
        time=time,
        issued=next((day for (day,) in _rows(dataset, _CREATED % f"{base_iri}def")), ""),
        asserted=triples - inferred,
        inferred=inferred,
        subjects=sum(_numbers(dataset, _DISTINCT % "s")),
        objects=sum(_numbers(dataset, _DISTINCT % "o")),
        records=len(records),
        first_day=first,
        last_day=last,
        classes=classes,
        properties=_counts(dataset, _BY % "?s ?key ?o"),
        links=_links(dataset, base_iri, classes),
        examples=tuple(base_iri + "id/" + name for name in _first_of_each_kind(records)),
        roots=tuple(sorted(scheme for (scheme,) in _rows(dataset, _ROOTS))),
    )


def _links(dataset: Dataset, base_iri: str, classes: Mapping[str, int]) -> dict[str, int]:
    """How many triples of records lead to things of others, by the namespace or the site of these."""
    namespaces, found = files.prefixes(base_iri).values(), Counter[str]()
    for (iri,) in _rows(dataset, _OTHERS % base_iri):
        if iri not in classes:
            quads = dataset.quads_for_pattern(None, None, NamedNode(iri), None)
            asserted = [quad for quad in quads if str(quad.graph_name).startswith(f"<{base_iri}doc/")]
            found[_start(iri, namespaces)] += sum(quad.predicate.value != RDF + "type" for quad in asserted)
    return {start: number for start, number in sorted(found.items()) if number}


def _start(iri: str, namespaces: Iterable[str]) -> str:
    """The namespace of a term, the site of any other thing, or the scheme of what is on no site."""
    known = [namespace for namespace in namespaces if iri.startswith(namespace)]
    site = urlsplit(iri)
    return max(known, key=len) if known else f"{site.scheme}://{site.netloc}/" if site.netloc else f"{site.scheme}:"


def _first_of_each_kind(records: Iterable[str]) -> list[str]:
    kinds: dict[str, str] = {}
    for name in records:
        kinds.setdefault(name.partition("/")[0], name)
    return list(kinds.values())


def _counts(dataset: Dataset, query: str) -> dict[str, int]:
    return {key: int(number) for key, number in sorted(_rows(dataset, query)) if key}


def _numbers(dataset: Dataset, query: str) -> list[int]:
    return [int(number) for (number,) in _rows(dataset, query)]


def _rows(dataset: Dataset, query: str) -> list[tuple[str, ...]]:
    """The rows of a query, each term as its text, what is unbound or a blank node as none."""
    found = dataset.query(query)
    if not isinstance(found, QuerySolutions):
        raise TypeError(f"{query} is no SELECT")
    return [tuple(getattr(term, "value", "") for term in row) for row in found]
