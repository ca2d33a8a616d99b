"""What somebody's shapes may not have, since it is not carried out here and would pass unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdflib import Graph, URIRef
from rdflib.namespace import OWL, SH
from rdflib.term import Node

from missiegraaf.errors import UnusableShapes
from missiegraaf.formats.terminals import tokens
from missiegraaf.validation import targets

# Of SHACL-AF and SHACL-JS, and what would have to be fetched or inferred (SHACL, 3.2: a failure).
_NOT_HERE: Final = (
    *(SH.js, SH.jsFunctionName, SH.jsLibrary, SH.rule, SH.target, SH.expression, SH.returnType),
    *(SH.entailment, OWL.imports),
)
_REFERRING: Final = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
_LISTS: Final = (SH["and"], SH["or"], SH.xone)
_QUERIES: Final = (SH.select, SH.ask)


def expect_usable(shapes: Graph) -> None:
    """Raise UnusableShapes for shapes of which a part would not be asked, or that ask elsewhere or of themselves."""
    for predicate in _NOT_HERE:
        if (None, predicate, None) in shapes:
            raise UnusableShapes(
                f"{predicate.n3(shapes.namespace_manager)} is not carried out here, and nothing is fetched; expected "
                "all shapes in the one document, in SHACL Core or SHACL-SPARQL"
            )
    if not targets.of(shapes):
        raise UnusableShapes("no shape in it has a target; expected sh:targetClass, sh:targetNode or the like")
    for shape in shapes.objects(None, SH.property):
        if (shape, SH.path, None) not in shapes:
            raise UnusableShapes(f"the property shape {_named(shape)} has no sh:path; expected one")
    for predicate in _QUERIES:
        for text in shapes.objects(None, predicate):
            words = {token.text.upper() for token in tokens(str(text)) if token.kind == "word"}
            if found := words & {"FROM", "SERVICE"}:
                raise UnusableShapes(f"a query of a constraint has {min(found)}; expected one that asks the data only")
    _expect_no_recursion(shapes)


def _expect_no_recursion(shapes: Graph) -> None:
    """Raise UnusableShapes where a shape refers to itself: what that means is left open (SHACL, 3.4.3)."""
    done: set[Node] = set()
    for start in set(shapes.subjects()):
        within: dict[Node, Iterator[Node]] = {start: _referred(shapes, start)}
        while within:
            node = next(reversed(within))
            following = next(within[node], None)
            if following in within:
                raise UnusableShapes(f"the shape {_named(following)} refers to itself; expected no recursion")
            if following is None:
                within.popitem()
                done.add(node)
            elif following not in done:
                within[following] = _referred(shapes, following)


def _referred(shapes: Graph, node: Node) -> Iterator[Node]:
    for predicate in _REFERRING:
        yield from shapes.objects(node, predicate)
    for predicate in _LISTS:
        for members in shapes.objects(node, predicate):
            yield from shapes.items(members)


def _named(node: Node | None) -> str:
    return str(node) if isinstance(node, URIRef) else "without a name"
