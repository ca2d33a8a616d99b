"""What is sent of a graph: its triples in a format of documents, with the short names of the project."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import Triple

from missiegraaf import contexts, files, log
from missiegraaf.describe import describe
from missiegraaf.engine.reader import Ask
from missiegraaf.formats import jsonld, media
from missiegraaf.formats.layout import canonical_turtle
from missiegraaf.formats.media import Offer
from missiegraaf.formats.writing import to_bytes


@dataclass(frozen=True)
class About:
    """What is known of a description besides its bytes: how many pages it has, and when the graph last changed."""

    pages: int
    changed: datetime


def described(
    ask: Ask, version: int, offer: Offer, iri: str, base_iri: str, page: int, address: str
) -> tuple[bytes, About] | None:
    """Return a page of the description of a thing in a format, for `engine.kept`; None where nothing is said of it.

    Raises NotFound (404) for a page that there is not.
    """
    found = describe(ask, version, iri, base_iri, page)
    if found is None:
        return None
    content = written(found.triples, offer, base_iri, address)
    return content, About(found.pages, datetime.fromisoformat(log.time(ask, version, base_iri)))


def pickled(ask: Ask, version: int, offer: Offer, iri: str, base_iri: str, page: int) -> tuple[bytes, None] | None:
    """Return a page of the description of a thing itself, for a page that is made of it; else as `described`."""
    del offer
    found = describe(ask, version, iri, base_iri, page)
    return None if found is None else (pickle.dumps(found), None)


def written(triples: Iterable[Triple], offer: Offer, base_iri: str, address: str) -> bytes:
    """Return triples in a format of `media.DOCUMENTS`; the same bytes for the same triples.

    `address` is where the service is reached, ending in a slash: JSON-LD names its context by it.
    """
    prefixes = files.prefixes(base_iri)
    if offer.suffix == media.TURTLE.suffix:
        return canonical_turtle(triples, prefixes).encode()
    if offer.suffix != media.JSON_LD.suffix:
        return to_bytes(sorted(triples, key=str), offer.rdf, prefixes)
    if offer.profile in (media.EXPANDED.profile, media.FLATTENED.profile):
        return jsonld.expanded(triples)
    version, context = contexts.newest(base_iri)
    return jsonld.compacted(triples, context, f"{address}context/{version}.jsonld")
