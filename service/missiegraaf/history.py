"""What the log tells of a record: every Change of it, and what became of it."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf import log
from missiegraaf.describe import construct
from missiegraaf.engine.pool import Readers
from missiegraaf.errors import Gone, NotFound
from missiegraaf.log import Entry
from missiegraaf.namespaces import DCT, FOAF, PROV, XSD, home_graph, record_graph


def absent(readers: Readers, record: str, base_iri: str) -> NotFound | Gone:
    """Return the error for a record that is not there: it was removed, or never was."""
    found = history(readers, record, base_iri)
    if not found:
        return NotFound(f"nothing is known as {record}")
    last = found[0]
    extra = {"isReplacedBy": last.successor} if last.successor else {}
    headers = {"Link": f'<{last.successor}>; rel="successor-version"'} if last.successor else {}
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
