"""`/id/...` leads to `/doc/...`, which says everything about a thing; `/def` and `/shapes` are the vocabulary files."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, redirect, render_template, request
from pyoxigraph import RdfFormat, Triple
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import files, forms
from missiegraaf.describe import Description, describe, exists, select
from missiegraaf.formats import media, parsing
from missiegraaf.history import absent
from missiegraaf.http import respond
from missiegraaf.outline import entailed, mentions, outline
from missiegraaf.vocabulary import vocabulary

blueprint = Blueprint("resources", __name__)

OFFERS = (*media.GRAPHS, media.HTML)
# How many things a class has, and the first of them.
_USED = (
    "SELECT ?class (COUNT(DISTINCT ?thing) AS ?n) (MIN(?thing) AS ?example) WHERE { ?thing a ?class } GROUP BY ?class"
)
_SUFFIXES = tuple(f".{offer.suffix}" for offer in OFFERS)


@blueprint.get("/id/<kind>/<slug>")
def thing(kind: str, slug: str) -> BaseResponse:
    """Lead from a thing to its document with 303 (Cool URIs, 4.2). Raises NotFound (404), Gone (410)."""
    service = respond.service()
    if not exists(service.readers, respond.thing(kind, slug)):
        raise absent(service.readers, respond.thing(kind, slug), service.settings.base_iri)
    query = f"?{request.query_string.decode(errors='replace')}" if request.query_string else ""
    response = redirect(f"/doc/{kind}/{slug}{query}", 303)
    response.autocorrect_location_header = False
    return response


@blueprint.get("/doc/<kind>/<name>")
def document(kind: str, name: str) -> Response:
    """Say everything about a thing, in the format of the suffix or of the Accept header.

    Raises NotFound (404) for an unknown thing or suffix, Gone (410), NotAcceptable (406).
    """
    slug, suffix = _split(name)
    offer = respond.negotiate(OFFERS, suffix)
    version = respond.service().version
    description = _described(kind, slug, version)
    if offer.suffix == media.HTML.suffix:
        response = respond.content(_page(description, kind, slug), offer, by_language=True, version=version)
    else:
        response = respond.graph(description.triples, offer, version)
    return _linked(response, f"/doc/{kind}/{slug}", description.iri)


@blueprint.get("/def", defaults={"suffix": None})
@blueprint.get("/def.<suffix>")
def ontology(suffix: str | None) -> Response:
    """The ontology: in Turtle the file as it is written, in other formats its triples, in HTML its terms."""
    return _vocabulary("def", suffix)


@blueprint.get("/shapes", defaults={"suffix": None})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None) -> Response:
    """The shapes, all files together."""
    return _vocabulary("shapes", suffix)


def _vocabulary(name: str, suffix: str | None) -> Response:
    offer = respond.negotiate(OFFERS, suffix)
    base = respond.service().settings.base_iri
    text, triples = _read(name, base)
    if offer.suffix == media.TURTLE.suffix:
        return respond.content(text, offer)
    if offer.suffix == media.HTML.suffix:
        return respond.content(_vocabulary_page(name, base), offer, by_language=True)
    return respond.graph(triples, offer)


def _vocabulary_page(name: str, base: str) -> str:
    language = respond.language()
    read = vocabulary(
        _read("ontology", base)[1] + _read("rules", base)[1], f"{base}{name}#", language, files.prefixes(base)
    )
    used = {row["class"]: row for row in select(respond.service().readers, _USED)}
    return render_template("vocabulary.html", name=name, vocabulary=read, used=used, base=base)


@cache
def _read(name: str, base: str) -> tuple[str, list[Triple]]:
    """The text and triples of `def`, all `shapes`, their `rules` or the whole `ontology`, read once in a process."""
    other = {"def": [files.folder("ontology") / "missiegraaf.ttl"], "rules": files.rule_files()}
    paths = other.get(name) or files.turtle_files(name)
    texts = [files.text(path, base) for path in paths]
    return "\n".join(texts), [q.triple for text in texts for q in parsing.quads(text, RdfFormat.TURTLE, name)]


def _described(kind: str, slug: str, version: int) -> Description:
    service, iri = respond.service(), respond.thing(kind, slug)
    base = service.settings.base_iri
    found = describe(service.readers, iri, f"{base}doc/{kind}/{slug}", base, version)
    if found is None:
        raise absent(service.readers, iri, base)
    return found


def _split(name: str) -> tuple[str, str | None]:
    """A document's name and, where it ends in one of ours, its suffix."""
    slug, dot, suffix = name.rpartition(".")
    return (slug, suffix) if dot and f".{suffix}" in _SUFFIXES else (name, None)


def _page(description: Description, kind: str, slug: str) -> str:
    language, service = respond.language(), respond.service()
    known = forms.forms(service.settings.base_iri) if service.records else {}
    return render_template(
        "thing.html",
        title=description.label(description.iri, language) or description.iri,
        iri=description.iri,
        lines=outline(description, language),
        entailed=entailed(description, language),
        mentions=mentions(description, language),
        path=f"/doc/{kind}/{slug}",
        editable=any(str(t.object)[1:-1] in known for t in description.asserted),
        offers=media.GRAPHS,
        shown=50,
    )


def _linked(response: Response, path: str, iri: str) -> Response:
    """Say which thing this describes and in which other formats (RFC 8288)."""
    links = [f'<{iri}>; rel="describes"']
    links += [f'<{path}.{offer.suffix}>; rel="alternate"; type="{offer.media_type}"' for offer in OFFERS]
    response.headers["Link"] = ", ".join(links)
    return response
