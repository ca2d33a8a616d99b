"""Which shapes look at which nodes of a graph, or of a Change, and what they say of them.

Checks of our own tell which nodes surely conform (`checks`); pySHACL reports on the others, reading what it needs from
the dataset (`triples`). From a Change to the nodes it may concern lead the paths that shapes read (`paths`, `reach`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyshacl
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple
from pyshacl.errors import ReportableRuntimeError
from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as QueryResult
from rdflib.term import Node

from missiegraaf import files
from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import UnusableShapes
from missiegraaf.formats.writing import to_bytes
from missiegraaf.namespaces import BASE
from missiegraaf.validation.checks import INSTANCE, Check, Compiler, Doubt, Unsupported
from missiegraaf.validation.paths import SELF, Path, Read, Step
from missiegraaf.validation.report import Report, empty, of_graph
from missiegraaf.validation.triples import TYPE, Term, Triples, to_node, to_term, whole

_TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
_Suspects = Mapping[Node, Collection[Term]]


def shapes(base_iri: str = BASE) -> Graph:
    """Return the shapes as one graph."""
    graph = Graph()
    for path in files.turtle_files("shapes"):
        graph.parse(data=files.text(path, base_iri), format="turtle")
    return graph


def to_graph(triples: Iterable[Triple]) -> Graph:
    """Return triples of the store as a graph of rdflib."""
    content = to_bytes(triples, RdfFormat.N_TRIPLES)
    return Graph().parse(data=content, format="nt")


def validate(data: Graph, shapes: Graph | Validator, focus: Iterable[str] | None = None) -> Report:
    """Return the report on `data`, ontology and records together, against `shapes`; `focus` limits it to some nodes.

    Inference is not run: what the shapes need of it, the classes above a class, they read from the ontology.
    """
    validator = shapes if isinstance(shapes, Validator) else Validator(shapes)
    triples = whole(Triple(*map(to_term, triple)) for triple in data)  # type: ignore[arg-type]
    return validator.report(triples, focus, data)


@dataclass(frozen=True)
class _Unit:
    """A shape with its targets, apart from the property shapes of a node shape: those are units of their own."""

    targets: frozenset[tuple[Node, Node]]
    split: bool
    check: Check | None


class Validator:
    """The shapes of a graph, read once; an object serves any number of graphs and Changes."""

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes
        self._units = _units(shapes)
        self._by_target: dict[tuple[Node, Node], list[Node]] = defaultdict(list)
        # From a predicate (None: any), to what is read from where, to the shapes that read it.
        self._readers: dict[NamedNode | None, dict[tuple[Path, bool], list[Node]]] = defaultdict(dict)
        self._objects_of = {NamedNode(str(value)) for value in shapes.objects(None, SH.targetObjectsOf)}
        # Each Change may have bearing on every node of these.
        self._far = [node for node, unit in self._units.items() if unit.check is None or unit.check.reads is None]
        for node, unit in self._units.items():
            for target in unit.targets:
                self._by_target[target].append(node)
            if unit.check is not None and unit.check.reads is not None:
                aims = (read for kind, value in unit.targets for read in _target_reads(kind, to_term(value)))
                for prefix, step in {*unit.check.reads, *aims}:
                    self._readers[step.predicate].setdefault((prefix.inverse(), step.forward), []).append(node)

    def whole(self, triples: Iterable[Triple], focus: Iterable[str] | None = None) -> Report:
        """Return the report on a graph, ontology and records together; `focus` limits it to some nodes, by IRI."""
        given = list(triples)
        data = whole(given)
        return self.report(data, focus, to_graph(given) if data.altered else data.graph)

    def report(self, triples: Triples, focus: Iterable[str] | None, graph: Graph) -> Report:
        """Return the report on triples, of which `graph` is what rdflib reads."""
        if focus is not None:
            return self._report(triples, self._of_nodes(triples, map(NamedNode, focus)), graph)
        found = {targets: _targets(triples, targets) for targets in {unit.targets for unit in self._units.values()}}
        return self._report(triples, {node: found[unit.targets] for node, unit in self._units.items()}, graph)

    def change(
        self,
        dataset: Dataset,
        removed: Collection[Quad],
        added: Collection[Quad],
        inferred: Collection[NamedNode] = (),
    ) -> Report:
        """Return the report on a Change as if it were made: on its records, and on what it may concern elsewhere.

        The dataset has each asserted triple in a named graph; `inferred` names those that hold others (the inferred
        triples, the log), and the default graph is not looked at. The report tells all findings about the nodes of the
        graphs that the Change touches. About other nodes it tells the findings on which the Change may have bearing.
        """
        hidden: set[NamedNode | DefaultGraph] = {DefaultGraph(), *inferred}
        after = Triples(dataset, hidden, removed, added)
        either = Triples(dataset, hidden, (), added)
        quads = {quad for quad in (*removed, *added) if quad.graph_name not in hidden}
        nodes: set[Term] = {quad.subject for quad in quads}
        for name in {quad.graph_name for quad in quads}:
            nodes.update(after.in_graph(name))
        found: dict[Node, set[Term]] = defaultdict(set)
        for unit, members in self._of_nodes(after, nodes).items():
            found[unit].update(members)
        kept: dict[Term, frozenset[Node]] = {}
        for unit, node in self._concerned(either, quads, nodes):
            if node not in kept:
                kept[node] = frozenset(self._units_of(after, node))
            if unit in kept[node]:
                found[unit].add(node)
        for unit in self._far:
            found[unit].update(_targets(after, self._units[unit].targets))
        return self._report(after, found, after.graph)

    def _concerned(self, either: Triples, quads: Iterable[Quad], nodes: Iterable[Term]) -> Iterator[tuple[Node, Term]]:
        """Yield shapes, and nodes from which they read one of these triples or anything about one of these nodes."""
        places: set[tuple[NamedNode | None, Term, bool]]
        places = {(p, q.subject, True) for q in quads for p in (q.predicate, None)}
        places |= {(p, q.object, False) for q in quads for p in (q.predicate, None)}
        places |= {(None, node, True) for node in nodes}
        back: dict[tuple[Path, Term], Collection[Term]] = {}
        for predicate, place, forward in places:
            for (path, way), units in self._readers.get(predicate, {}).items():
                if way == forward:
                    if (path, place) not in back:
                        back[path, place] = path.nodes(either, place)
                    yield from ((unit, node) for node in back[path, place] for unit in units)

    def _of_nodes(self, triples: Triples, nodes: Iterable[Term]) -> dict[Node, list[Term]]:
        found: dict[Node, list[Term]] = defaultdict(list)
        for node in nodes:
            for unit in self._units_of(triples, node):
                found[unit].append(node)
        return found

    def _units_of(self, triples: Triples, node: Term) -> dict[Node, None]:
        """Return the shapes of which a node is a focus node."""
        classes = {cls for given in triples.objects(node, TYPE) for cls in triples.above(given)}
        hits = [(SH.targetClass, cls) for cls in classes]
        hits += [(SH.targetSubjectsOf, triple.predicate) for triple in triples.match(node, None, None)]
        hits += [(SH.targetObjectsOf, p) for p in self._objects_of if triples.subjects(node, p)]
        hits.append((SH.targetNode, node))
        return {unit: None for kind, term in hits for unit in self._by_target.get((kind, to_node(term)), ())}

    def _report(self, triples: Triples, nodes: _Suspects, data: Graph) -> Report:
        # What the store writes otherwise ("4"^^xsd:int) only pySHACL sees as it was given: then it looks at everything.
        suspects = {
            unit: failing
            for unit, members in nodes.items()
            if (failing := _failing(None if triples.altered else self._units[unit].check, triples, members))
        }
        if not suspects:
            return empty()
        try:
            _, graph, _ = pyshacl.validate(
                PreparedQueries(store=data.store, identifier=data.identifier),
                shacl_graph=self._aimed(suspects),
                inference="none",
                advanced=False,
                inplace=True,
            )
        except ReportableRuntimeError as error:
            raise UnusableShapes(str(error)) from None
        if not isinstance(graph, Graph):  # it is the failure
            raise UnusableShapes(str(graph))
        return of_graph(graph, self._shapes)

    def _aimed(self, suspects: _Suspects) -> Graph:
        """Return the suspected shapes, and what they refer to, aimed at the suspected nodes.

        Narrowed targets, since pySHACL's own `focus_nodes` also skips the nodes that sh:node, sh:or and sh:not look at,
        so that such conditions pass, or fail, unseen.
        """
        aimed = Graph()
        left_out = {(RDF.type, cls) for cls in _classes(self._shapes)}
        edge = [*suspects, *self._shapes.subjects(SH.parameter), *self._shapes.subjects(SH.declare)]
        done: set[Node] = set()
        while edge:
            node = edge.pop()
            if node not in done:
                done.add(node)
                for predicate, value in self._shapes.predicate_objects(node):
                    apart = predicate == SH.property and node in self._units and self._units[node].split
                    if not apart and predicate not in _TARGETS and (predicate, value) not in left_out:
                        aimed.add((node, predicate, value))
                        edge.append(value)
        for shape, nodes in suspects.items():
            for term in nodes:
                aimed.add((shape, SH.targetNode, to_node(term)))
        return aimed


class PreparedQueries(Graph):
    """A view of a graph that parses each query once: pySHACL asks the same one of every focus node.

    Parsing takes 10 to 30 ms where answering takes 0.3 to 3.
    """

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> QueryResult:
        """Answer as Graph.query does."""
        known = tuple(self.namespaces())
        query = _prepared(query_object, known) if isinstance(query_object, str) else query_object
        return super().query(query, *args, **kwargs)


@lru_cache(maxsize=256)
def _prepared(query: str, known: Iterable[tuple[str, Any]]) -> Query:
    return prepareQuery(query, initNs=dict(known))


def _units(shapes: Graph) -> dict[Node, _Unit]:
    """Return the shapes that have targets, and the property shapes of node shapes that have."""
    targets: dict[Node, set[tuple[Node, Node]]] = defaultdict(set)
    for kind in _TARGETS:
        for shape, value in shapes.subject_objects(kind):
            targets[shape].add((kind, value))
    for cls in _classes(shapes):  # implicit class targets (SHACL 2.1.3.3)
        for shape in shapes.subjects(RDF.type, cls):
            targets[shape].add((SH.targetClass, shape))
    found: dict[Node, set[tuple[Node, Node]]] = defaultdict(set)
    whole = {shape for kind in (SH.path, SH.deactivated) for shape in shapes.subjects(kind)}
    apart = (None, SH.qualifiedValueShapesDisjoint, None) not in shapes  # those look at their neighbours
    split = {s for s in targets if apart and s not in whole and (None, None, s) not in shapes}
    for shape, aims in targets.items():
        found[shape] |= aims
        if shape in split:
            for part in shapes.objects(shape, SH.property):
                found[part] |= aims
    compiler = Compiler(shapes)
    return {
        node: _Unit(frozenset(aims), node in split, _check(compiler, node, node in split))
        for node, aims in found.items()
    }


def _check(compiler: Compiler, shape: Node, split: bool) -> Check | None:
    try:
        return compiler.check(shape, {SH.property} if split else (), outermost=True)
    except Unsupported:
        return None


def _classes(shapes: Graph) -> set[Node]:
    return {RDFS.Class, OWL.Class, *shapes.subjects(RDFS.subClassOf, RDFS.Class)}


def _targets(triples: Triples, targets: Iterable[tuple[Node, Node]]) -> set[Term]:
    """Return the focus nodes of targets (SHACL 2.1.3)."""
    found: set[Term] = set()
    for kind, value in targets:
        term = to_term(value)
        if kind == SH.targetClass:
            found.update(INSTANCE.inverse().nodes(triples, term))
        elif kind == SH.targetSubjectsOf:
            found.update(triple.subject for triple in triples.match(None, term, None))
        elif kind == SH.targetObjectsOf:
            found.update(triple.object for triple in triples.match(None, term, None))
        else:
            found.add(term)
    return found


def _target_reads(kind: Node, value: Term) -> Iterable[Read]:
    """Return what tells whether a node is a focus node of a target."""
    if kind == SH.targetClass:
        return INSTANCE.reads()
    return [(SELF, Step(value, kind == SH.targetSubjectsOf))] if isinstance(value, NamedNode) else []


def _failing(check: Check | None, triples: Triples, nodes: Collection[Term]) -> list[Term]:
    return [node for node in nodes if check is None or not _passes(check, triples, node)]


def _passes(check: Check, triples: Triples, node: Term) -> bool:
    try:
        return check.passes(triples, node)
    except Doubt:
        return False
