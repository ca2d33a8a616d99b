"""The documents of a dataset and when each changed last, for crawlers (sitemaps.org, protocol 0.9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from pyoxigraph import QuerySolutions

from missiegraaf import log
from missiegraaf.engine import embedded
from missiegraaf.namespaces import PROV

NAME: Final = "sitemap.xml"
MOST: Final = 50_000  # addresses in one file
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<%s xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
_LAST: Final = """SELECT ?graph (MAX(?time) AS ?last) WHERE {
  GRAPH %s { ?entry <%sdef#changedRecord> ?graph ; <%sendedAtTime> ?time }
} GROUP BY ?graph"""

Page = tuple[str, str]


def sitemaps(dataset: embedded.Dataset, base_iri: str, time_of_first: str, most: int = MOST) -> dict[str, bytes]:
    """Return the files of a sitemap, name to content: `sitemap.xml`, and its parts where there are more pages than fit.

    It lists the documents of the records and of the ontology, at their IRIs, with the time of the last Change of each
    (xsd:dateTime): of what never changed that of the first version.
    """
    changed = _last_changes(dataset, base_iri)
    documents = [n for n in embedded.filled_graphs(dataset) if n == base_iri + "def" or n.startswith(base_iri + "doc/")]
    pages = [(document, changed.get(document, time_of_first)) for document in documents]
    if len(pages) <= most:
        return {NAME: _file("urlset", "url", pages)}
    parts = [pages[start : start + most] for start in range(0, len(pages), most)]
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    index = [(base_iri + name, max(time for _, time in part)) for name, part in zip(names, parts, strict=True)]
    files = {name: _file("urlset", "url", part) for name, part in zip(names, parts, strict=True)}
    return {NAME: _file("sitemapindex", "sitemap", index), **files}


def moved(content: bytes, base_iri: str, address: str) -> bytes:
    """Return a file of a sitemap with the addresses of a service in the place of those under the base IRI."""
    old, new = (f"<loc>{_uri(start)}".encode() for start in (base_iri, address))
    return content.replace(old, new)


def _last_changes(dataset: embedded.Dataset, base_iri: str) -> dict[str, str]:
    found = dataset.query(_LAST % (log.graph(base_iri), base_iri, PROV))
    if not isinstance(found, QuerySolutions):
        raise TypeError("the query for the last Changes is no SELECT")
    return {row["graph"].value: row["last"].value for row in found}


def _file(root: str, element: str, pages: Sequence[Page]) -> bytes:
    lines = [f"<{element}><loc>{_uri(iri)}</loc><lastmod>{time}</lastmod></{element}>\n" for iri, time in pages]
    return f"{_HEAD % root}{''.join(lines)}</{root}>\n".encode()


def _uri(iri: str) -> str:
    """An IRI as a URI (RFC 3987, 3.1), in XML."""
    return escape(quote(iri, safe="%:/?#[]@!$&'()*+,;=~"))
