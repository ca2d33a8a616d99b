"""Names for blank nodes that depend on the content alone (RDF 1.1, 3.5; RDFC-1.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad


def skolemised(quads: Iterable[Quad], name: Callable[[str], str]) -> Iterator[Quad]:
    """Yield quads with an IRI in the place of each blank node: what `name` makes of its canonical label, as c14n0."""
    return _renamed(quads, lambda label: NamedNode(name(label)))


def labelled(quads: Iterable[Quad], prefix: str) -> Iterator[Quad]:
    """Yield quads whose blank nodes have as label their canonical one after a prefix."""
    return _renamed(quads, lambda label: BlankNode(prefix + label))


def _renamed(quads: Iterable[Quad], name: Callable[[str], NamedNode | BlankNode]) -> Iterator[Quad]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)

    def named(term: Any) -> Any:
        return name(term.value) if isinstance(term, BlankNode) else term

    for quad in dataset:
        yield Quad(named(quad.subject), quad.predicate, named(quad.object), quad.graph_name)
