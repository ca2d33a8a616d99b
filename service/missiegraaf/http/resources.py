"""`/id/...` leads to `/doc/...`, which says everything about a thing."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import documents, forms
from missiegraaf.describe import Description, exists
from missiegraaf.engine.kept import kept
from missiegraaf.errors import BadRequest
from missiegraaf.formats import iris, media
from missiegraaf.history import absent
from missiegraaf.http import links, respond
from missiegraaf.outline import entailed, mentions, outline

blueprint = Blueprint("resources", __name__)


@blueprint.get("/id/<kind>/<slug>")
def thing(kind: str, slug: str) -> BaseResponse:
    """Lead from a thing to its document with 303 (Cool URIs, 4.2). Raises NotFound (404), Gone (410)."""
    service, iri = respond.service(), respond.thing(kind, slug)
    if not exists(service.readers, iri):
        raise absent(service.readers, iri, service.settings.base_iri)
    query = f"?{request.query_string.decode(errors='replace')}" if request.query_string else ""
    path = _path(iri)
    response = respond.lead(path + query, 303)
    response.headers["Link"] = ", ".join([links.link(path, "describedby"), links.link(links.RECORDS, "license")])
    return response


@blueprint.get("/doc/<kind>/<name>")
def document(kind: str, name: str) -> Response:
    """Say everything about a thing, in the format of the suffix or of the Accept header, the page that `?page=` names.

    Raises NotFound (404) for an unknown thing or page, Gone (410), NotAcceptable (406), BadRequest (400).
    """
    page = _asked_page()
    for slug, suffix in dict.fromkeys([media.split(name, media.DOCUMENTS), (name, None)]):  # a name may end as a file's
        offer, iri = respond.negotiate(media.DOCUMENTS, suffix), respond.thing(kind, slug)
        sent = (_page if offer.suffix == media.HTML.suffix else _data)(iri, page, offer)
        if sent is not None:
            return _linked(*sent, iri, page, suffix, offer)
    iri = respond.thing(kind, media.split(name, media.DOCUMENTS)[0])
    raise absent(respond.service().readers, iri, respond.service().settings.base_iri)


def _linked(response: Response, pages: int, iri: str, page: int, suffix: str | None, offer: media.Offer) -> Response:
    path = _path(iri)
    links.add(
        response,
        links.link(iris.uri(iri), "describes"),
        *links.pages(path + (f".{suffix}" if suffix else ""), page, pages),
        path=path,
        canonical=respond.record_graph(iri),
        licence=links.RECORDS,
        offer=offer,
        query=f"?page={page}" if page > 1 else "",
    )
    return response


def _data(iri: str, page: int, offer: media.Offer) -> tuple[Response, int] | None:
    """A page of a description in RDF, and how many there are; None where nothing is said of a thing."""
    service = respond.service()
    address = respond.address() if offer.suffix == media.JSON_LD.suffix else ""  # which is in nothing else
    found = kept(service.readers, offer, documents.described, iri, service.settings.base_iri, page, address)
    if found is None:
        return None
    modified = _settled(found.about.changed)
    return respond.content(found.content.read(), offer, version=found.version, modified=modified), found.about.pages


def _page(iri: str, page: int, offer: media.Offer) -> tuple[Response, int] | None:
    """The same for people."""
    service, language = respond.service(), respond.language()
    base = service.settings.base_iri
    found = kept(service.readers, offer, documents.pickled, iri, base, page)
    if found is None:
        return None
    description: Description = pickle.load(found.content)  # noqa: S301  # a reader wrote it
    content = _written(description, language, forms.forms(base) if service.records else {})
    return respond.content(content, offer, by_language=True, version=found.version), description.pages


def _written(description: Description, language: str, known: Mapping[str, forms.Form]) -> str:
    return render_template(
        "thing.html",
        title=description.label(description.iri, language) or description.iri,
        iri=description.iri,
        lines=outline(description, language),
        entailed=entailed(description, language),
        mentions=mentions(description, language),
        path=_path(description.iri),
        editable=any(str(t.object)[1:-1] in known for t in description.asserted),
        offers=media.GRAPHS,
        page=description.page,
        pages=description.pages,
    )


def _path(iri: str) -> str:
    """The path of the document about a thing."""
    return "/" + iris.uri(respond.record_graph(iri).removeprefix(respond.service().settings.base_iri))


def _asked_page() -> int:
    """The number that `?page=` gives, 1 where it does not. Raises BadRequest (400) for what is no number."""
    given = request.args.getlist("page") or ["1"]
    number = given[0]
    if len(given) > 1 or not (number.isascii() and number.isdecimal() and len(number) < 10 and int(number)):
        raise BadRequest(f"page is {', '.join(given)[:40]!r}; expected one whole number, from 1")
    return int(number)


def _settled(changed: datetime | None) -> datetime | None:
    """A time by which versions can be told apart: within its second there may be another Change (RFC 9110, 8.8.2)."""
    return changed if changed and changed + timedelta(seconds=1) <= datetime.now(UTC) else None
