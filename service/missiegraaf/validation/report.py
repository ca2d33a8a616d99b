"""What a validation says: its results, each with the constraint, and how to mend it, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from rdflib import BNode, Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import IdentifiedNode, Literal, Node

from missiegraaf.namespaces import BASE

Order = tuple[str, str, str, str, str]
_Triple = tuple[Node, Node, Node]
_VARIABLE: Final = re.compile(r"\\\{\\[?$]\w+\\\}")  # in a message, escaped for a pattern


@dataclass(frozen=True)
class Result:
    """One finding: which node breaks which constraint, at which path and value, and how to mend it.

    IRIs and literals are given as text (literals without their type); `message` and `fix` by language tag. `component`
    is the IRI of the kind of constraint. `described` is the same as an sh:ValidationResult (SHACL, 3.6.2), which is
    `node`.
    """

    focus_node: str
    path: str | None
    value: str | None
    severity: str
    constraint: str
    component: str
    message: Mapping[str, str]
    fix: Mapping[str, str]
    node: Node = field(repr=False)
    described: tuple[_Triple, ...] = field(repr=False)

    @property
    def order(self) -> Order:
        """The order of results in a report."""
        return (self.focus_node, self.constraint, self.path or "", self.value or "", self.component)

    def text(self, language: str) -> str:
        """Return the message in a language, else in another that there is, else the constraint."""
        return self.message.get(language) or next(iter(self.message.values()), self.constraint)


@dataclass(frozen=True)
class Report:
    """A validation report: its results in a fixed order."""

    results: tuple[Result, ...]

    @cached_property
    def conforms(self) -> bool:
        """True where no result is a violation: warnings and information do not stop a record."""
        return not any(result.severity == "Violation" for result in self.results)

    @cached_property
    def graph(self) -> Graph:
        """The same as sh:ValidationReport: its sh:conforms is true where there is no result at all (SHACL, 3.6.1.1)."""
        graph, report = Graph(), BNode()
        graph.add((report, RDF.type, SH.ValidationReport))
        graph.add((report, SH.conforms, Literal(not self.results)))
        for result in self.results:
            graph.add((report, SH.result, result.node))
            for triple in result.described:
                graph.add(triple)
        return graph

    def about(self, focus_nodes: Iterable[str]) -> Report:
        """Return the part of the report that is about these focus nodes."""
        wanted = frozenset(focus_nodes)
        return Report(tuple(result for result in self.results if result.focus_node in wanted))


def of_graph(graph: Graph, shapes: Graph) -> Report:
    """Return a report of sh:ValidationReport, with the texts that the shapes give."""
    # The results of the report itself: those under sh:detail belong to nested shapes.
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    fix = _fix(shapes)
    results = [_result(graph, node, shapes, fix) for node in graph.objects(report, SH.result)]
    # One that came twice, as a shape may be reached by two ways, is one.
    found = {(result.order, _n3(graph.value(result.node, SH.value))): result for result in results}
    return Report(tuple(found[key] for key in sorted(found)))


def of_document(component: str, message: Mapping[str, str]) -> Result:
    """Return the finding on a document as a whole, a violation; its focus node is blank, since it has no IRI."""
    node = BNode()
    said = ((SH.focusNode, BNode()), (SH.resultSeverity, SH.Violation))
    described = (
        (node, RDF.type, SH.ValidationResult),
        (node, SH.sourceConstraintComponent, URIRef(component)),
        *((node, predicate, value) for predicate, value in said),
        *_tagged(node, SH.resultMessage, message),
    )
    return Result("", None, None, "Violation", component, component, message, {}, node, described)


def _result(report: Graph, node: Node, shapes: Graph, fix: URIRef) -> Result:
    sources = [report.value(node, p) for p in (SH.sourceConstraint, SH.sourceShape)]
    constraint = sources[0] if isinstance(sources[0], URIRef) else sources[1]
    messages = _messages(report, node, shapes, sources)
    fixes = {text.language or "": str(text) for text in _texts(shapes, constraint, fix)}
    said = (triple for triple in _description(report, node) if triple[:2] != (node, SH.resultMessage))
    return Result(
        focus_node=str(report.value(node, SH.focusNode)),
        path=_text(report.value(node, SH.resultPath)),
        value=_text(report.value(node, SH.value)),
        severity=str(report.value(node, SH.resultSeverity)).removeprefix(str(SH)),
        constraint=str(constraint),
        component=str(report.value(node, SH.sourceConstraintComponent)),
        message=messages,
        fix=fixes,
        node=node,
        described=(*said, *_tagged(node, SH.resultMessage, messages), *_tagged(node, fix, fixes)),
    )


def _messages(report: Graph, node: Node, shapes: Graph, sources: Iterable[Node | None]) -> dict[str, str]:
    """The messages by language. pySHACL drops the tags of those of sh:sparql as it fills them in (SHACL, 5.3.2)."""
    written = [text for source in sources for graph in (shapes, report) for text in _texts(graph, source, SH.message)]
    found: dict[str, str] = {}
    for said in _texts(report, node, SH.resultMessage):
        tags = [said.language] if said.language else [text.language for text in written if _filled(text, said)]
        found |= {tag or "": str(said) for tag in tags or [None]}
    return dict(sorted(found.items()))


def _filled(message: Literal, said: Literal) -> bool:
    """Tell whether this is the message, with values in the place of its variables."""
    return str(message) == str(said) or bool(
        "{" in message and re.fullmatch(_VARIABLE.sub(".*", re.escape(message)), said, re.DOTALL)
    )


def _description(graph: Graph, node: Node) -> Iterator[_Triple]:
    """Yield what is said of a node, and of the blank nodes that this leads to."""
    edge, done = [node], {node}
    while edge:
        for triple in graph.triples((edge.pop(), None, None)):
            yield triple
            if isinstance(triple[2], BNode) and triple[2] not in done:
                done.add(triple[2])
                edge.append(triple[2])


def _tagged(node: Node, predicate: URIRef, texts: Mapping[str, str]) -> Iterator[_Triple]:
    return ((node, predicate, Literal(text, lang=tag or None)) for tag, text in texts.items())


def _fix(shapes: Graph) -> URIRef:
    namespace = dict(shapes.namespaces()).get("mgs", URIRef(BASE + "shapes#"))
    return URIRef(namespace + "fix")


def _texts(graph: Graph, node: Node | None, predicate: URIRef) -> list[Literal]:
    """The texts that a node has, in a fixed order."""
    if not isinstance(node, IdentifiedNode):
        return []
    return sorted(o for o in graph.objects(node, predicate) if isinstance(o, Literal))


def _text(node: Node | None) -> str | None:
    return str(node) if isinstance(node, URIRef | Literal) else None


def _n3(node: Node | None) -> str:
    return node.n3() if isinstance(node, URIRef | Literal) else ""
