"""Media types, and the choice among them (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True)
class Offer:
    """A representation on offer: its media type, the suffix of its file, and the other names it may be asked by.

    One with a `profile` (RFC 6906) is for those who name that IRI.
    """

    media_type: str
    suffix: str
    aliases: tuple[str, ...] = ()
    charset: bool = False
    profile: str = ""

    @property
    def content_type(self) -> str:
        """The value of a Content-Type header."""
        if self.profile:
            return f'{self.media_type}; profile="{self.profile}"'
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

# The forms of JSON-LD that may be asked by name (JSON-LD 1.1, appendix C).
COMPACTED, EXPANDED, FLATTENED = (
    Offer(JSON_LD.media_type, JSON_LD.suffix, profile=f"http://www.w3.org/ns/json-ld#{form}")
    for form in ("compacted", "expanded", "flattened")
)

GRAPHS: Final = (TURTLE, N_TRIPLES, JSON_LD, RDF_XML)
DOCUMENTS: Final = (TURTLE, N_TRIPLES, COMPACTED, EXPANDED, FLATTENED, JSON_LD, RDF_XML, HTML)
SOLUTIONS: Final = (JSON, XML, CSV, TSV)
BOOLEANS: Final = (JSON, XML)
SHEETS: Final = (CSV, XLSX)

# Possessive, and of a bounded text, so that no header takes long.
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?+)++')
_RANGE = re.compile(
    r"""\s*+(?:(\*)|([!#$%&'*+.^_`|~\w-]++)/([!#$%&'*+.^_`|~\w-]++))\s*+"""
    r"""((?:;\s*+(?:[^\s;,="]++\s*+(?:=\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s;,"]*+)\s*+)?+)?+)*+)""",
    re.ASCII,
)
_PARAMETER = re.compile(r""";\s*+([^\s;,="]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+))""")
_WEIGHT = re.compile(r"0?\.[0-9]++|[01](?:\.[0-9]*+)?+")  # Java sends `q=.2`
LONGEST: Final = 16_384  # characters of an Accept header


@dataclass(frozen=True)
class _Range:
    """A media range with its weight, and the profiles that it names."""

    main: str
    sub: str
    weight: float
    profiles: tuple[str, ...]

    def fit(self, offer: Offer) -> int:
        """How specifically it matches an offer, 0 where it does not."""
        main, _, sub = offer.media_type.partition("/")
        if (self.main, self.sub) == (main, sub):
            return 4 * (offer.profile in self.profiles) if offer.profile else 3
        if offer.profile:
            return 0
        return {(main, "*"): 2, ("*", "*"): 1}.get((self.main, self.sub), 0)


def choose(accept: str | None, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that the Accept header prefers, or None where it refuses all of them.

    The quality of an offer is that of the most specific range that matches it; ties go to what is named in full, as
    some browsers give `*/*` the quality of what they name, then to the earlier offer. No header, or an empty one, takes
    the first (12.4.1). A profile is matched by a range that names it; other parameters
    do not narrow a range: an offer has one form only, so `text/turtle; charset=utf-8` matches it, and so does JSON-LD
    with a profile that is not on offer. An offer that is wanted under an alias comes back under that name. What cannot
    be read of a header is passed over (2.4); where nothing can, or it is endless, nothing is acceptable, so that
    whoever wrote it is told what is on offer.
    """
    if not accept or not accept.strip(" \t,"):
        return offers[0]
    ranges = _ranges(accept) if len(accept) <= LONGEST else []
    aliased = (replace(offer, media_type=alias) for offer in offers for alias in offer.aliases)
    best, most = None, (0.0, 3)
    for offer in (*offers, *aliased):
        if (found := _quality(ranges, offer)) > most:
            best, most = offer, found
    return best


def by_suffix(suffix: str, offers: Sequence[Offer], accept: str | None = None) -> Offer | None:
    """Return the offer whose file suffix (without a dot) this is, in the profile that the Accept header asks of it."""
    named = [offer for offer in offers if offer.suffix == suffix]
    plain = next((offer for offer in named if not offer.profile), None)
    chosen = choose(accept, named) if len(named) > 1 else None
    return chosen if chosen and chosen.profile and accept else plain


def split(name: str, offers: Sequence[Offer]) -> tuple[str, str | None]:
    """Return the name of a document and, where it ends in the suffix (without a dot) of one of the offers, that."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix) if dot and any(offer.suffix == suffix for offer in offers) else (name, None)


def _ranges(accept: str) -> list[_Range]:
    return [found for element in _ELEMENT.findall(accept) if (found := _range(element))]


def _range(text: str) -> _Range | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    said = {name.lower(): quoted or plain for name, quoted, plain in reversed(_PARAMETER.findall(match[4]))}
    weight = _WEIGHT.fullmatch(said.get("q", "1"))
    if weight is None:
        return None
    main, sub = ("*", "*") if match[1] else (match[2].lower(), match[3].lower())  # Java sends `*`
    return _Range(main, sub, min(float(weight[0]), 1.0), tuple(said.get("profile", "").split()))


def _quality(ranges: Sequence[_Range], offer: Offer) -> tuple[float, int]:
    """The quality of an offer, and how fully what gives it that names it."""
    fit, weight = max(((fit, found.weight) for found in ranges if (fit := found.fit(offer))), default=(0, 0.0))
    return weight, min(fit, 3)
