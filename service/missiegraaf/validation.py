"""Graph and shapes to report: SHACL, as pySHACL carries it out. The only room that touches pySHACL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import pyshacl
from pyoxigraph import RdfFormat, Triple
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as QueryResult
from rdflib.term import IdentifiedNode, Literal, Node

from missiegraaf import files
from missiegraaf.formats.writing import to_bytes
from missiegraaf.namespaces import BASE

_TARGETS = (SH.targetClass, SH.targetSubjectsOf)


@dataclass(frozen=True)
class Result:
    """One finding: which node breaks which constraint, at which path and value, and how to mend it.

    IRIs and literals are given as text (literals without their type); `message` and `fix` by language tag.
    """

    focus_node: str
    path: str | None
    value: str | None
    severity: str
    constraint: str
    message: Mapping[str, str]
    fix: Mapping[str, str]

    @property
    def order(self) -> tuple[str, str, str, str]:
        """The order of results in a report."""
        return (self.focus_node, self.constraint, self.path or "", self.value or "")


@dataclass(frozen=True)
class Report:
    """A validation report: its results in a fixed order, and as sh:ValidationReport."""

    results: tuple[Result, ...]
    graph: Graph

    @cached_property
    def conforms(self) -> bool:
        """True where no result is a violation: warnings and information do not stop a record."""
        return not any(result.severity == "Violation" for result in self.results)

    def about(self, focus_nodes: Iterable[str]) -> Report:
        """Return the part of the report that is about these focus nodes."""
        wanted = frozenset(focus_nodes)
        return Report(tuple(result for result in self.results if result.focus_node in wanted), self.graph)


def shapes(base_iri: str = BASE) -> Graph:
    """Return the shapes as one graph."""
    graph = Graph()
    for path in files.turtle_files("shapes"):
        graph.parse(data=files.text(path, base_iri), format="turtle")
    return graph


def to_graph(triples: Iterable[Triple]) -> Graph:
    """Return triples of the store as a graph that pySHACL reads."""
    content = to_bytes(triples, RdfFormat.N_TRIPLES)
    return Graph().parse(data=content, format="nt")


def validate(data: Graph, shapes: Graph, focus: Iterable[str] | None = None) -> Report:
    """Return the report on `data`, ontology and records together, against `shapes`.

    `focus` limits it to some focus nodes, by IRI. Inference is not run: what the shapes need of it, the classes
    above a class, they read from the ontology.
    """
    _, graph, _ = pyshacl.validate(
        _PreparedQueries(store=data.store, identifier=data.identifier),
        shacl_graph=shapes if focus is None else _aimed(shapes, data, focus),
        inference="none",
        advanced=False,
        allow_warnings=True,
        inplace=True,
    )
    if not isinstance(graph, Graph):
        raise TypeError("pySHACL gave no report graph")
    # The results of the report itself: those under sh:detail belong to nested shapes.
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    results = {(r := _result(graph, node, shapes)).order: r for node in graph.objects(report, SH.result)}
    return Report(tuple(results[order] for order in sorted(results)), graph)


class _PreparedQueries(Graph):
    """A view of a graph that parses each query once: pySHACL asks the same one of every focus node.

    Parsing takes 10 to 30 ms where answering takes 0.3 to 3.
    """

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> QueryResult:
        query = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(query, *args, **kwargs)


_prepared = lru_cache(maxsize=256)(prepareQuery)


def _aimed(shapes: Graph, data: Graph, focus: Iterable[str]) -> Graph:
    """Return the shapes with their targets narrowed to `focus`, as sh:targetNode.

    pySHACL's own `focus_nodes` also skips the nodes that sh:node, sh:or and sh:not look at, so that such conditions
    pass, or fail, unseen.
    """
    aimed = Graph()
    for triple in shapes:
        if triple[1] not in _TARGETS:
            aimed.add(triple)
    for node in map(URIRef, focus):
        classes = {
            c for asserted in data.objects(node, RDF.type) for c in data.transitive_objects(asserted, RDFS.subClassOf)
        }
        hit = {shape for c in classes for shape in shapes.subjects(SH.targetClass, c)}
        hit |= {shape for p in set(data.predicates(node)) for shape in shapes.subjects(SH.targetSubjectsOf, p)}
        for shape in hit:
            aimed.add((shape, SH.targetNode, node))
    return aimed


def _result(report: Graph, node: Node, shapes: Graph) -> Result:
    source = report.value(node, SH.sourceConstraint)
    constraint = source if isinstance(source, URIRef) else report.value(node, SH.sourceShape)
    return Result(
        focus_node=str(report.value(node, SH.focusNode)),
        path=_text(report.value(node, SH.resultPath)),
        value=_text(report.value(node, SH.value)),
        severity=str(report.value(node, SH.resultSeverity)).removeprefix(str(SH)),
        constraint=str(constraint),
        message=_texts(shapes, constraint, SH.message),
        fix=_texts(shapes, constraint, _fix(shapes)),
    )


def _fix(shapes: Graph) -> URIRef:
    namespace = dict(shapes.namespaces()).get("mgs", URIRef(BASE + "shapes#"))
    return URIRef(namespace + "fix")


def _texts(shapes: Graph, constraint: Node | None, predicate: URIRef) -> dict[str, str]:
    """Texts by language, read from the shape: pySHACL drops the tags of sh:sparql messages."""
    if not isinstance(constraint, IdentifiedNode):
        return {}
    found = [o for o in shapes.objects(constraint, predicate) if isinstance(o, Literal)]
    return {literal.language or "": str(literal) for literal in sorted(found)}


def _text(node: Node | None) -> str | None:
    return str(node) if isinstance(node, URIRef | Literal) else None
