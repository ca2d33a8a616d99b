"""Shapes to checks: which nodes surely conform, and what a check reads.

A check says true or false as pySHACL would, or doubts. pySHACL has the last word on all that is not true.
"""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS, SH, XSD
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from missiegraaf.validation.paths import SELF, Alternative, Path, Read, Repeated, Step, after, then
from missiegraaf.validation.reach import query_reads
from missiegraaf.validation.triples import SUBCLASS, TYPE, Term, Triples, to_node, to_term

Test = Callable[[Triples, Term], bool]
SetTest = Callable[[Triples, Term, Collection[Term]], bool]  # of a focus node and its value nodes
Condition = tuple[Test, tuple[Read, ...] | None]
SetCondition = tuple[SetTest, tuple[Read, ...] | None]

# What says nothing about conformance, or is read beside another parameter.
_SILENT: Final = {
    *(SH.path, SH.name, SH.message, SH.description, SH.order, SH.group, SH.defaultValue, SH.severity, SH.prefixes),
    *(SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf),
    *(SH.qualifiedMinCount, SH.qualifiedMaxCount),
}
_ORDERED: Final = {XSD.integer, XSD.decimal, XSD.date}
_THIS: Final = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|<[^<>"{}|^`\\\s]*>|#[^\n]*|([$?]this\b)""")
# What SHACL forbids in a query, binds beside $this, or hides from a plain look at the text.
_BEYOND: Final = re.compile(
    r"(?i)\b(minus|values|service|shapesGraph|currentShape)\b|\\$PATH\b|\bas\s+[?$]this\b|select.*\bselect\b|['\"]{3}",
    re.S,
)
INSTANCE: Final = then(Step(TYPE), Repeated(Step(SUBCLASS), 0, again=True))
INSTANCE_READS: Final = tuple(INSTANCE.reads())


class Unsupported(Exception):
    """A shape says something that only pySHACL understands."""


class Doubt(Exception):
    """Whether a node conforms is for pySHACL to tell."""


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
            if parameter in _SILENT or parameter in without:
                continue
            if parameter in _TERMS:
                tests.append(_of_terms(_TERMS[parameter](self, value)))
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

        return Check(passes, _both(read))

    def path(self, node: Node) -> Path:
        """Return a path of the shapes graph (SHACL 2.3.1). Raises Unsupported."""
        if isinstance(node, URIRef):
            return Step(_named(node))
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

    def query(self, constraint: Node) -> Condition:
        """Return the condition of a SPARQL constraint (SHACL 5.3). Raises Unsupported."""
        texts = [str(text) for text in self.shapes.objects(constraint, SH.select)]
        said = {p for p in self.shapes.predicates(constraint) if str(p).startswith(str(SH))}
        if len(self._open) > 1 or said - _SILENT != {SH.select} or len(texts) != 1 or _BEYOND.search(texts[0]):
            raise Unsupported(SH.sparql)
        declared = {
            str(self.shapes.value(node, SH.prefix)): str(self.shapes.value(node, SH.namespace))
            for owner in self.shapes.objects(constraint, SH.prefixes)
            for node in self.shapes.objects(owner, SH.declare)
        }
        prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in declared.items())
        try:
            prepared = prepareQuery(prefixes + texts[0])
        except Exception as error:  # rdflib raises many kinds; pySHACL tells
            raise Unsupported(SH.sparql) from error
        head, brace, body = texts[0].partition("{")
        pieces = _around_this(body)

        def holds(triples: Triples, focus: Term) -> bool:
            if not isinstance(focus, NamedNode):
                raise Doubt
            # Pre-binding puts the node in the place of the variable (SHACL 5.3.1), in the head apart.
            try:
                rows = triples.has_rows(prefixes + head + brace + str(focus).join(pieces))
            except SyntaxError as error:  # a node cannot stand in every place of a variable
                raise Doubt from error
            if rows is None:
                rows = bool(triples.graph.query(prepared, initBindings={"this": to_node(focus)}))
            return not rows

        return holds, query_reads(prepared)


def _around_this(text: str) -> list[str]:
    """Return the text between the places of `$this`, literals, IRIs and comments left alone."""
    ends = [0, *(end for match in _THIS.finditer(text) if match[1] for end in match.span(1)), len(text)]
    return [text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]


def _both(reads: Iterable[tuple[Read, ...] | None]) -> tuple[Read, ...] | None:
    found = list(reads)
    return None if None in found else tuple(dict.fromkeys(read for some in found for read in some or ()))


def _of_terms(right: Callable[[Term], bool]) -> SetTest:
    return lambda _triples, _focus, values: all(map(right, values))


def _of_nodes(holds: Test) -> SetTest:
    return lambda triples, _focus, values: all(holds(triples, node) for node in values)


def _named(node: Node) -> NamedNode:
    if not isinstance(node, URIRef):
        raise Unsupported("an IRI was expected")
    return NamedNode(str(node))


def _plain(node: Node) -> Term:
    """Return a term to compare with: pySHACL tells "a" from "a"^^xsd:string, which RDF 1.1 does not."""
    if isinstance(node, rdflib.Literal) and node.datatype == XSD.string:
        raise Unsupported(XSD.string)
    return to_term(node)


def _datatype(_: Compiler, value: Node) -> Callable[[Term], bool]:
    datatype, plain = _named(value), value in {XSD.string, RDF.langString}
    if value in {RDFS.Literal, RDFS.Datatype}:  # pySHACL takes these for all literals
        raise Unsupported(value)

    def right(term: Term) -> bool:
        if not isinstance(term, Literal) or term.datatype != datatype:
            return False
        if not plain and getattr(to_node(term), "ill_typed", None) is not False:
            raise Doubt
        return True

    return right


def _node_kind(_: Compiler, value: Node) -> Callable[[Term], bool]:
    kinds = tuple(cls for word, cls in _KINDS.items() if word in str(value).removeprefix(str(SH)))
    return lambda term: isinstance(term, kinds)


def _pattern(_: Compiler, value: Node) -> Callable[[Term], bool]:
    try:
        search = re.compile(str(value)).search
    except re.error as error:
        raise Unsupported(SH.pattern) from error
    return lambda term: isinstance(term, NamedNode | Literal) and search(term.value) is not None


def _language_in(c: Compiler, value: Node) -> Callable[[Term], bool]:
    languages = {str(node).lower() for node in c.items(value)}
    if any(not tag.isalpha() for tag in languages):
        raise Unsupported(SH.languageIn)
    return lambda term: isinstance(term, Literal) and (term.language or "").split("-")[0].lower() in languages


def _in(c: Compiler, value: Node) -> Callable[[Term], bool]:
    return {_plain(node) for node in c.items(value)}.__contains__


def _min_inclusive(_: Compiler, value: Node) -> Callable[[Term], bool]:
    return lambda term: _in_order(value, to_node(term))


def _in_order(one: Node, other: Node) -> bool:
    """Tell whether two literals of one datatype stand in order; doubts what is not surely comparable."""
    if not (isinstance(one, rdflib.Literal) and isinstance(other, rdflib.Literal)):
        raise Doubt
    if one.datatype != other.datatype or one.datatype not in _ORDERED or one.ill_typed or other.ill_typed:
        raise Doubt
    return bool(one <= other)


def _class(_: Compiler, value: Node) -> Condition:
    cls = _named(value)
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

        return condition, _both(reads for _, reads in inner)

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
    wanted = _plain(value)
    return lambda _triples, _focus, values: wanted in values, ()


def _disjoint(_: Compiler, __: Node, value: Node) -> SetCondition:
    other = Step(_named(value))
    return lambda triples, focus, values: not {*values} & {*other.nodes(triples, focus)}, ((SELF, other),)


def _less_or_equal(_: Compiler, __: Node, value: Node) -> SetCondition:
    other = Step(_named(value))

    def holds(triples: Triples, focus: Term, values: Collection[Term]) -> bool:
        bounds = [to_node(term) for term in other.nodes(triples, focus)]
        return all(_in_order(to_node(term), bound) for term in values for bound in bounds)

    return holds, ((SELF, other),)


def _sparql(c: Compiler, _: Node, value: Node) -> SetCondition:
    holds, reads = c.query(value)
    return lambda triples, focus, _values: holds(triples, focus), reads


def _qualified(c: Compiler, shape: Node, value: Node) -> SetCondition:
    if len(list(c.shapes.objects(shape, SH.qualifiedValueShape))) > 1:
        raise Unsupported(SH.qualifiedValueShape)
    least, most = c.number(shape, SH.qualifiedMinCount, 0), c.number(shape, SH.qualifiedMaxCount, sys.maxsize)
    passes, reads = c.conforming(value)

    def holds(triples: Triples, _: Term, values: Collection[Term]) -> bool:
        return least <= sum(passes(triples, node) for node in values) <= most

    return holds, reads


_KINDS: Final[Mapping[str, type]] = {"IRI": NamedNode, "Literal": Literal, "BlankNode": BlankNode}
_PATHS: Final[Mapping[URIRef, Callable[[Compiler, Node], Path]]] = {
    SH.inversePath: lambda c, node: c.path(node).inverse(),
    SH.alternativePath: lambda c, node: Alternative(tuple(map(c.path, c.items(node)))),
    SH.zeroOrOnePath: lambda c, node: Repeated(c.path(node), 0, again=False),
    SH.zeroOrMorePath: lambda c, node: Repeated(c.path(node), 0, again=True),
    SH.oneOrMorePath: lambda c, node: Repeated(c.path(node), 1, again=True),
}
# On each value node for itself.
_TERMS: Final[Mapping[Node, Callable[[Compiler, Node], Callable[[Term], bool]]]] = {
    SH.datatype: _datatype,
    SH.nodeKind: _node_kind,
    SH.pattern: _pattern,
    SH.languageIn: _language_in,
    SH["in"]: _in,
    SH.minInclusive: _min_inclusive,
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
