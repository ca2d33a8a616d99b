"""SPARQL constraints: asked of the store where it knows the graph, else of rdflib (SHACL 5)."""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import NamedNode
from rdflib import Graph
from rdflib.namespace import SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from missiegraaf.validation.conditions import SILENT, Condition, Doubt, Unsupported
from missiegraaf.validation.paths import read
from missiegraaf.validation.reach import query_reads
from missiegraaf.validation.triples import Term, Triples, to_node

_THIS: Final = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|<[^<>"{}|^`\\\s]*>|#[^\n]*|([$?]this\b)""")
# What SHACL forbids in a query, binds beside $this, or hides from a plain look at the text.
_BEYOND: Final = re.compile(
    r"(?i)\b(minus|values|service|shapesGraph|currentShape)\b|\\$PATH\b|\bas\s+[?$]this\b|select.*\bselect\b|['\"]{3}",
    re.S,
)


def condition(shapes: Graph, constraint: Node) -> Condition:
    """Return the condition of a SPARQL constraint (SHACL 5.3). Raises Unsupported."""
    texts = [str(text) for text in shapes.objects(constraint, SH.select)]
    said = {p for p in shapes.predicates(constraint) if str(p).startswith(str(SH))}
    if said - SILENT != {SH.select} or len(texts) != 1 or _BEYOND.search(texts[0]):
        raise Unsupported(SH.sparql)
    declared = {
        str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace))
        for owner in shapes.objects(constraint, SH.prefixes)
        for node in shapes.objects(owner, SH.declare)
    }
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in declared.items())
    try:
        prepared = prepareQuery(prefixes + texts[0])
    except Exception as error:  # rdflib raises many kinds; pySHACL tells
        raise Unsupported(SH.sparql) from error
    head, brace, body = texts[0].partition("{")
    pieces, reads = _around_this(body), query_reads(prepared)

    def holds(triples: Triples, focus: Term) -> bool:
        if not isinstance(focus, NamedNode):
            raise Doubt
        # Pre-binding puts the node in the place of the variable (SHACL 5.3.1), in the head apart.
        text = prefixes + head + brace + str(focus).join(pieces)
        dataset = triples.dataset
        if dataset is None and reads is not None:  # what it does not read decides nothing
            dataset = read(triples, focus, reads)
        if dataset is None:
            return not triples.graph.query(prepared, initBindings={"this": to_node(focus)})
        try:
            return next(iter(dataset.query(text)), None) is None  # type: ignore[arg-type]
        except SyntaxError as error:  # a node cannot stand in every place of a variable
            raise Doubt from error

    return holds, reads


def _around_this(text: str) -> list[str]:
    """Return the text between the places of `$this`, literals, IRIs and comments left alone."""
    ends = [0, *(end for match in _THIS.finditer(text) if match[1] for end in match.span(1)), len(text)]
    return [text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]
