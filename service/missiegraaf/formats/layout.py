"""Turtle as a person would lay it out: one order, one prefix list, the same bytes for the same triples.

Subjects are sorted; `a` comes first, then names, then the other predicates by their short names. Only the
prefixes that a file uses are written at its head. Blank nodes that occur once are written inside their parent,
and RDF lists as lists, so that ontology and shapes stay readable.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from missiegraaf.formats.terms import Terms

Term = NamedNode | BlankNode | Literal | Triple

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_FIRST, _REST, _NIL = NamedNode(_RDF + "first"), NamedNode(_RDF + "rest"), NamedNode(_RDF + "nil")
# What a reader looks for first; everything else follows by its short name.
_LEADING = {"a": 0, "rdfs:label": 1, "skos:prefLabel": 2, "dct:title": 3, "skos:altLabel": 4, "dct:identifier": 5}
_LINE = 90  # objects that together are longer than this stand on lines of their own


def canonical_turtle(triples: Iterable[Triple], prefixes: Mapping[str, str], heading: str = "") -> str:
    """Return the triples as Turtle in the canonical layout, ending in one newline.

    `prefixes` maps prefix to IRI; `heading` becomes comment lines at the top. Blank nodes are nested where they are
    the object of exactly one triple and no cycle is met; others keep a label made of their order in the text.
    """
    return _Page(triples, prefixes).text(heading)


class _Page:
    def __init__(self, triples: Iterable[Triple], prefixes: Mapping[str, str]) -> None:
        self.properties: dict[Term, dict[NamedNode, set[Term]]] = defaultdict(lambda: defaultdict(set))
        uses: Counter[BlankNode] = Counter()
        for triple in set(triples):
            self.properties[triple.subject][triple.predicate].add(triple.object)
            if isinstance(triple.object, BlankNode):
                uses[triple.object] += 1
        self.prefixes, self.terms = prefixes, Terms(prefixes)
        self.nested = {node for node, count in uses.items() if count == 1 and not self._reaches_itself(node)}
        self.labels: dict[BlankNode, str] = {}

    def text(self, heading: str) -> str:
        roots = [s for s in self.properties if s not in self.nested]
        blocks = sorted((self._key(s), self._block(s)) for s in sorted(roots, key=self._key))
        head = "".join(f"# {line}\n" for line in heading.splitlines())
        declared = "".join(f"@prefix {p}: <{self.prefixes[p]}> .\n" for p in sorted(self.terms.used))
        parts = [part for part in (head, declared) if part]
        return "\n".join([*parts, *(block for _, block in blocks)])

    def _reaches_itself(self, start: BlankNode) -> bool:
        seen: set[Term] = set()
        todo: list[Term] = [start]
        while todo:
            for objects in self.properties.get(todo.pop(), {}).values():
                for node in objects:
                    if node == start:
                        return True
                    if isinstance(node, BlankNode) and node not in seen:
                        seen.add(node)
                        todo.append(node)
        return False

    def _block(self, subject: Term) -> str:
        return f"{self._term(subject, 0)} {self._predicates(subject, 1)} .\n"

    def _predicates(self, subject: Term, depth: int) -> str:
        pad = "    " * depth
        named = [(self._predicate(p), objects) for p, objects in self.properties[subject].items()]
        named.sort(key=lambda pair: (_LEADING.get(pair[0], 99), pair[0]))
        return f" ;\n{pad}".join(f"{name} {self._objects(objects, depth)}" for name, objects in named)

    def _objects(self, objects: set[Term], depth: int) -> str:
        texts = [text for _, text in sorted((self._key(o), self._term(o, depth)) for o in objects)]
        wrapped = len(texts) > 1 and sum(map(len, texts)) > _LINE
        return f",\n{'    ' * (depth + 1)}".join(texts) if wrapped else ", ".join(texts)

    def _predicate(self, predicate: NamedNode) -> str:
        return "a" if predicate.value == _RDF + "type" else self.terms.iri(predicate.value)

    def _key(self, term: Term) -> tuple[int, str]:
        if isinstance(term, NamedNode):
            return (0, term.value)
        if isinstance(term, Literal):
            return (1, f"{term.language or '~'} {term.datatype.value} {_sortable(term)}")
        return (2, self._content(term, frozenset()))

    def _content(self, node: Term, above: frozenset[Term]) -> str:
        """A text that depends on what a blank node says, not on its label: the order stays the same every run."""
        if not isinstance(node, BlankNode):
            return str(node)
        if node in above:
            return "_:"
        inner = above | {node}
        return "; ".join(
            sorted(f"{p} {self._content(o, inner)}" for p, os in self.properties.get(node, {}).items() for o in os)
        )

    def _term(self, term: Term, depth: int) -> str:
        if isinstance(term, NamedNode | Literal):
            return self.terms.term(term)
        if not isinstance(term, BlankNode):
            raise TypeError("quoted triples have no place in the canonical layout")
        if term not in self.nested:
            return self.labels.setdefault(term, f"_:b{len(self.labels) + 1}")
        members = self._members(term)
        if members is not None:
            return f"( {' '.join(self._term(member, depth) for member in members)} )"
        pad = "    " * (depth + 1)
        return f"[\n{pad}{self._predicates(term, depth + 1)}\n{'    ' * depth}]"

    def _members(self, node: Term) -> list[Term] | None:
        """The members if this node heads a well-formed list whose every cell is written here, else None."""
        members: list[Term] = []
        while node != _NIL:
            cell = self.properties.get(node, {})
            if node not in self.nested or set(cell) != {_FIRST, _REST}:
                return None
            if len(cell[_FIRST]) != 1 or len(cell[_REST]) != 1:
                return None
            members.extend(cell[_FIRST])
            (node,) = cell[_REST]
        return members


def _sortable(literal: Literal) -> str:
    """Numbers in their order, not in that of their digits."""
    if literal.datatype.value in (_XSD + "integer", _XSD + "decimal") and re.fullmatch(r"[0-9.]+", literal.value):
        whole, _, part = literal.value.partition(".")
        return f"{whole:>030}.{part}"
    return literal.value
