"""Media types, and the choice among them (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True)
class Offer:
    """A representation on offer: its media type, the suffix of its file, and the other names it may be asked by."""

    media_type: str
    suffix: str
    aliases: tuple[str, ...] = ()
    charset: bool = False

    @property
    def content_type(self) -> str:
        """The value of a Content-Type header."""
        return f"{self.media_type}; charset=utf-8" if self.charset else self.media_type

    @property
    def rdf(self) -> RdfFormat:
        """The codec of a format for graphs."""
        return RDF[self.suffix]

    @property
    def results(self) -> QueryResultsFormat:
        """The codec of a format for solutions and booleans."""
        return RESULTS[self.suffix]


TURTLE: Final = Offer("text/turtle", "ttl", ("application/x-turtle",), charset=True)
N_TRIPLES: Final = Offer("application/n-triples", "nt", ("text/plain",))
JSON_LD: Final = Offer("application/ld+json", "jsonld", ("application/json",))
RDF_XML: Final = Offer("application/rdf+xml", "rdf", ("application/xml", "text/xml"))
N_QUADS: Final = Offer("application/n-quads", "nq")
TRIG: Final = Offer("application/trig", "trig", ("application/x-trig",), charset=True)
XLSX: Final = Offer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
HTML: Final = Offer("text/html", "html", charset=True)

JSON: Final = Offer("application/sparql-results+json", "srj", ("application/json",))
XML: Final = Offer("application/sparql-results+xml", "srx", ("application/xml", "text/xml"))
CSV: Final = Offer("text/csv", "csv", charset=True)
TSV: Final = Offer("text/tab-separated-values", "tsv", charset=True)

RDF: Final = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
}
RESULTS: Final = {
    "srj": QueryResultsFormat.JSON,
    "srx": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}

PLAIN: Final = Offer("text/plain", "txt", charset=True)
SARIF: Final = Offer("application/sarif+json", "sarif")

GRAPHS: Final = (TURTLE, N_TRIPLES, JSON_LD, RDF_XML)
SOLUTIONS: Final = (JSON, XML, CSV, TSV)
BOOLEANS: Final = (JSON, XML)
SHEETS: Final = (CSV, XLSX)

# Possessive, and of a bounded text, so that no header takes long.
_RANGE = re.compile(
    r'\s*+([^\s;,"/]++)/([^\s;,"/]++)\s*+'
    r'((?:;\s*+[^\s;,="]++\s*+(?:=\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s;,"]*+)\s*+)?+)*+)(?:,|$)'
)
_QUALITY = re.compile(r";\s*+q\s*+=\s*+([01](?:\.[0-9]*+)?+)\s*+(?:;|$)", re.IGNORECASE)
LONGEST: Final = 4096  # characters of an Accept header


def choose(accept: str | None, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that the Accept header prefers, or None where it refuses all of them.

    The quality of an offer is that of the most specific range that matches it; ties go to the earlier offer. No
    header, or an empty one, takes the first. Parameters other than `q` do not narrow a range: an offer has one
    form only, so `text/turtle; charset=utf-8` and JSON-LD with a profile match it. An offer that is wanted under
    an alias comes back under that name. An unreadable or endless header counts as
    `*/*`, as a server may (section 12.4.1).
    """
    readable = accept if accept and len(accept) <= LONGEST else "*/*"
    ranges = _ranges(readable) or [("*", "*", 1.0)]
    aliased = (replace(offer, media_type=alias) for offer in offers for alias in offer.aliases)
    best, quality = None, 0.0
    for offer in (*offers, *aliased):
        if (q := _quality(ranges, offer.media_type)) > quality:
            best, quality = offer, q
    return best


def by_suffix(suffix: str, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer whose file suffix (without a dot) this is."""
    return next((offer for offer in offers if offer.suffix == suffix), None)


def _ranges(accept: str) -> list[tuple[str, str, float]]:
    found = []
    for match in _RANGE.finditer(accept):
        quality = _QUALITY.search(match[3])
        found.append((match[1].lower(), match[2].lower(), float(quality[1]) if quality else 1.0))
    return found


def _quality(ranges: Sequence[tuple[str, str, float]], media_type: str) -> float:
    main, _, sub = media_type.partition("/")
    matching = [(int(m != "*") + int(s != "*"), q) for m, s, q in ranges if m in ("*", main) and s in ("*", sub)]
    return max(matching)[1] if matching else 0.0
