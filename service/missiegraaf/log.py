"""The log of Changes, in a graph of its own in the store: who changed what, when and why; replayed, it gives the data.

Each entry is a prov:Activity with its version. People are in it by a pseudonym and their role.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from missiegraaf.engine.embedded import Dataset
from missiegraaf.engine.reader import Ask
from missiegraaf.errors import StoreError
from missiegraaf.formats.writing import to_bytes
from missiegraaf.namespaces import DCT, PROV, RDF, XSD, home_graph

# The time of an empty store's first version: an ontology would have a date.
_BEGINNING: Final = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Change:
    """Quads of records that go and come, with the author's pseudonym and role, the reason, and the time (UTC).

    `successor` is what replaces the record that goes, if anything does.
    """

    removed: frozenset[Quad]
    added: frozenset[Quad]
    author: str
    role: str
    reason: str
    time: datetime
    successor: NamedNode | None = None


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
    said += [(own + "successor", change.successor)] if change.successor else []
    activity = NamedNode(f"{base_iri}log#{version}")
    return frozenset(Quad(activity, NamedNode(predicate), value, name) for predicate, value in said)


@dataclass(frozen=True)
class Entry:
    """What the log says of a Change: its version, when and in which role it was made, why, and what went and came.

    `successor` is what replaces the record, where that went and something does.
    """

    version: int
    time: str
    role: str
    reason: str
    removed: frozenset[Triple]
    added: frozenset[Triple]
    successor: str | None


@dataclass(frozen=True)
class Made:
    """A whole Change, as the log tells it: its version, time, role and reason; for each graph, what went and came.

    `successor` is what replaces the record that goes, if anything does.
    """

    version: int
    time: str
    role: str
    reason: str
    graphs: Mapping[NamedNode, tuple[frozenset[Triple], frozenset[Triple]]]
    successor: str | None = None


def made(dataset: Dataset, version: int, base_iri: str) -> Made:
    """Return the Change that led to a version of a dataset. Raises StoreError where its log does not have it."""
    said = dataset.quads_for_pattern(NamedNode(f"{base_iri}log#{version}"), None, None, graph(base_iri))
    text: dict[str, str] = {quad.predicate.value: getattr(quad.object, "value", "") for quad in said}
    own = base_iri + "def#"
    if own + "addedTriples" not in text:
        raise StoreError(f"the log has no version {version}")
    graphs: dict[NamedNode, tuple[set[Triple], set[Triple]]] = defaultdict(lambda: (set(), set()))
    for number, lines in enumerate((text[own + "removedTriples"], text[own + "addedTriples"])):
        for quad in parse(lines, RdfFormat.N_TRIPLES):
            home = NamedNode(home_graph(quad.subject.value, base_iri))
            graphs[home][number].add(quad.triple)
    return Made(
        version=version,
        time=text[PROV + "endedAtTime"],
        role=text[own + "authorRole"],
        reason=text[DCT + "description"],
        graphs={name: (frozenset(removed), frozenset(added)) for name, (removed, added) in graphs.items()},
        successor=text.get(own + "successor"),
    )


def released(ontology: Iterable[Triple], base_iri: str) -> str:
    """Return the time of the first version, of which there is no Change: the date of the ontology it came with."""
    header = NamedNode(base_iri + "def")
    said = {triple.predicate.value: triple.object for triple in ontology if triple.subject == header}
    date = said.get(DCT + "modified")
    return _midnight(date.value) if isinstance(date, Literal) else _BEGINNING


def _midnight(date: str) -> str:
    return f"{date}T00:00:00Z"


def has(dataset: Dataset, version: int, base_iri: str) -> bool:
    """Tell whether the log has the Change that led to a version."""
    entry = dataset.quads_for_pattern(NamedNode(f"{base_iri}log#{version}"), None, None, graph(base_iri))
    return next(entry, None) is not None


def time(ask: Ask, version: int, base_iri: str) -> str:
    """Return when a version came to be (xsd:dateTime, UTC)."""
    asked = f"SELECT ?time {{ GRAPH {graph(base_iri)} {{ <{base_iri}log#{version}> <{PROV}endedAtTime> ?time }} }}"
    for row in ask(asked):
        return str(row[0].value)
    header = f"<{base_iri}def>"
    dates = ask(f"SELECT ?date {{ GRAPH {header} {{ {header} <{DCT}modified> ?date }} }}")
    return next((_midnight(row[0].value) for row in dates), _BEGINNING)


def about(record: NamedNode, base_iri: str) -> str:
    """Return the query for all that the log says of the Changes of a record."""
    name, changed = graph(base_iri), NamedNode(base_iri + "def#changedRecord")
    return f"CONSTRUCT {{ ?entry ?p ?o }} WHERE {{ GRAPH {name} {{ ?entry {changed} {record} ; ?p ?o }} }}"


def entries(said: Iterable[Triple], record: str, base_iri: str) -> list[Entry]:
    """Return what the log says of the Changes of a record, named by its IRI, the newest first; of each, its part."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for triple in said:
        texts[triple.subject.value][triple.predicate.value] = triple.object.value  # type: ignore[union-attr]
    own = base_iri + "def#"
    found = [
        Entry(
            version=int(text[own + "version"]),
            time=text[PROV + "endedAtTime"],
            role=text[own + "authorRole"],
            reason=text[DCT + "description"],
            removed=_of_record(text[own + "removedTriples"], record),
            added=_of_record(text[own + "addedTriples"], record),
            successor=text.get(own + "successor"),
        )
        for text in texts.values()
    ]
    return sorted(found, key=lambda entry: -entry.version)


def _of_record(lines: str, record: str) -> frozenset[Triple]:
    start = (f"<{record}>".encode(), f"<{record}#".encode())
    own = b"".join(line for line in lines.encode().splitlines(True) if line.startswith(start))
    return frozenset(quad.triple for quad in parse(own, RdfFormat.N_TRIPLES))


def newest_version(dataset: Dataset, base_iri: str) -> int:
    """Return the version that the log of a store ends with, 0 where it has none."""
    number = NamedNode(base_iri + "def#version")
    found = dataset.quads_for_pattern(None, number, None, graph(base_iri))
    return max((int(quad.object.value) for quad in found), default=0)  # type: ignore[union-attr]


def _lines(quads: Iterable[Quad]) -> str:
    # As bytes: of a str also U+2028 and its like, which may stand in a literal, end a line.
    return b"".join(sorted(to_bytes([quad.triple for quad in quads], RdfFormat.N_TRIPLES).splitlines(True))).decode()
