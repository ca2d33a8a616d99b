"""The body of a request: that it has a length, and the RDF in it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, request

from missiegraaf.errors import BadRequest, LengthRequired, UnsupportedMediaType
from missiegraaf.formats import media
from missiegraaf.http import respond

MULTIPART = "multipart/form-data"


def register(app: Flask) -> None:
    """Refuse a body without Content-Length (411): the server does not tell of one that breaks off from a whole one."""
    app.before_request(_expect_length)


def _expect_length() -> None:
    if "CONTENT_LENGTH" not in request.environ and request.environ["wsgi.input"].read(1):
        raise LengthRequired("the body comes without its length; expected Content-Length")


def triples(base_iri: str) -> str:
    """Return the triples of the body, or of the files of a form, as N-Triples, which SPARQL reads too.

    Relative IRIs are relative to `base_iri`. Raises UnsupportedMediaType (415), BadRequest (400), UnreadableFile (400).
    """
    readers = respond.service().readers
    if request.mimetype == MULTIPART:
        files = [part for _, part in request.files.items(multi=True)]
        parts = [(part.read(), part.mimetype, part.filename or "a part of the body") for part in files]
        if request.form or not parts:
            raise BadRequest("a part of the body has no file name; expected files, each with its type")
    else:
        parts = [(request.get_data(), request.mimetype, "the body")]
    found = []
    for content, media_type, name in parts:
        found.append(readers.read_graph(content, sent(media_type, media.GRAPHS, name), base_iri, name).decode())
    return "\n".join(found)


def sent(media_type: str, offers: Sequence[media.Offer], name: str) -> media.Offer:
    """Return the format of what is sent, of those that are read here; without a type, the first.

    Raises UnsupportedMediaType (415).
    """
    found = media.choose(media_type or None, offers) if media_type != "*/*" else None
    if found is None:
        expected = [offer.media_type for offer in offers]
        raise UnsupportedMediaType(f"{name} is {media_type}; expected {', '.join(expected)}", expected=expected)
    return found
