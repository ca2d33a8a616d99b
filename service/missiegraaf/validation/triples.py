"""The asserted triples under validation: looked up when asked for, so that only what shapes read is ever fetched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, Final

import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple
from rdflib.graph import Graph
from rdflib.store import Store
from rdflib.term import Identifier, Node

from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.namespaces import RDF, RDFS, XSD

Term = NamedNode | BlankNode | Literal | Triple
Home = Callable[[NamedNode | BlankNode], NamedNode]
_FEW: Final = 100  # quads
TYPE, SUBCLASS = NamedNode(RDF + "type"), NamedNode(RDFS + "subClassOf")


class Triples:
    """The triples of a dataset's graphs, except those in `hidden`, as they are after a Change.

    What was looked up is kept, so an object serves one state of the dataset and no longer. Where `home` tells the one
    graph of the dataset in which a subject's triples stand, no other is searched for them.
    """

    def __init__(
        self,
        dataset: Dataset,
        hidden: Iterable[NamedNode | DefaultGraph] = (),
        removed: Iterable[Quad] = (),
        added: Iterable[Quad] = (),
        home: Home | None = None,
    ) -> None:
        self._dataset, self._home = dataset, home
        self._hidden = frozenset(hidden)
        self.altered = False
        # Through a dataset, since that makes literals canonical.
        self._added = in_memory(quad for quad in added if quad.graph_name not in self._hidden)
        self._adds = len(self._added) > 0  # asked once: the engine counts them
        self._removed = set(in_memory(removed)) - set(self._added)
        self._objects: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._subjects: dict[tuple[Term, NamedNode | None], Collection[Term]] = {}
        self._few: dict[Term, Collection[Triple] | None] = {}
        self._classes: dict[Term, frozenset[Term]] = {}
        self._above: dict[Term, frozenset[Term]] = {}
        self.verdicts: dict[tuple[int, Term], bool] = {}

    def match(self, subject: Any, predicate: Any, obj: Any) -> Collection[Triple]:
        """Return the triples of a pattern, None for anything; each once."""
        if isinstance(subject, Literal):
            return ()
        place = self._home(subject) if self._home and subject is not None else None
        found = {
            quad.triple: None
            for quad in self._dataset.quads_for_pattern(subject, predicate, obj, place)
            if quad.graph_name not in self._hidden and (not self._removed or quad not in self._removed)
        }
        if self._adds:
            found |= {quad.triple: None for quad in self._added.quads_for_pattern(subject, predicate, obj, None)}
        return found

    def in_graph(self, name: Any) -> set[Term]:
        """Return the subjects of one graph."""
        quads = set(self._dataset.quads_for_pattern(None, None, None, name)) - self._removed
        return {quad.subject for quad in (*quads, *self._added.quads_for_pattern(None, None, None, name))}

    def objects(self, subject: Term, predicate: NamedNode | None) -> list[Term]:
        """Return the objects of a subject's triples, each once."""
        known = self._of(subject)
        if predicate is None:
            return list(dict.fromkeys(term for terms in known.values() for term in terms))
        return known.get(predicate, [])

    def predicates(self, subject: Term) -> Collection[NamedNode]:
        """Return the predicates of a subject's triples, each once."""
        return self._of(subject).keys()

    def _of(self, subject: Term) -> dict[NamedNode, list[Term]]:
        known = self._objects.get(subject)
        if known is None:
            known = self._objects[subject] = {}
            for triple in self.match(subject, None, None):
                known.setdefault(triple.predicate, []).append(triple.object)
        return known

    def subjects(self, obj: Term, predicate: NamedNode | None) -> Collection[Term]:
        """Return the subjects of the triples with an object, each once."""
        known = self._subjects.get((obj, predicate))
        if known is None:
            few = self._pointing(obj)
            found = self.match(None, predicate, obj) if few is None else few
            known = {t.subject: None for t in found if predicate is None or t.predicate == predicate}
            self._subjects[obj, predicate] = known
        return known

    def _pointing(self, obj: Term) -> Collection[Triple] | None:
        """Return all triples with an object, None where they may be many: then each predicate is looked up apart."""
        if obj not in self._few:
            quads = list(islice(self._dataset.quads_for_pattern(None, None, obj, None), _FEW))
            self._few[obj] = self.match(None, None, obj) if len(quads) < _FEW else None
        return self._few[obj]

    def above(self, cls: Term) -> frozenset[Term]:
        """Return a class and those it is a subclass of."""
        known = self._above.get(cls)
        if known is None:
            found, edge = set(), [cls]
            while edge:
                node = edge.pop()
                if node not in found:
                    found.add(node)
                    edge.extend(self.objects(node, SUBCLASS))
            known = self._above[cls] = frozenset(found)
        return known

    def is_instance(self, node: Term, cls: Term) -> bool:
        """Tell whether a node is a SHACL instance of a class (SHACL 1.1, terminology)."""
        known = self._classes.get(node)
        if known is None:
            above = [self.above(given) for given in self.objects(node, TYPE)]
            known = self._classes[node] = frozenset().union(*above)
        return cls in known

    @property
    def dataset(self) -> Dataset | None:
        """The dataset, where it holds just these triples, so that it may be asked itself."""
        return None if self._hidden or self._removed or self._adds else self._dataset

    @cached_property
    def graph(self) -> Graph:
        """The triples as rdflib reads them; it fetches what is asked of it."""
        return Graph(store=_View(self))


def whole(triples: Iterable[Triple]) -> Triples:
    """Return the triples of a graph, in memory; `altered` where the store does not keep them to the letter."""
    quads = [Quad(t.subject, t.predicate, t.object) for t in triples]
    dataset = in_memory(quads)
    found = Triples(dataset)
    found.altered = not set(dataset).issuperset(quads)
    return found


class _View(Store):
    context_aware = graph_aware = True  # pySHACL asks for it

    def __init__(self, triples: Triples) -> None:
        super().__init__()
        self._triples = triples
        self._nodes: dict[Term, Identifier] = {}

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:  # noqa: ARG002
        pattern = [None if node is None else to_term(node) for node in triple_pattern]
        for triple in self._triples.match(*pattern):
            yield (self._node(triple.subject), self._node(triple.predicate), self._node(triple.object)), iter(())

    def __len__(self, context: Any = None) -> int:
        # pySHACL asks before each result whether there is anything in the graph; to count it all would cost more.
        return 1

    def _node(self, term: Term) -> Identifier:
        known = self._nodes.get(term)
        if known is None:
            known = self._nodes[term] = to_node(term)
        return known


def to_term(node: Node) -> Term:
    """Return an rdflib node as a term of the store."""
    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(node.datatype or XSD + "string"))
    return BlankNode(str(node)) if isinstance(node, rdflib.BNode) else NamedNode(str(node))


def to_node(term: Term) -> Identifier:
    """Return a term of the store as an rdflib node; strings have no datatype there, as its parsers give them."""
    if isinstance(term, Literal):
        plain = term.language or term.datatype.value == XSD + "string"
        return rdflib.Literal(term.value, term.language, None if plain else term.datatype.value)
    if isinstance(term, Triple):
        raise TypeError("SHACL does not know triple terms")
    return rdflib.BNode(term.value) if isinstance(term, BlankNode) else rdflib.URIRef(term.value)
