"""Shapes to checks: which nodes surely conform, and what a check reads.

A check says true or false as pySHACL would, or doubts. pySHACL has the last word on all that is not true.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import rdflib
from pyoxigraph import Literal
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from missiegraaf.validation import sparql
from missiegraaf.validation.conditions import (
    SILENT,
    Condition,
    SetCondition,
    SetTest,
    Test,
    Unsupported,
    both,
    named,
    plain,
)
from missiegraaf.validation.paths import SELF, Alternative, Path, Read, Repeated, Step, after, then
from missiegraaf.validation.terms import TERMS, in_order
from missiegraaf.validation.triples import SUBCLASS, TYPE, Term, Triples, to_node

INSTANCE: Final = then(Step(TYPE), Repeated(Step(SUBCLASS), 0, again=True))
INSTANCE_READS: Final = tuple(INSTANCE.reads())


@dataclass(frozen=True)
class Check:
    """Whether a node conforms to a shape, Doubt where that is unsure; what this reads, None where it cannot be told."""

    passes: Test
    reads: tuple[Read, ...] | None


class Compiler:
    """Makes checks of the shapes of one graph."""

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        self._custom = {path for node in shapes.objects(None, SH.parameter) for path in shapes.objects(node, SH.path)}
        self._done: dict[Node, Check] = {}
        self._open: list[Node] = []

    def check(self, shape: Node, without: Collection[Node] = (), outermost: bool = False) -> Check:
        """Return the check of a shape, leaving out the parameters `without`. Raises Unsupported."""
        if shape in self._done and not outermost:
            return self._done[shape]
        if shape in self._open or (not outermost and (shape, SH.severity, None) in self.shapes):
            raise Unsupported("a recursive shape, or a severity that decides on another shape's conformance")
        self._open.append(shape)
        try:
            found = self._compiled(shape, without)
        finally:
            self._open.pop()
        if not outermost:
            self._done[shape] = found
        return found

    def _compiled(self, shape: Node, without: Collection[Node]) -> Check:
        given = self.shapes.value(shape, SH.path)
        path = SELF if given is None else self.path(given)
        tests: list[SetTest] = []
        read: list[tuple[Read, ...] | None] = [tuple(path.reads())]
        for parameter, value in sorted(self.shapes.predicate_objects(shape)):
            if parameter in SILENT or parameter in without:
                continue
            if parameter in TERMS:
                tests.append(_of_terms(TERMS[parameter](self.shapes, value)))
            elif parameter in _NODES:
                holds, reads = _NODES[parameter](self, value)
                tests.append(_of_nodes(holds))
                read.append(after(path, reads))
                if parameter == SH.property and given is not None:  # its results are about the value nodes themselves
                    read.append(((path, Step(None)),))
            elif parameter in _SETS:
                test, reads = _SETS[parameter](self, shape, value)
                tests.append(test)
                read.append(after(path if parameter == SH.qualifiedValueShape else SELF, reads))
            elif parameter in self._custom or str(parameter).startswith(str(SH)):
                raise Unsupported(parameter)

        def passes(triples: Triples, focus: Term) -> bool:
            values = path.nodes(triples, focus)
            return all(test(triples, focus, values) for test in tests)

        return Check(passes, both(read))

    @property
    def nested(self) -> bool:
        """Whether the shape at hand is one that another refers to."""
        return len(self._open) > 1

    def path(self, node: Node) -> Path:
        """Return a path of the shapes graph (SHACL 2.3.1). Raises Unsupported."""
        if isinstance(node, URIRef):
            return Step(named(node))
        if (node, RDF.first, None) in self.shapes:
            return then(*map(self.path, self.shapes.items(node)))
        for kind, make in _PATHS.items():
            for inner in self.shapes.objects(node, kind):
                return make(self, inner)
        raise Unsupported("a path of another kind")

    def items(self, node: Node) -> list[Node]:
        """Return the members of a list."""
        return list(self.shapes.items(node))

    def number(self, shape: Node, parameter: URIRef, otherwise: int) -> int:
        """Return the whole number that a parameter has, `otherwise` where it is not there. Raises Unsupported."""
        values = list(self.shapes.objects(shape, parameter))
        if not values:
            return otherwise
        if len(values) > 1 or not isinstance(values[0], rdflib.Literal) or type(values[0].value) is not int:
            raise Unsupported(parameter)
        return values[0].value

    def conforming(self, shape: Node) -> Condition:
        """Return the condition that a node conforms to another shape, looked at once a node. Raises Unsupported."""
        check = self.check(shape)

        def holds(triples: Triples, node: Term) -> bool:
            key = (id(check), node)
            if key not in triples.verdicts:
                triples.verdicts[key] = check.passes(triples, node)
            return triples.verdicts[key]

        return holds, check.reads


def _of_terms(right: Callable[[Term], bool]) -> SetTest:
    return lambda _triples, _focus, values: all(map(right, values))


def _of_nodes(holds: Test) -> SetTest:
    return lambda triples, _focus, values: all(holds(triples, node) for node in values)


def _class(_: Compiler, value: Node) -> Condition:
    cls = named(value)
    return lambda triples, node: triples.is_instance(node, cls), INSTANCE_READS


def _not(c: Compiler, value: Node) -> Condition:
    holds, reads = c.conforming(value)
    return lambda triples, node: not holds(triples, node), reads


def _joined(enough: Callable[[Iterable[bool]], bool]) -> Callable[[Compiler, Node], Condition]:
    def build(c: Compiler, value: Node) -> Condition:
        inner = [c.conforming(node) for node in c.items(value)]
        tests = [holds for holds, _ in inner]

        def condition(triples: Triples, node: Term) -> bool:
            return enough(holds(triples, node) for holds in tests)

        return condition, both(reads for _, reads in inner)

    return build


def _count(enough: Callable[[int, int], bool], parameter: URIRef) -> Callable[[Compiler, Node, Node], SetCondition]:
    def build(c: Compiler, shape: Node, _: Node) -> SetCondition:
        number = c.number(shape, parameter, 0)
        return lambda _triples, _focus, values: enough(len(values), number), ()

    return build


def _unique_lang(_: Compiler, __: Node, value: Node) -> SetCondition:
    if value != rdflib.Literal(True):
        raise Unsupported(SH.uniqueLang)

    def holds(_: Triples, __: Term, values: Collection[Term]) -> bool:
        tags = [term.language.lower() for term in values if isinstance(term, Literal) and term.language]
        return len(tags) == len(set(tags))

    return holds, ()


def _has_value(_: Compiler, __: Node, value: Node) -> SetCondition:
    wanted = plain(value)
    return lambda _triples, _focus, values: wanted in values, ()


def _disjoint(_: Compiler, __: Node, value: Node) -> SetCondition:
    other = Step(named(value))
    return lambda triples, focus, values: not {*values} & {*other.nodes(triples, focus)}, ((SELF, other),)


def _less_or_equal(_: Compiler, __: Node, value: Node) -> SetCondition:
    other = Step(named(value))

    def holds(triples: Triples, focus: Term, values: Collection[Term]) -> bool:
        bounds = [to_node(term) for term in other.nodes(triples, focus)]
        return all(in_order(to_node(term), bound) for term in values for bound in bounds)

    return holds, ((SELF, other),)


def _sparql(c: Compiler, _: Node, value: Node) -> SetCondition:
    if c.nested:
        raise Unsupported(SH.sparql)
    holds, reads = sparql.condition(c.shapes, value)
    return lambda triples, focus, _values: holds(triples, focus), reads


def _qualified(c: Compiler, shape: Node, value: Node) -> SetCondition:
    if len(list(c.shapes.objects(shape, SH.qualifiedValueShape))) > 1:
        raise Unsupported(SH.qualifiedValueShape)
    least, most = c.number(shape, SH.qualifiedMinCount, 0), c.number(shape, SH.qualifiedMaxCount, sys.maxsize)
    passes, reads = c.conforming(value)

    def holds(triples: Triples, _: Term, values: Collection[Term]) -> bool:
        return least <= sum(passes(triples, node) for node in values) <= most

    return holds, reads


_PATHS: Final[Mapping[URIRef, Callable[[Compiler, Node], Path]]] = {
    SH.inversePath: lambda c, node: c.path(node).inverse(),
    SH.alternativePath: lambda c, node: Alternative(tuple(map(c.path, c.items(node)))),
    SH.zeroOrOnePath: lambda c, node: Repeated(c.path(node), 0, again=False),
    SH.zeroOrMorePath: lambda c, node: Repeated(c.path(node), 0, again=True),
    SH.oneOrMorePath: lambda c, node: Repeated(c.path(node), 1, again=True),
}
# On each value node and what is said of it.
_NODES: Final[Mapping[Node, Callable[[Compiler, Node], Condition]]] = {
    SH["class"]: _class,
    SH.node: lambda c, value: c.conforming(value),
    SH.property: lambda c, value: c.conforming(value),
    SH["not"]: _not,
    SH["and"]: _joined(all),
    SH["or"]: _joined(any),
    SH.xone: _joined(lambda found: sum(found) == 1),
}
# On the value nodes together.
_SETS: Final[Mapping[Node, Callable[[Compiler, Node, Node], SetCondition]]] = {
    SH.minCount: _count(operator.ge, SH.minCount),
    SH.maxCount: _count(operator.le, SH.maxCount),
    SH.uniqueLang: _unique_lang,
    SH.hasValue: _has_value,
    SH.disjoint: _disjoint,
    SH.lessThanOrEquals: _less_or_equal,
    SH.qualifiedValueShape: _qualified,
    SH.sparql: _sparql,
}
