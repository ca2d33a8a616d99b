"""What a constraint speaks of: its properties, in which direction, and what it asks of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rdflib import BNode, Graph, URIRef
from rdflib.namespace import RDF, SH, SKOS
from rdflib.term import Node

from missiegraaf.formats.terminals import tokens


@dataclass(frozen=True)
class Mention:
    """A property that a constraint speaks of, with the parameters there; `is_condition` where it asks for none of that.

    Of a parameter that is a list, the members are given. `back` tells that the property is followed backwards.
    """

    path: str
    parameters: Mapping[str, Sequence[Node]]
    is_condition: bool
    back: bool = False

    @property
    def is_unwanted(self) -> bool:
        """True where it may have no value."""
        return any(str(count) == "0" for count in self.values(SH.maxCount))

    def values(self, parameter: URIRef) -> Sequence[Node]:
        """Return what it asks by a parameter, as sh:hasValue."""
        return self.parameters.get(str(parameter), ())


@dataclass(frozen=True)
class Constraint:
    """A constraint of shapes, and the blank nodes of which it is made."""

    shapes: Graph
    node: URIRef

    @cached_property
    def own(self) -> Mapping[str, Sequence[Node]]:
        """Its parameters, by their IRIs."""
        return self._parameters(self.node)

    def values(self, parameter: URIRef) -> Sequence[Node]:
        """Return the values of a parameter of its own."""
        return self.own.get(str(parameter), ())

    @cached_property
    def targets(self) -> Sequence[str]:
        """The classes of which its shape speaks."""
        shapes = {s for link in (SH.property, SH.sparql) for s in self.shapes.subjects(link, self.node)}
        return sorted(str(cls) for shape in shapes for cls in self.shapes.objects(shape, SH.targetClass))

    @cached_property
    def mentions(self) -> Sequence[Mention]:
        """The properties it speaks of, in its order: those it asks for, then conditions, then those it wants out."""
        found = [*self._mentions(self.node, False), *self._in_query()]
        return sorted(found, key=lambda mention: (mention.is_unwanted, mention.is_condition))

    def schemes(self, mention: Mention) -> set[str]:
        """Return the value lists of which one a value must be in, as the node shapes that are named say it."""
        named = [n for p in (SH.node, SH.qualifiedValueShape) for n in mention.values(p) if isinstance(n, URIRef)]
        lists = [self._parameters(rule) for node in named for rule in self.shapes.objects(node, SH.property)]
        asked = [rule for rule in lists if rule[str(SH.path)] == [SKOS.inScheme]]
        return {str(scheme) for rule in asked for p in (SH.hasValue, SH["in"]) for scheme in rule.get(str(p), ())}

    def _mentions(self, node: Node, is_condition: bool) -> Iterator[Mention]:
        parameters = self._parameters(node)
        for path, back in self._properties(self.shapes.value(node, SH.path)):
            yield Mention(path, parameters, is_condition, back)
        for predicate in (SH.property, SH["or"], SH["and"], SH.xone, SH["not"]):
            inner = (value for value in parameters.get(str(predicate), ()) if isinstance(value, BNode))
            for value in inner:
                yield from self._mentions(value, is_condition or predicate == SH["not"])

    def _properties(self, path: Node | None, back: bool = False) -> Iterator[tuple[str, bool]]:
        """The first properties of a path; none of one that only names the node itself (`mgs:self`)."""
        if isinstance(path, URIRef):
            yield str(path), back
        elif path is not None:
            if (path, RDF.first, None) in self.shapes:
                yield from self._properties(self.shapes.value(path, RDF.first), back)
            yield from self._properties(self.shapes.value(path, SH.inversePath), not back)
            for way in (SH.oneOrMorePath, SH.zeroOrMorePath):
                yield from self._properties(self.shapes.value(path, way), back)
            alternatives = self.shapes.value(path, SH.alternativePath)
            for member in self.shapes.items(alternatives) if alternatives else ():
                yield from self._properties(member, back)

    def _parameters(self, node: Node) -> dict[str, list[Node]]:
        """What is said of a node, lists as their members, with what its sh:qualifiedValueShape asks."""
        found: dict[str, list[Node]] = {}
        inner = self.shapes.value(node, SH.qualifiedValueShape)
        for place in (node, inner) if isinstance(inner, BNode) else (node,):
            for predicate, value in sorted(self.shapes.predicate_objects(place), key=self._key):
                is_list = (value, RDF.first, None) in self.shapes and predicate != SH.path
                members = list(self.shapes.items(value)) if is_list else [value]
                found.setdefault(str(predicate), []).extend(members)
        return found

    def _key(self, pair: tuple[Node, Node]) -> tuple[str, ...]:
        """An order that does not depend on the labels of blank nodes."""
        predicate, value = pair
        said = self.shapes.predicate_objects(value) if isinstance(value, BNode) else [(value, value)]
        return str(predicate), *sorted(str(o) for _, o in said if not isinstance(o, BNode))

    def _in_query(self) -> Iterator[Mention]:
        """The names with a prefix in a query of SHACL-SPARQL."""
        names = {
            str(self.shapes.value(declared, SH.prefix)): str(self.shapes.value(declared, SH.namespace))
            for head in self.values(SH.prefixes)
            for declared in self.shapes.objects(head, SH.declare)
        }
        for query in self.values(SH.select):
            for token in tokens(str(query)):
                prefix, colon, local = token.text.partition(":")
                if token.kind == "name" and colon and local and prefix in names:
                    yield Mention(names[prefix] + local, {}, is_condition=False)
