"""What the log tells of a record: every Change of it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf import log
from missiegraaf.describe import construct, select
from missiegraaf.engine.pool import Readers
from missiegraaf.errors import Gone, NotFound
from missiegraaf.log import Entry
from missiegraaf.namespaces import DCT, FOAF, PROV, XSD, home_graph, record_graph, record_of

_NEWEST = """SELECT ?version ?time ?role ?reason (COUNT(?graph) AS ?count) (MIN(STR(?graph)) AS ?first) WHERE {
  VALUES ?entry { %(entries)s }
  GRAPH <%(log)s> {
    ?entry <%(own)sversion> ?version ; <%(prov)sendedAtTime> ?time ; <%(own)sauthorRole> ?role ;
      <%(dct)sdescription> ?reason ; <%(own)schangedRecord> ?graph .
  }
} GROUP BY ?version ?time ?role ?reason"""


def absent(readers: Readers, record: str, base_iri: str) -> NotFound | Gone:
    """Return the error for a record that is not there: it was removed, or never was."""
    found = history(readers, record, base_iri)
    if not found:
        return NotFound(f"nothing is known as {record}")
    last = found[0]
    extra = {"isReplacedBy": last.successor} if last.successor else {}
    headers = {"Link": f'<{last.successor}>; rel="{DCT}isReplacedBy"'} if last.successor else {}
    gone = Gone(f"{record} was removed in version {last.version}: {last.reason}", headers, **extra)
    document = NamedNode(home_graph(record, base_iri))
    gone.triples = (
        Triple(document, NamedNode(FOAF + "primaryTopic"), NamedNode(record)),
        Triple(
            document, NamedNode(PROV + "invalidatedAtTime"), Literal(last.time, datatype=NamedNode(XSD + "dateTime"))
        ),
        *(Triple(NamedNode(record), NamedNode(DCT + name), NamedNode(iri)) for name, iri in extra.items()),
    )
    return gone


def history(readers: Readers, record: str, base_iri: str, version: int | None = None) -> list[Entry]:
    """Return the Changes of a record, named by its IRI, the newest first; nothing for what has none."""
    graph = record_graph(record, base_iri)
    if graph is None:
        return []
    return log.entries(construct(readers, log.about(NamedNode(graph), base_iri), version), record, base_iri)


def as_of(readers: Readers, record: str, base_iri: str, version: int, now: int) -> frozenset[Triple]:
    """Return the record of a thing as it was in a version, by undoing the Changes since then; `now` is the newest."""
    graph = record_graph(record, base_iri)
    found = construct(readers, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", now)
    for entry in history(readers, record, base_iri, now):
        if entry.version > version:
            found = (found - entry.added) | entry.removed
    return found


@dataclass(frozen=True)
class Changed:
    """A Change in short: its version, when, in which role and why it was made; how many things it touched, and one."""

    version: int
    time: str
    role: str
    reason: str
    count: int
    thing: str


def newest(readers: Readers, base_iri: str, number: int, version: int) -> list[Changed]:
    """Return so many Changes up to a version, the newest first."""
    entries = " ".join(f"<{base_iri}log#{n}>" for n in range(version, max(version - number, 1), -1))
    places = {"entries": entries, "log": base_iri + "log", "own": base_iri + "def#", "dct": DCT, "prov": PROV}
    found = [
        Changed(
            version=int(row["version"]),
            time=row["time"],
            role=row["role"],
            reason=row["reason"],
            count=int(row["count"]),
            thing=record_of(row["first"], base_iri),
        )
        for row in select(readers, _NEWEST % places)
    ]
    return sorted(found, key=lambda changed: -changed.version)
