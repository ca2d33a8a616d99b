"""What a check is made of: tests of nodes and of value nodes, and what each of them reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

import rdflib
from pyoxigraph import NamedNode
from rdflib import URIRef
from rdflib.namespace import SH, XSD
from rdflib.term import Node

from missiegraaf.validation.paths import Read
from missiegraaf.validation.triples import Term, Triples, to_term

Test = Callable[[Triples, Term], bool]
SetTest = Callable[[Triples, Term, Collection[Term]], bool]  # of a focus node and its value nodes
Condition = tuple[Test, tuple[Read, ...] | None]
SetCondition = tuple[SetTest, tuple[Read, ...] | None]

# What says nothing about conformance, or is read beside another parameter.
SILENT: Final = {
    *(SH.path, SH.name, SH.message, SH.description, SH.order, SH.group, SH.defaultValue, SH.severity, SH.prefixes),
    *(SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf),
    *(SH.qualifiedMinCount, SH.qualifiedMaxCount),
}


class Unsupported(Exception):
    """A shape says something that only pySHACL understands."""


class Doubt(Exception):
    """Whether a node conforms is for pySHACL to tell."""


def both(reads: Iterable[tuple[Read, ...] | None]) -> tuple[Read, ...] | None:
    """Return all reads; None where some cannot be told."""
    found = list(reads)
    return None if None in found else tuple(dict.fromkeys(read for some in found for read in some or ()))


def named(node: Node) -> NamedNode:
    """Return an IRI as a term of the store. Raises Unsupported."""
    if not isinstance(node, URIRef):
        raise Unsupported("an IRI was expected")
    return NamedNode(str(node))


def plain(node: Node) -> Term:
    """Return a term to compare with: pySHACL tells "a" from "a"^^xsd:string, which RDF 1.1 does not."""
    if isinstance(node, rdflib.Literal) and node.datatype == XSD.string:
        raise Unsupported(XSD.string)
    return to_term(node)
