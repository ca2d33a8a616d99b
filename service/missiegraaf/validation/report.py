"""What a validation says: its results, each with the constraint, and how to mend it, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rdflib import BNode, Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import IdentifiedNode, Literal, Node

from missiegraaf.namespaces import BASE


@dataclass(frozen=True)
class Result:
    """One finding: which node breaks which constraint, at which path and value, and how to mend it.

    IRIs and literals are given as text (literals without their type); `message` and `fix` by language tag.
    """

    focus_node: str
    path: str | None
    value: str | None
    severity: str
    constraint: str
    message: Mapping[str, str]
    fix: Mapping[str, str]

    @property
    def order(self) -> tuple[str, str, str, str]:
        """The order of results in a report."""
        return (self.focus_node, self.constraint, self.path or "", self.value or "")


@dataclass(frozen=True)
class Report:
    """A validation report: its results in a fixed order, and as sh:ValidationReport."""

    results: tuple[Result, ...]
    graph: Graph

    @cached_property
    def conforms(self) -> bool:
        """True where no result is a violation: warnings and information do not stop a record."""
        return not any(result.severity == "Violation" for result in self.results)

    def about(self, focus_nodes: Iterable[str]) -> Report:
        """Return the part of the report that is about these focus nodes."""
        wanted = frozenset(focus_nodes)
        return Report(tuple(result for result in self.results if result.focus_node in wanted), self.graph)


def of_graph(graph: Graph, shapes: Graph) -> Report:
    """Return a report of sh:ValidationReport, with the texts that the shapes give."""
    # The results of the report itself: those under sh:detail belong to nested shapes.
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    results = {(r := _result(graph, node, shapes)).order: r for node in graph.objects(report, SH.result)}
    return Report(tuple(results[order] for order in sorted(results)), graph)


def empty() -> Report:
    """Return the report that finds nothing."""
    graph, report = Graph(), BNode()
    graph.add((report, RDF.type, SH.ValidationReport))
    graph.add((report, SH.conforms, Literal(True)))
    return Report((), graph)


def _result(report: Graph, node: Node, shapes: Graph) -> Result:
    source = report.value(node, SH.sourceConstraint)
    constraint = source if isinstance(source, URIRef) else report.value(node, SH.sourceShape)
    return Result(
        focus_node=str(report.value(node, SH.focusNode)),
        path=_text(report.value(node, SH.resultPath)),
        value=_text(report.value(node, SH.value)),
        severity=str(report.value(node, SH.resultSeverity)).removeprefix(str(SH)),
        constraint=str(constraint),
        message=_texts(shapes, constraint, SH.message),
        fix=_texts(shapes, constraint, _fix(shapes)),
    )


def _fix(shapes: Graph) -> URIRef:
    namespace = dict(shapes.namespaces()).get("mgs", URIRef(BASE + "shapes#"))
    return URIRef(namespace + "fix")


def _texts(shapes: Graph, constraint: Node | None, predicate: URIRef) -> dict[str, str]:
    """Texts by language, read from the shape: pySHACL drops the tags of sh:sparql messages."""
    if not isinstance(constraint, IdentifiedNode):
        return {}
    found = [o for o in shapes.objects(constraint, predicate) if isinstance(o, Literal)]
    return {literal.language or "": str(literal) for literal in sorted(found)}


def _text(node: Node | None) -> str | None:
    return str(node) if isinstance(node, URIRef | Literal) else None
