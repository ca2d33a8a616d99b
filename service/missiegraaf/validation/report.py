"""What a validation says: its results, each with the constraint, and how to mend it, in both languages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Final

from pyoxigraph import Quad
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Literal, Node

from missiegraaf.namespaces import BASE

Order = tuple[str, str, str, str, str]
_Triple = tuple[Node, Node, Node]
_Texts = Callable[[Node | None, URIRef], list[Literal]]
_VARIABLE: Final = re.compile(r"\\\{\\[?$]\w+\\\}")  # in a message, escaped for a pattern


@dataclass(frozen=True)
class Result:
    """One finding: which node breaks which constraint, at which path and value, and how to mend it.

    IRIs and literals are given as text (literals without their type); `message` and `fix` by language tag. `component`
    is the IRI of the kind of constraint; `node` is the sh:ValidationResult that says the same. Where the path is one of
    several properties, those are the `alternatives`; `Report.placed` tells which it is, and the `classes` of the node.
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
    alternatives: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def order(self) -> Order:
        """The order of results in a report."""
        return (self.focus_node, self.constraint, self.path or "", self.value or "", self.component)

    def text(self, language: str) -> str:
        """Return the message in a language, else in another that there is, else the constraint."""
        return self.message.get(language) or next(iter(self.message.values()), self.constraint)


@dataclass(frozen=True)
class Report:
    """A validation report: its results in a fixed order. Of them `said` tells more, and of others too.

    `fix` is the property by which a mend is told, `shapes` what was asked.
    """

    results: tuple[Result, ...]
    said: Graph = field(default_factory=Graph, repr=False)
    fix: URIRef = field(default=URIRef(BASE + "shapes#fix"), repr=False)
    shapes: Graph = field(default_factory=Graph, repr=False)

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
            for triple in _description(self.said, result.node):
                if triple[:2] != (result.node, SH.resultMessage):
                    graph.add(triple)
            for predicate, texts in ((SH.resultMessage, result.message), (self.fix, result.fix)):
                for language, text in texts.items():
                    graph.add((result.node, predicate, Literal(text, lang=language or None)))
        return graph

    def of(self, results: Iterable[Result]) -> Report:
        """Return a report with these of its results."""
        return replace(self, results=tuple(results))

    def placed(self, quads: Iterable[Quad]) -> Report:
        """Return the report with what these quads tell of its nodes.

        That is their classes, and, where a path is of several properties, the one that has the value.
        """
        said: dict[tuple[str, str], set[str]] = defaultdict(set)
        classes: dict[str, set[str]] = defaultdict(set)
        for quad in quads if self.results else ():
            said[_value(quad.subject), _value(quad.object)].add(quad.predicate.value)
            if quad.predicate.value == str(RDF.type):
                classes[_value(quad.subject)].add(_value(quad.object))

        def one(result: Result) -> Result:
            having = said[result.focus_node, result.value or ""]
            path = next((iri for iri in result.alternatives if iri in having), result.path)
            return replace(result, path=path, classes=tuple(sorted(classes[result.focus_node])))

        return self.of(map(one, self.results))

    def about(self, focus_nodes: Iterable[str]) -> Report:
        """Return the part of the report that is about these focus nodes."""
        wanted = frozenset(focus_nodes)
        return self.of(result for result in self.results if result.focus_node in wanted)


def of_graph(graph: Graph, shapes: Graph) -> Report:
    """Return a report of sh:ValidationReport, with the texts that the shapes give."""
    # The results of the report itself: those under sh:detail belong to nested shapes.
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    fix = _fix(shapes)

    @cache
    def texts(node: Node | None, predicate: URIRef) -> list[Literal]:
        found = (text for known in (shapes, graph) for text in known.objects(node, predicate) if node is not None)
        return sorted({text for text in found if isinstance(text, Literal)})

    results = {}
    for node in graph.objects(report, SH.result):
        said = dict(graph.predicate_objects(node))
        result = _result(node, said, list(graph.objects(node, SH.resultMessage)), texts, fix)
        result = replace(result, alternatives=_alternatives(graph, said.get(SH.resultPath)))
        # One that came twice, as a shape may be reached by two ways, is one.
        results[result.order, _n3(said.get(SH.value))] = result
    return Report(tuple(results[key] for key in sorted(results)), graph, fix, shapes)


def of_document(component: str, message: Mapping[str, str]) -> Report:
    """Return the report on a document as a whole, a violation."""
    said = Graph()
    return Report((noted(said, component, message),), said)


def noted(
    said: Graph,
    component: str,
    message: Mapping[str, str],
    severity: str = "Violation",
    focus_node: str = "",
    path: str | None = None,
    value: str | None = None,
) -> Result:
    """Return a result that is not of a shape, and say it in a graph; without an IRI its focus node is blank there."""
    node = BNode()
    said.add((node, RDF.type, SH.ValidationResult))
    said.add((node, SH.focusNode, URIRef(focus_node) if focus_node else BNode()))
    said.add((node, SH.resultSeverity, SH[severity]))
    said.add((node, SH.sourceConstraintComponent, URIRef(component)))
    if path:
        said.add((node, SH.resultPath, URIRef(path)))
    if value is not None:
        said.add((node, SH.value, Literal(value)))
    return Result(focus_node, path, value, severity, component, component, message, {}, node)


def _result(node: Node, said: Mapping[Node, Node], messages: Iterable[Node], texts: _Texts, fix: URIRef) -> Result:
    sources = (said.get(SH.sourceConstraint), said.get(SH.sourceShape))
    constraint = sources[0] if isinstance(sources[0], URIRef) else sources[1]
    return Result(
        focus_node=str(said.get(SH.focusNode)),
        path=_text(said.get(SH.resultPath)),
        value=_text(said.get(SH.value)),
        severity=str(said.get(SH.resultSeverity)).removeprefix(str(SH)),
        constraint=str(constraint),
        component=str(said.get(SH.sourceConstraintComponent)),
        message=_messages(messages, sources, texts),
        fix={text.language or "": str(text) for text in texts(constraint, fix)},
        node=node,
    )


def _alternatives(graph: Graph, path: Node | None) -> tuple[str, ...]:
    """The properties of an alternative path, where it is of such alone (SHACL, 2.3.1.3)."""
    members = graph.value(path, SH.alternativePath)
    return tuple(str(iri) for iri in graph.items(members) if isinstance(iri, URIRef)) if members else ()


def _messages(messages: Iterable[Node], sources: Iterable[Node | None], texts: _Texts) -> dict[str, str]:
    """The messages by language. pySHACL drops the tags of those of sh:sparql as it fills them in (SHACL, 5.3.2)."""
    found: dict[str, str] = {}
    for message in messages:
        if isinstance(message, Literal):
            tags = [message.language]
            if not message.language:
                written = (text for source in sources for text in texts(source, SH.message))
                tags = [text.language for text in written if _filled(text, message)] or [None]
            found |= {tag or "": str(message) for tag in tags}
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


def _fix(shapes: Graph) -> URIRef:
    namespace = dict(shapes.namespaces()).get("mgs", URIRef(BASE + "shapes#"))
    return URIRef(namespace + "fix")


def _text(node: Node | None) -> str | None:
    return str(node) if isinstance(node, URIRef | Literal) else None


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))


def _n3(node: Node | None) -> str:
    return node.n3() if isinstance(node, URIRef | Literal) else ""
