"""`/def` and `/shapes` are the vocabulary files, `/context` what JSON-LD is compacted with."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, render_template

from missiegraaf import contexts, documents, files
from missiegraaf.describe import select
from missiegraaf.errors import NotFound
from missiegraaf.formats import media
from missiegraaf.http import links, respond
from missiegraaf.vocabulary import read, vocabulary

blueprint = Blueprint("vocabularies", __name__)

# How many things a class has, and the first of them.
_USED = (
    "SELECT ?class (COUNT(DISTINCT ?thing) AS ?n) (MIN(?thing) AS ?example) WHERE { ?thing a ?class } GROUP BY ?class"
)


@blueprint.get("/def", defaults={"suffix": None})
@blueprint.get("/def.<suffix>")
def ontology(suffix: str | None) -> Response:
    """The ontology: in Turtle the file as it is written, in other formats its triples, in HTML its terms."""
    return _sent("def", "def", suffix)


@blueprint.get("/def/<name>")
def version(name: str) -> Response:
    """The ontology by the IRI of its version (owl:versionIRI). Raises NotFound (404), naming the versions there are."""
    asked, suffix = media.split(name, media.DOCUMENTS)
    there, _ = contexts.newest(respond.service().settings.base_iri)
    if asked != there:
        raise NotFound(f"there is no version {asked!r} of the ontology; there are: {there}")
    return _sent("def", f"def/{there}", suffix, links.link("/def", "latest-version"))


@blueprint.get("/shapes", defaults={"suffix": None})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None) -> Response:
    """The shapes, all files together."""
    return _sent("shapes", "shapes", suffix)


@blueprint.get("/context/<name>")
def context(name: str) -> Response:
    """The JSON-LD context of a version of the ontology, which never changes. Raises NotFound (404), naming them."""
    asked = name.removesuffix(".jsonld")
    if asked == name:
        raise NotFound(f"there is no context {name!r}; there are: {', '.join(contexts.versions())}, each with .jsonld")
    response = respond.content(contexts.text(asked, respond.service().settings.base_iri), media.JSON_LD)
    response.headers["Cache-Control"] = respond.FOREVER
    del response.headers["Vary"]
    return response


def _sent(name: str, path: str, suffix: str | None, *more: str) -> Response:
    base = respond.service().settings.base_iri
    offer = respond.negotiate(media.DOCUMENTS, suffix)
    if offer.suffix == media.TURTLE.suffix:
        response = respond.content(read(name, base)[0], offer)
    elif offer.suffix == media.HTML.suffix:
        response = respond.content(_page(name, base), offer, by_language=True)
    else:
        response = respond.content(_data(name, base, offer, respond.address()), offer)
    links.add(response, *more, path=f"/{path}", canonical=f"{base}{path}", licence=links.VOCABULARIES, offer=offer)
    return response


@lru_cache(64)
def _data(name: str, base: str, offer: media.Offer, address: str) -> bytes:
    return documents.written(read(name, base)[1], offer, base, address)


def _page(name: str, base: str) -> str:
    language = respond.language()
    triples = read("ontology", base)[1] + read("rules", base)[1]
    told = vocabulary(triples, f"{base}{name}#", language, files.prefixes(base))
    used = {row["class"]: row for row in select(respond.service().readers, _USED)}
    return render_template("vocabulary.html", name=name, vocabulary=told, used=used, base=base)
