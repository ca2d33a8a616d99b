"""The change feed: a Linked Data Event Stream for harvesters, an Atom feed and a page for people."""

from __future__ import annotations

import re

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import feed
from missiegraaf.describe import labels
from missiegraaf.errors import BadRequest, Gone, NotFound, NotPublished, VersionGone
from missiegraaf.feed import State
from missiegraaf.formats import iris, media, parsing
from missiegraaf.history import as_of, newest
from missiegraaf.http import links, respond

blueprint = Blueprint("feed", __name__)

ATOM = media.Offer("application/atom+xml", "atom", ("application/xml", "text/xml"))
_OFFERS = (*feed.FORMATS, media.TURTLE, media.N_TRIPLES, media.HTML, ATOM)
_NUMBER = re.compile("[1-9][0-9]{0,8}")  # of a page: one address for each
_SHOWN = 50  # Changes on the page and in the Atom feed


@blueprint.get("/feed", defaults={"suffix": None})
@blueprint.get("/feed.<suffix>")
def root(suffix: str | None) -> BaseResponse:
    """The stream and its pages; with `?after=17` lead to the page that has what came after version 17."""
    reached = _reached()
    if "after" in request.args:
        return _after(request.args["after"], suffix, reached)
    offer = respond.negotiate(_OFFERS, suffix)
    if offer.suffix in (media.HTML.suffix, ATOM.suffix):
        return _for_people(offer, reached)
    settings = respond.service().settings
    names = {"nl": "Wijzigingen van " + settings.title_nl, "en": "Changes of " + settings.title_en}
    return respond.graph(feed.root(reached, _address(), settings.base_iri, names), offer, reached.version)


@blueprint.get("/feed/<name>")
def page(name: str) -> Response:
    """A page of the stream, oldest first. Raises NotFound (404), Gone (410) for one that is not kept any more."""
    number, _, suffix = name.partition(".")
    for _ in range(2):  # the last page may have become another between the two
        reached = _reached()
        if not _NUMBER.fullmatch(number) or int(number) > reached.last:
            raise NotFound(f"there is no page {name} of the feed; the last one is {reached.last}")
        if int(number) < reached.first:
            raise _gone(int(number), reached)
        offer = respond.negotiate(feed.FORMATS, suffix or None)
        try:
            found = respond.service().pages.content(reached, int(number), offer, _address())
            break
        except FileNotFoundError:
            continue
    else:
        raise NotFound(f"page {number} of the feed has just changed; ask again", headers={"Retry-After": "1"})
    response = respond.content(found, offer)
    if int(number) < reached.last:
        response.headers["Cache-Control"] = respond.FOREVER
    return response


@blueprint.get("/version/<int:number>/doc/<kind>/<slug>")
def version(number: int, kind: str, slug: str) -> Response:
    """A record as it was in a version, which a member of the feed has as its name. Raises NotFound (404)."""
    service, iri = respond.service(), respond.thing(kind, slug)
    now = service.version
    if not 1 <= number <= now:
        raise VersionGone(f"there is no version {number}; the first one is 1, the newest {now}")
    found = as_of(service.readers, iri, service.settings.base_iri, number, now)
    if not found:
        raise NotFound(f"version {number} had no record of {iri}")
    response = respond.graph(found, respond.negotiate(media.GRAPHS))
    said = (("describes", iris.uri(iri)), ("latest-version", f"/doc/{kind}/{slug}"), ("license", links.RECORDS))
    response.headers["Link"] = ", ".join(links.link(iris.uri(target), relation) for relation, target in said)
    response.headers["Cache-Control"] = respond.FOREVER
    return response


def _after(version: str, suffix: str | None, reached: State) -> BaseResponse:
    if not re.fullmatch("[0-9]{1,9}", version):
        raise BadRequest(f"after is {version!r}; expected the number of a version, as the name of a dump has it")
    number = reached.after(int(version))
    if number < reached.first:
        raise _gone(number, reached)
    page = f"/feed/{number}" if reached.last else "/feed"  # of an empty store there is none
    return respond.lead(page + (f".{suffix}" if suffix else ""), 303, cached=False)


def _gone(number: int, reached: State) -> Gone:
    """The error for who was away too long: what they missed is in a dump."""
    newest = respond.service().published.newest().version
    return Gone(
        f"page {number} of the feed is not kept any more, the first one is {reached.first}; start from a dump, as "
        f"/dumps/latest, and go on at /feed?after={newest}, its version",
        {"Link": f'</dumps/latest>; rel="alternate", </feed?after={newest}>; rel="next"'},
        dump="/dumps/latest",
        next=f"/feed?after={newest}",
    )


def _for_people(offer: media.Offer, reached: State) -> Response:
    """The newest Changes, as a page or as an Atom feed (RFC 4287)."""
    service = respond.service()
    changes = newest(service.readers, service.settings.base_iri, _SHOWN, reached.version)
    names = labels(service.readers, {changed.thing for changed in changes}, respond.language())
    template = "feed.html" if offer.suffix == media.HTML.suffix else "feed.xml"
    text = render_template(
        template,
        changes=changes,
        names=names,
        updated=reached.time,
        address=respond.address(),
        base=service.settings.base_iri,
        publisher=service.settings.publisher,
        xml=parsing.NOT_XML.sub,
    )
    return respond.content(text, offer, by_language=True, version=reached.version)


def _reached() -> State:
    """How far the feed goes; what was written since is put into it first, which is little."""
    service = respond.service()
    pages, settings = service.pages, service.settings
    if pages.state.version < service.version:
        dumped = max(service.published.versions(), default=0)
        service.readers.work(feed.extend, str(pages.folder), settings.base_iri, settings.feed_pages, dumped, False)
    if not pages.state.version:
        raise NotPublished("the change feed is just being written; ask again in a moment", {"Retry-After": "10"})
    return pages.state


def _address() -> str:
    return respond.address() + "feed"
