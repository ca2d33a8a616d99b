"""Targets: which nodes a shape looks at (SHACL 2.1.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode
from rdflib import Graph, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Node

from missiegraaf.validation.checks import INSTANCE, INSTANCE_READS
from missiegraaf.validation.paths import SELF, Read, Step
from missiegraaf.validation.triples import Term, Triples, to_term

_CLASS: Final[URIRef] = SH.targetClass
_SUBJECTS: Final[URIRef] = SH.targetSubjectsOf
_OBJECTS: Final[URIRef] = SH.targetObjectsOf
_NODE: Final[URIRef] = SH.targetNode
KINDS: Final = (_CLASS, _SUBJECTS, _OBJECTS, _NODE)


@dataclass(frozen=True)
class Target:
    """The instances of a class, the subjects or objects of a property, or one node: by `kind`, one of KINDS."""

    kind: URIRef
    term: Term

    def nodes(self, triples: Triples) -> Iterable[Term]:
        """Return the focus nodes."""
        if self.kind == _CLASS:
            return INSTANCE.inverse().nodes(triples, self.term)
        if self.kind == _NODE:
            return [self.term]
        found = triples.match(None, self.term, None)
        return (triple.subject if self.kind == _SUBJECTS else triple.object for triple in found)

    def has(self, triples: Triples, node: Term) -> bool:
        """Tell whether a node is a focus node."""
        if self.kind == _CLASS:
            return triples.is_instance(node, self.term)
        if self.kind == _NODE:
            return node == self.term
        if not isinstance(self.term, NamedNode):
            return False
        return bool((triples.objects if self.kind == _SUBJECTS else triples.subjects)(node, self.term))

    def reads(self) -> Iterable[Read]:
        """Return what `has` reads."""
        if self.kind == _CLASS:
            return INSTANCE_READS
        if self.kind == _NODE or not isinstance(self.term, NamedNode):
            return ()
        return ((SELF, Step(self.term, self.kind == _SUBJECTS)),)


Targets = frozenset[Target]


def of(shapes: Graph) -> dict[Node, Targets]:
    """Return the targets of the shapes that have any, implicit class targets (SHACL 2.1.3.3) among them."""
    found: dict[Node, set[Target]] = defaultdict(set)
    for kind in KINDS:
        for shape, value in shapes.subject_objects(kind):
            found[shape].add(Target(kind, to_term(value)))
    for cls in classes(shapes):
        for shape in shapes.subjects(RDF.type, cls):
            found[shape].add(Target(_CLASS, to_term(shape)))
    return {shape: frozenset(targets) for shape, targets in found.items()}


def classes(shapes: Graph) -> set[Node]:
    """Return the classes whose instances are classes in a shapes graph."""
    return {RDFS.Class, OWL.Class, *shapes.subjects(RDFS.subClassOf, RDFS.Class)}
