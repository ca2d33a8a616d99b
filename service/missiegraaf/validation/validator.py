"""Which shapes look at which nodes of a graph, or of a Change, and what they say of them.

Checks of our own tell which nodes surely conform (`checks`); pySHACL reports on the others, reading what it needs from
the dataset (`triples`). From a Change to the nodes it may concern lead the paths that shapes read (`paths`, `reach`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, partial

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple
from rdflib import Graph
from rdflib.term import Node

from missiegraaf import files
from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats.writing import to_bytes
from missiegraaf.namespaces import BASE
from missiegraaf.validation import reporter, units
from missiegraaf.validation.paths import Path
from missiegraaf.validation.report import Report
from missiegraaf.validation.targets import Targets
from missiegraaf.validation.triples import Home, Term, Triples, to_term, whole

_Aimed = dict[Targets, list[Node]]


def shapes(base_iri: str = BASE) -> Graph:
    """Return the shapes as one graph."""
    graph = Graph()
    for path in files.rule_files():
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


class Validator:
    """The shapes of a graph, read once; an object serves any number of graphs and Changes."""

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        self._units = units.of(shapes)
        self._split = {node for node, unit in self._units.items() if unit.split}
        self._by_targets: dict[Targets, list[Node]] = defaultdict(list)
        # From a predicate (None: any), to what is read from where, to the targets of the shapes that read it, to those.
        self._readers: dict[NamedNode | None, dict[tuple[Path, bool], _Aimed]] = defaultdict(dict)
        # Each Change may have bearing on every node of these.
        self._far: _Aimed = defaultdict(list)
        for node, unit in self._units.items():
            self._by_targets[unit.targets].append(node)
            if unit.reads is None:
                self._far[unit.targets].append(node)
            for prefix, step in unit.reads or ():
                readers = self._readers[step.predicate].setdefault((prefix.inverse(), step.forward), defaultdict(list))
                readers[unit.targets].append(node)

    def whole(self, triples: Iterable[Triple], focus: Iterable[str] | None = None) -> Report:
        """Return the report on a graph, ontology and records together; `focus` limits it to some nodes, by IRI."""
        given = list(triples)
        data = whole(given)
        return self.report(data, focus, to_graph(given) if data.altered else data.graph)

    def report(self, triples: Triples, focus: Iterable[str] | None, graph: Graph) -> Report:
        """Return the report on triples, of which `graph` is what rdflib reads."""
        nodes = None if focus is None else [NamedNode(iri) for iri in focus]
        found: dict[Node, Collection[Term]] = {}
        for aims, members in self._by_targets.items():
            aimed = _nodes(triples, aims) if nodes is None else _focus(triples, aims, nodes)
            found |= dict.fromkeys(members, aimed)
        return self._report(triples, found, graph)

    def change(
        self,
        dataset: Dataset,
        removed: Collection[Quad],
        added: Collection[Quad],
        inferred: Collection[NamedNode] = (),
        home: Home | None = None,
        looking: Collection[Quad] | None = None,
    ) -> Report:
        """Return the report on a Change as if it were made: on its records, and on what it may concern elsewhere.

        The dataset has each asserted triple in a named graph; `inferred` names those that hold others (the inferred
        triples, the log), and the default graph is not looked at. `home`, where given, tells the graph of a subject.
        The report tells all findings about the nodes of the graphs that the Change touches. About other nodes it tells
        the findings on which the Change may have bearing. With `looking`, a part of the Change, it tells this of that
        part, the rest being made.
        """
        hidden: set[NamedNode | DefaultGraph] = {DefaultGraph(), *inferred}
        after = Triples(dataset, hidden, removed, added, home)
        either = Triples(dataset, hidden, (), added, home) if removed else after
        quads = {q for q in ((*removed, *added) if looking is None else looking) if q.graph_name not in hidden}
        nodes: set[Term] = {quad.subject for quad in quads}
        for name in {quad.graph_name for quad in quads}:
            nodes.update(after.in_graph(name))
        found: dict[Node, set[Term]] = defaultdict(set)

        def look(shapes: Iterable[Node], members: Collection[Term]) -> None:
            for shape in shapes if members else ():
                found[shape].update(members)

        is_focus = cache(partial(_is_focus, after))
        for aims, members in self._by_targets.items():
            look(members, [node for node in nodes if is_focus(aims, node)])
        for aims, members, concerned in self._concerned(either, quads, nodes):
            look(members, [node for node in concerned if is_focus(aims, node)])
        for aims, members in self._far.items():
            look(members, _nodes(after, aims))
        return self._report(after, found, after.graph)

    def _concerned(
        self, either: Triples, quads: Iterable[Quad], nodes: Iterable[Term]
    ) -> Iterator[tuple[Targets, list[Node], Collection[Term]]]:
        """Yield shapes by their targets, with nodes from which they read these triples or anything of these nodes."""
        places: set[tuple[NamedNode | None, Term, bool]]
        places = {(p, q.subject, True) for q in quads for p in (q.predicate, None)}
        places |= {(p, q.object, False) for q in quads for p in (q.predicate, None)}
        places |= {(None, node, True) for node in nodes}
        back: dict[tuple[Path, Term], Collection[Term]] = {}
        for predicate, place, forward in places:
            for (path, way), readers in self._readers.get(predicate, {}).items():
                if way == forward:
                    if (path, place) not in back:
                        back[path, place] = path.nodes(either, place)
                    if found := back[path, place]:
                        yield from ((aims, shapes, found) for aims, shapes in readers.items())

    def _report(self, triples: Triples, nodes: Mapping[Node, Collection[Term]], data: Graph) -> Report:
        suspects = {
            shape: failing
            for shape, members in nodes.items()
            if (failing := self._units[shape].failing(triples, members))
        }
        return reporter.report(data, self.shapes, suspects, self._split) if suspects else Report(())


def _nodes(triples: Triples, targets: Targets) -> set[Term]:
    return {node for target in targets for node in target.nodes(triples)}


def _focus(triples: Triples, targets: Targets, nodes: Iterable[Term]) -> list[Term]:
    return [node for node in nodes if _is_focus(triples, targets, node)]


def _is_focus(triples: Triples, targets: Targets, node: Term) -> bool:
    return any(target.has(triples, node) for target in targets)
