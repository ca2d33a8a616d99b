"""The log of Changes, in a graph of its own in the store: who changed what, when and why; replayed, it gives the data.

Each entry is a prov:Activity with its version. People are in it by a pseudonym and their role.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat

from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats.writing import to_bytes
from missiegraaf.namespaces import DCT, PROV, RDF, XSD


@dataclass(frozen=True)
class Change:
    """Quads of records that go and come, with the author's pseudonym and role, the reason, and the time (UTC)."""

    removed: frozenset[Quad]
    added: frozenset[Quad]
    author: str
    role: str
    reason: str
    time: datetime


def graph(base_iri: str) -> NamedNode:
    """Return the name of the graph that holds the log."""
    return NamedNode(base_iri + "log")


def entry(change: Change, version: int, base_iri: str) -> frozenset[Quad]:
    """Return the quads that log a Change; what it removes was there, what it adds was not."""
    name, own = graph(base_iri), base_iri + "def#"
    said: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(PROV + "Activity")),
        (own + "version", Literal(str(version), datatype=NamedNode(XSD + "integer"))),
        (PROV + "wasAssociatedWith", NamedNode(f"{base_iri}log#author-{change.author}")),
        (own + "authorRole", Literal(change.role)),
        (DCT + "description", Literal(change.reason)),
        (
            PROV + "endedAtTime",
            Literal(change.time.strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=NamedNode(XSD + "dateTime")),
        ),
        (own + "removedTriples", Literal(_lines(change.removed))),
        (own + "addedTriples", Literal(_lines(change.added))),
    ]
    records = {quad.graph_name for quad in (*change.removed, *change.added)}
    said += [(own + "changedRecord", record) for record in records if isinstance(record, NamedNode)]
    activity = NamedNode(f"{base_iri}log#{version}")
    return frozenset(Quad(activity, NamedNode(predicate), value, name) for predicate, value in said)


def newest_version(dataset: Dataset, base_iri: str) -> int:
    """Return the version that the log of a store ends with, 0 where it has none."""
    number = NamedNode(base_iri + "def#version")
    found = dataset.quads_for_pattern(None, number, None, graph(base_iri))
    return max((int(quad.object.value) for quad in found), default=0)  # type: ignore[union-attr]


def _lines(quads: Iterable[Quad]) -> str:
    return "".join(sorted(to_bytes([quad.triple for quad in quads], RdfFormat.N_TRIPLES).decode().splitlines(True)))
