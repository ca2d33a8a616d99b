"""The RDF that a request sends."""

from __future__ import annotations

from flask import request

from missiegraaf.errors import BadRequest, UnsupportedMediaType
from missiegraaf.formats import media
from missiegraaf.http import respond

MULTIPART = "multipart/form-data"


def triples(base_iri: str) -> str:
    """Return the triples of the body, or of the files of a form, as N-Triples, which SPARQL reads too.

    Relative IRIs are relative to `base_iri`. Raises UnsupportedMediaType (415), BadRequest (400), UnreadableFile (400).
    """
    readers = respond.service().readers
    if request.mimetype == MULTIPART:
        sent = [part for _, part in request.files.items(multi=True)]
        parts = [(part.read(), part.mimetype, part.filename or "a part of the body") for part in sent]
        if request.form or not parts:
            raise BadRequest("a part of the body has no file name; expected files, each with its type")
    else:
        parts = [(request.get_data(), request.mimetype, "the body")]
    found = []
    for content, media_type, name in parts:
        offer = media.choose(media_type or None, media.GRAPHS) if media_type != "*/*" else None
        if offer is None:
            expected = [offer.media_type for offer in media.GRAPHS]
            raise UnsupportedMediaType(f"{name} is {media_type}; expected {', '.join(expected)}", expected=expected)
        found.append(readers.read_graph(content, offer, base_iri, name).decode())
    return "\n".join(found)
