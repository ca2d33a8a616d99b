"""What each Change made of each graph that it touched: members of the feed, found by undoing the log backwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from missiegraaf import log
from missiegraaf.engine.embedded import Dataset, filled_graphs
from missiegraaf.log import Made
from missiegraaf.namespaces import ADMS, AS, DCT, PROV, RDF, XSD, record_of

_FIRST = "the files that the store began with"


@dataclass(frozen=True)
class Member:
    """The whole of a graph after a Change. `kind` is Create, Update or Delete.

    `ends` tells that it is the last of its Change.
    """

    change: Made
    graph: NamedNode
    kind: str
    triples: frozenset[Triple]
    ends: bool

    def quads(self, base_iri: str) -> list[Quad]:
        """Return the member: of what it is a version, when, why and by whom; in a graph of its own what it holds."""
        own, name, of = base_iri + "def#", self.iri(base_iri), record_of(self.graph.value, base_iri)
        said: list[tuple[str, NamedNode | Literal]] = [
            (RDF + "type", NamedNode(AS + self.kind)),
            (DCT + "isVersionOf", NamedNode(of)),
            (DCT + "created", Literal(self.change.time, datatype=NamedNode(XSD + "dateTime"))),
            (own + "version", Literal(str(self.change.version), datatype=NamedNode(XSD + "integer"))),
            (PROV + "wasGeneratedBy", NamedNode(f"{base_iri}log#{self.change.version}")),
            (own + "endsChange", Literal(str(self.ends).lower(), datatype=NamedNode(XSD + "boolean"))),
            (own + "authorRole", Literal(self.change.role)),
            (ADMS + "versionNotes", Literal(self.change.reason)),
        ]
        if self.kind == "Delete" and self.change.successor:
            said.append((DCT + "isReplacedBy", NamedNode(self.change.successor)))
        content = [Quad(t.subject, t.predicate, t.object, name) for t in sorted(self.triples, key=str)]
        return [Quad(name, NamedNode(predicate), value, DefaultGraph()) for predicate, value in said] + content

    def iri(self, base_iri: str) -> NamedNode:
        """Return the name of the member."""
        return NamedNode(f"{base_iri}version/{self.change.version}/{self.graph.value.removeprefix(base_iri)}")


def members(dataset: Dataset, since: int, version: int, base_iri: str) -> Iterator[Member]:
    """Yield what the Changes after one version made, up to the version that the dataset is of, in their order.

    Those of a Change are in the order of their graphs. With `since` 0 the graphs of the first version come before all.
    """
    content: dict[NamedNode, frozenset[Triple]] = {}
    made: list[tuple[Made, list[tuple[NamedNode, str, frozenset[Triple]]]]] = []
    for number in range(version, max(since, 1), -1):
        change = log.made(dataset, number, base_iri)
        became = []
        for graph in sorted(change.graphs, key=str):
            after = content[graph] if graph in content else _content(dataset, graph)
            removed, added = change.graphs[graph]
            before = content[graph] = (after - added) | removed
            became.append((graph, "Update" if before and after else "Create" if after else "Delete", after))
        made.append((change, became))
    if since == 0:
        yield from _first(dataset, content, base_iri)
    for change, became in reversed(made):
        for number, (graph, kind, triples) in enumerate(became, 1):
            yield Member(change, graph, kind, triples, ends=number == len(became))


def _first(dataset: Dataset, undone: dict[NamedNode, frozenset[Triple]], base_iri: str) -> Iterator[Member]:
    """The graphs of the first version: what is there now, and of those that Changes touched what was there before."""
    there = {NamedNode(name) for name in filled_graphs(dataset)} - {
        log.graph(base_iri),
        NamedNode(base_iri + "inferred"),
    }
    names = sorted((graph for graph in there | set(undone) if undone.get(graph, True)), key=str)
    ontology = NamedNode(base_iri + "def")
    released = log.released(undone.get(ontology) or _content(dataset, ontology), base_iri)
    change = Made(1, released, "admin", _FIRST, {})
    for number, graph in enumerate(names, 1):
        triples = undone[graph] if graph in undone else _content(dataset, graph)
        yield Member(change, graph, "Create", triples, ends=number == len(names))


def _content(dataset: Dataset, graph: NamedNode) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in dataset.quads_for_pattern(None, None, None, graph))
