"""`/sparql` and `/update`: the SPARQL 1.1 Protocol.

Without a query `/sparql` gives the service description, and to a browser a form.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from missiegraaf import files, void
from missiegraaf.describe import select
from missiegraaf.engine import updates
from missiegraaf.engine.cache import Result
from missiegraaf.engine.reader import Job, Offers, Shape
from missiegraaf.errors import (
    BadRequest,
    NotAcceptable,
    NotFound,
    NotPublished,
    UnsupportedMediaType,
    VersionGone,
)
from missiegraaf.facts import Facts
from missiegraaf.formats import media
from missiegraaf.formats.parsing import is_iri
from missiegraaf.http import respond, results
from missiegraaf.namespaces import XSD

blueprint = Blueprint("sparql", __name__)

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_OFFERS: dict[Shape, tuple[media.Offer, ...]] = {
    "solutions": (*media.SOLUTIONS, media.HTML),
    "boolean": (*media.BOOLEANS, media.HTML),
    "graph": media.GRAPHS,
}
FAILURE = "missiegraaf.failure"  # in the environment of a request: the error that its query met (`direct`)
_SHOWN = 2_000_000  # bytes of a result beyond which a page does not show it
_USING = ("using-graph-uri", "using-named-graph-uri")
_PARAMETERS = ("query", "default-graph-uri", "named-graph-uri")


@blueprint.get("/sparql")
def get() -> Response:
    """Answer a query in the query string (clause 2.1.1), or describe the service where there is none."""
    _utf8(unquote_to_bytes(request.query_string))
    if "query" in request.args:
        return _answer(_one_query(request.args), request.args)
    _refuse_update(request.args)
    if given := [name for name in _PARAMETERS[1:] if name in request.args]:
        raise BadRequest(f"{' and '.join(given)} without a query; expected one `query` parameter")
    offer = respond.negotiate((*media.GRAPHS, media.HTML))
    if offer == media.HTML:
        return respond.content(_form(""), offer, by_language=True)
    service = respond.service()
    (counted,) = select(service.readers, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    description = void.service_description(
        request.base_url, service.settings, int(counted["n"]), respond.address(), _facts()
    )
    return respond.graph(description, offer)


@blueprint.post("/sparql")
def post() -> Response:
    """Answer a query sent as a form (clause 2.1.2) or as the body itself (clause 2.1.3).

    Raises UnsupportedMediaType (415) for a body of another type, BadRequest (400) for a text that is not UTF-8.
    """
    if request.mimetype == FORM:
        if given := [name for name in ("query", "update") if name in request.args]:
            raise BadRequest(f"{' and '.join(given)} in the query string of a form; expected in the form")
        _utf8(unquote_to_bytes(request.get_data(cache=True)))
        return _answer(_one_query(request.form), request.values)
    if request.mimetype == QUERY:
        _refuse_update(request.args)
        if "query" in request.args:
            raise BadRequest("one query in the body and one in the query string; expected one")
        return _answer(_utf8(request.get_data()), request.args)
    raise UnsupportedMediaType(
        f"the body is {request.mimetype or 'of no type'}; expected {QUERY} or {FORM}", expected=[QUERY, FORM]
    )


@blueprint.post("/update")
def update() -> Response:
    """Carry out an update sent as a form (clause 2.2.1) or as the body itself (clause 2.2.2): 204 when it is done.

    Raises Forbidden (403) where nobody may write here, UnsupportedMediaType (415), BadRequest (400).
    """
    writing = respond.writing("admin")
    if request.mimetype == FORM:
        _utf8(unquote_to_bytes(request.get_data(cache=True)))
        found, parameters = request.form.getlist("update"), MultiDict(request.form)
        if len(found) != 1 or "query" in request.form:
            raise BadRequest(f"{len(found)} `update` parameters; expected one, and no `query`")
        if given := [name for name in ("update", *_USING) if name in request.args]:
            raise BadRequest(f"{' and '.join(given)} in the query string of a form; expected in the form")
        text = found[0]
    elif request.mimetype == UPDATE:
        text, parameters = _utf8(request.get_data()), MultiDict(request.args)
    else:
        raise UnsupportedMediaType(
            f"the body is {request.mimetype or 'of no type'}; expected {UPDATE} or {FORM}", expected=[UPDATE, FORM]
        )
    updates.refuse_calls(text)
    updates.refuse_depth(text)
    named = [_graphs(parameters, name) or () for name in _USING]
    return respond.done(204, writing.update(updates.with_dataset(text, *named), request.base_url))


def _facts() -> Facts | None:
    """What is known of the version that is asked, if it is published."""
    service = respond.service()
    try:
        return service.published.facts(service.version)
    except (NotFound, NotPublished):
        return None


def _one_query(parameters: MultiDict[str, str]) -> str:
    _refuse_update(parameters)
    queries = parameters.getlist("query")
    if len(queries) != 1:
        raise BadRequest(f"{len(queries)} `query` parameters; expected one")
    return queries[0]


def _refuse_update(parameters: MultiDict[str, str]) -> None:
    if "update" in parameters:
        raise BadRequest("this is the address for queries; an `update` has no place here")


def _utf8(content: bytes) -> str:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    try:
        if charset not in ("utf-8", "utf8"):
            raise BadRequest(f"the charset is {charset}; expected utf-8")
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8: byte {error.start + 1} is {content[error.start]:#04x}") from None


@dataclass(frozen=True)
class Formats:
    """What a client prefers: for each shape of result its offer, and the shapes that it wants as a page."""

    offers: Offers
    pages: frozenset[Shape]


def formats(accept: str | None) -> Formats:
    """Return what an Accept header prefers."""
    return _formats(accept and accept[: media.LONGEST + 1])


@lru_cache(256)
def _formats(accept: str | None) -> Formats:
    chosen = {shape: media.choose(accept, offers) for shape, offers in _OFFERS.items()}
    pages = frozenset(shape for shape, offer in chosen.items() if offer == media.HTML)
    return Formats({shape: media.JSON if shape in pages else offer for shape, offer in chosen.items()}, pages)


def job(
    service: respond.Service,
    query: str,
    chosen: Formats,
    base_url: str,
    default_graphs: tuple[str, ...] | None = None,
    named_graphs: tuple[str, ...] | None = None,
    version: int | None = None,
) -> Job:
    """Return a query as the readers take it; relative IRIs are relative to `base_url`."""
    prefixes = files.prefixes(service.settings.base_iri) if service.settings.public_prefixes else None
    return Job(query, chosen.offers, default_graphs, named_graphs, prefixes, base_url, version)


def _answer(query: str, parameters: MultiDict[str, str]) -> Response:
    accept, service = request.headers.get("Accept"), respond.service()
    chosen = formats(accept)
    default, named = (_graphs(parameters, name) for name in ("default-graph-uri", "named-graph-uri"))
    asked = job(service, query, chosen, request.base_url, default, named, _version(parameters))
    try:
        if failure := request.environ.get(FAILURE):
            raise failure
        result = service.readers.run(asked)
    except NotAcceptable as error:
        offered = [offer.media_type for offer in _OFFERS[error.extra["shape"]]]
        raise NotAcceptable(f"Accept is {accept!r}; on offer are {', '.join(offered)}", offered=offered) from None
    if result.shape not in chosen.pages:
        return results.spooled(result)
    response = _page(query, result)
    response.headers["Missiegraaf-Limits"] = results.limits(service.settings)
    return response


def _version(parameters: MultiDict[str, str]) -> int | None:
    """The former version that is asked, None for the newest. Raises BadRequest (400), VersionGone (404)."""
    asked = parameters.get("version")
    if asked is None:
        return None
    newest = respond.service().version
    if not asked.isdecimal() or len(asked) > 18:
        raise BadRequest(f"version is {asked!r}; expected a number up to {newest}")
    if not 0 < int(asked) <= newest:
        raise VersionGone(f"there is no version {asked}; the newest is {newest}")
    if int(asked) < newest - respond.service().settings.kept_versions:
        raise VersionGone(f"version {asked} is not kept")
    return int(asked)


def _graphs(parameters: MultiDict[str, str], name: str) -> tuple[str, ...] | None:
    """The graphs that a dataset parameter names, None where it is absent (clause 2.1.4)."""
    found = tuple(parameters.getlist(name))
    for iri in found:
        if not is_iri(iri):
            raise BadRequest(f"{name} is {iri!r}; expected an absolute IRI")
    return found or None


def _page(query: str, result: Result) -> Response:
    with result.content as content:
        shown = json.load(content) if result.length <= _SHOWN else {"too_large": result.length}
    return respond.content(_form(query, shown), media.HTML, by_language=True, version=result.version)


def _form(query: str, result: dict[str, object] | None = None) -> str:
    prefixes = files.prefixes(respond.service().settings.base_iri)
    longest_first = sorted(((iri, prefix) for prefix, iri in prefixes.items()), key=lambda pair: -len(pair[0]))

    def short(iri: str) -> str:
        return next((f"{prefix}:{iri[len(start) :]}" for start, prefix in longest_first if iri.startswith(start)), iri)

    def cell(term: dict[str, str]) -> dict[str, str]:
        """A term as a table shows it: its text, and for an IRI of the web its address."""
        if term["type"] == "uri":
            return {"text": short(term["value"]), "href": respond.href(term["value"])}
        datatype = term.get("datatype", XSD + "string")
        note = f"@{term['xml:lang']}" if "xml:lang" in term else short(datatype) if datatype != XSD + "string" else ""
        return {"text": term["value"], "note": note}

    return render_template("sparql.html", query=query, result=result, cell=cell)
