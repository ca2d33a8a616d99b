"""The constraint components that look at one value for itself (SHACL 4.1, 4.3, 4.4, and parts of 4.2 and 4.8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib import Graph
from rdflib.namespace import RDF, RDFS, SH, XSD
from rdflib.term import Node

from missiegraaf.validation.conditions import Doubt, Unsupported, named, plain
from missiegraaf.validation.triples import Term, to_node

TermTest = Callable[[Term], bool]
_ORDERED: Final = {XSD.integer, XSD.decimal, XSD.date}
_KINDS: Final[Mapping[str, type]] = {"IRI": NamedNode, "Literal": Literal, "BlankNode": BlankNode}


def _datatype(_: Graph, value: Node) -> TermTest:
    datatype, is_text = named(value), value in {XSD.string, RDF.langString}
    if value in {RDFS.Literal, RDFS.Datatype}:  # pySHACL takes these for all literals
        raise Unsupported(value)

    def right(term: Term) -> bool:
        if not isinstance(term, Literal) or term.datatype != datatype:
            return False
        if not is_text and getattr(to_node(term), "ill_typed", None) is not False:
            raise Doubt
        return True

    return right


def _node_kind(_: Graph, value: Node) -> TermTest:
    kinds = tuple(cls for word, cls in _KINDS.items() if word in str(value).removeprefix(str(SH)))
    return lambda term: isinstance(term, kinds)


def _pattern(_: Graph, value: Node) -> TermTest:
    try:
        search = re.compile(str(value)).search
    except re.error as error:
        raise Unsupported(SH.pattern) from error
    return lambda term: isinstance(term, NamedNode | Literal) and search(term.value) is not None


def _language_in(shapes: Graph, value: Node) -> TermTest:
    languages = {str(node).lower() for node in shapes.items(value)}
    if any(not tag.isalpha() for tag in languages):
        raise Unsupported(SH.languageIn)
    return lambda term: isinstance(term, Literal) and (term.language or "").split("-")[0].lower() in languages


def _in(shapes: Graph, value: Node) -> TermTest:
    return {plain(node) for node in shapes.items(value)}.__contains__


def _min_inclusive(_: Graph, value: Node) -> TermTest:
    return lambda term: in_order(value, to_node(term))


def in_order(one: Node, other: Node) -> bool:
    """Tell whether two literals of one datatype stand in order; doubts what is not surely comparable."""
    if not (isinstance(one, rdflib.Literal) and isinstance(other, rdflib.Literal)):
        raise Doubt
    if one.datatype != other.datatype or one.datatype not in _ORDERED or one.ill_typed or other.ill_typed:
        raise Doubt
    return bool(one <= other)


TERMS: Final[Mapping[Node, Callable[[Graph, Node], TermTest]]] = {
    SH.datatype: _datatype,
    SH.nodeKind: _node_kind,
    SH.pattern: _pattern,
    SH.languageIn: _language_in,
    SH["in"]: _in,
    SH.minInclusive: _min_inclusive,
}
