"""What a consumer of the feed does: take the members in turn, and put each in the place of what it is a version of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from missiegraaf import feed
from missiegraaf.formats import media
from missiegraaf.namespaces import AS, BASE, DCT, RDF, TREE

FEED = "http://service.example/feed"


def pages(folder: Path) -> Iterator[list[Quad]]:
    """The pages that are kept, as the root leads to them."""
    kept = feed.Pages(folder)
    for node in nodes(feed.root(kept.state, FEED, BASE, {"en": "Feed"})):
        content = kept.content(kept.state, int(node.rpartition("/")[2]), media.N_QUADS, FEED)
        yield list(parse(content, RdfFormat.N_QUADS))


def nodes(root: Iterable[Quad]) -> list[str]:
    """The addresses of the pages to which the root leads, in their order."""
    return sorted(objects(root, TREE + "node"), key=lambda node: int(node.rpartition("/")[2]))


def replayed(found: Iterable[list[Quad]]) -> Iterator[tuple[int, bytes]]:
    """For each version the canonical dump of what it asserts, as far as the members tell."""
    graphs: dict[str, list[Quad]] = {}
    for page in found:
        for member in objects(page, TREE + "member"):
            said = {quad.predicate.value: quad.object.value for quad in page if quad.subject == NamedNode(member)}
            of = said[DCT + "isVersionOf"]
            name = NamedNode(of.replace(BASE + "id/", BASE + "doc/", 1))
            content = [Quad(*quad.triple, name) for quad in page if quad.graph_name == NamedNode(member)]
            assert (said[RDF + "type"] == AS + "Delete") == (not content)
            graphs[of] = content
            if said[BASE + "def#endsChange"] == "true":
                quads = [quad for graph in graphs.values() for quad in graph]
                lines = (serialize(quads, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
                yield int(said[BASE + "def#version"]), b"".join(sorted(lines))


def objects(quads: Iterable[Quad], predicate: str) -> list[str]:
    """What stands behind a property."""
    return [quad.object.value for quad in quads if quad.predicate == NamedNode(predicate)]
