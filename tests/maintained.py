"""A dataset that is kept up by what inference tells of each Change, and what it must be then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from missiegraaf import reasoning
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.namespaces import BASE, OWL, RDF, RDFS

INFERRED, LOG = NamedNode(BASE + "inferred"), NamedNode(BASE + "log")
TYPE = NamedNode(RDF + "type")


def x(name: str) -> NamedNode:
    return NamedNode("https://example.org/" + name)


def owl(name: str) -> NamedNode:
    return NamedNode(OWL + name)


def rdfs(name: str) -> NamedNode:
    return NamedNode(RDFS + name)


def in_default(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(t.subject, t.predicate, t.object) for t in triples)


def closure(asserted: set[Triple]) -> set[Triple]:
    """What follows: every rule as it is written, again and again."""
    dataset = in_memory(in_default(asserted))
    generative = [rule.text for rule in reasoning.rules() if not rule.contradiction]
    size = -1
    while size != len(dataset):
        size = len(dataset)
        for text in generative:
            dataset.extend(in_default(list(dataset.query(text))))  # type: ignore[arg-type]
    return {quad.triple for quad in dataset} - asserted


@dataclass
class Maintained:
    """A dataset as the writer keeps it, changed by what `follow` says."""

    quads: Iterable[Quad]
    dataset: Dataset = field(init=False)
    program: reasoning.Program = field(init=False)

    def __post_init__(self) -> None:
        named = list(self.quads)
        inference = reasoning.infer({quad.triple for quad in named})
        inferred = [Quad(t.subject, t.predicate, t.object, INFERRED) for t in inference.inferred]
        self.dataset = in_memory([*named, *inferred, *in_default(q.triple for q in [*named, *inferred])])
        # What the log says is not asserted.
        self.dataset.extend([Quad(x("t0"), TYPE, x("C0"), LOG), Quad(x("t0"), x("p0"), x("t1"), LOG)])
        self.program = reasoning.program(self.dataset)

    def asserted(self) -> set[Triple]:
        """What the named graphs assert."""
        return {q.triple for q in self.dataset if q.graph_name not in (DefaultGraph(), INFERRED, LOG)}

    def graph(self, name: NamedNode | DefaultGraph) -> set[Triple]:
        """What stands in a graph."""
        return {quad.triple for quad in self.dataset.quads_for_pattern(None, None, None, name)}

    def follow(self, removed: Iterable[Quad], added: Iterable[Quad]) -> reasoning.Delta:
        """What a Change does; it is not made."""
        return reasoning.follow(self.dataset, removed, added, self.program, INFERRED, LOG)

    def change(self, removed: Iterable[Quad], added: Iterable[Quad]) -> reasoning.Delta:
        """Make a Change."""
        delta = self.follow(removed, added)
        self.program = delta.program
        removed = [*removed, *(Quad(t.subject, t.predicate, t.object, INFERRED) for t in delta.gone)]
        added = [*added, *(Quad(t.subject, t.predicate, t.object, INFERRED) for t in delta.new)]
        for quad in removed:
            self.dataset.remove(quad)
        self.dataset.extend(added)
        for triple in {quad.triple for quad in (*removed, *added)}:
            where = self.dataset.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
            (quad,) = in_default([triple])
            if {found.graph_name for found in where} - {DefaultGraph(), LOG}:
                self.dataset.add(quad)
            else:
                self.dataset.remove(quad)
        return delta


def hold(maintained: Maintained) -> tuple[reasoning.Conflict, ...]:
    """The dataset is what inference from nothing makes of what is asserted; its conflicts are returned."""
    asserted = maintained.asserted()
    inferred = closure(asserted)
    assert maintained.graph(INFERRED) == inferred
    assert maintained.graph(DefaultGraph()) == asserted | inferred
    inference = reasoning.infer(asserted)
    assert inference.inferred == inferred
    return inference.conflicts
