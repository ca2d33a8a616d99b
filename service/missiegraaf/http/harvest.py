"""What harvesters, crawlers and finders of leaks read first: catalogue, VoID, sitemap, robots.txt, security.txt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, render_template

from missiegraaf.about import DESCRIPTION, FORMATS
from missiegraaf.catalogue import catalogue
from missiegraaf.describe import labels
from missiegraaf.errors import NotFound
from missiegraaf.facts import Facts
from missiegraaf.formats import media
from missiegraaf.http import respond
from missiegraaf.namespaces import LANGUAGES
from missiegraaf.schema_org import structured
from missiegraaf.sitemaps import moved
from missiegraaf.void import void

blueprint = Blueprint("harvest", __name__)

_OFFERS = (*media.GRAPHS, media.HTML)
_XML = media.Offer("application/xml", "xml")
# What answers a question or asks to sign in, and the same page in another form: no document to index.
_NOT_INDEXED = ("/sparql", "/update", "/graphs", "/v1/", "/edit", "/import", "/validate", "/history/", "/session")
_SITES = 10  # that a page shows


@blueprint.get("/catalogue", defaults={"suffix": None})
@blueprint.get("/catalogue.<suffix>")
def described(suffix: str | None) -> Response:
    """The catalogue, as a page or in RDF. Raises NotFound (404), NotAcceptable (406), NotPublished (503)."""
    published, settings, address = respond.service().published, respond.service().settings, respond.address()
    newest = published.newest()
    kept = published.kept() or [newest]
    offer = respond.negotiate(_OFFERS, suffix)
    if offer.suffix == media.HTML.suffix:
        return respond.content(_page(kept), offer, by_language=True, version=newest.version)
    response = respond.graph(catalogue(kept, settings, address), offer, newest.version)
    links = [f'</catalogue.{o.suffix}>; rel="alternate"; type="{o.media_type}"' for o in _OFFERS]
    response.headers["Link"] = ", ".join(links)
    return response


@blueprint.get("/.well-known/void", defaults={"suffix": None})
@blueprint.get("/.well-known/void.<suffix>")
def numbers(suffix: str | None) -> Response:
    """The description of the newest version in VoID (RFC 8615). Raises NotFound (404), NotPublished (503)."""
    service = respond.service()
    newest = service.published.newest()
    offer = respond.negotiate(media.GRAPHS, suffix)
    return respond.graph(void(newest, service.settings, respond.address()), offer, newest.version)


@blueprint.get("/sitemap.xml", defaults={"part": None})
@blueprint.get("/sitemap-<int:part>.xml")
def sitemap(part: int | None) -> Response:
    """The documents with the time of their last Change. Raises NotFound (404), NotPublished (503)."""
    service = respond.service()
    newest = service.published.newest()
    name = "sitemap.xml" if part is None else f"sitemap-{part}.xml"
    try:
        content = (service.published.folder / str(newest.version) / name).read_bytes()
    except FileNotFoundError:
        raise NotFound(f"the sitemap of version {newest.version} has no {name}") from None
    here = moved(content, service.settings.base_iri, respond.address())
    return respond.content(here, _XML, version=newest.version)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Where the sitemap is, and what no crawler need visit (RFC 9309)."""
    service = respond.service()
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_INDEXED)]
    if service.records and service.settings.publish:
        lines += ["", f"Sitemap: {respond.address()}sitemap.xml"]
    return respond.content("\n".join(lines) + "\n", media.PLAIN)


@blueprint.get("/.well-known/security.txt")
def security() -> Response:
    """Where to report a leak (RFC 9116). Raises NotFound (404) where the service does not say."""
    contact = respond.service().settings.security_contact
    if not contact:
        raise NotFound("this service names nobody to report a leak to; its setting security_contact is empty")
    month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {month + timedelta(days=180):%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {respond.address()}.well-known/security.txt",
    ]
    return respond.content("\n".join(lines) + "\n", media.PLAIN)


def _page(kept: list[Facts]) -> str:
    service, language = respond.service(), respond.language()
    newest, settings = kept[0], service.settings
    own = [iri for iri in newest.classes if iri.startswith(settings.base_iri)]
    names = labels(service.readers, own, language)
    things = sorted((names.get(iri, iri), iri, newest.classes[iri]) for iri in own)
    return render_template(
        "catalogue.html",
        kept=kept,
        facts=newest,
        formats=FORMATS,
        description=DESCRIPTION[LANGUAGES.index(language)],
        things=sorted(things, key=lambda thing: -thing[2]),
        sites=sorted(newest.links.items(), key=lambda site: (-site[1], site[0]))[:_SITES],
        settings=settings,
        offers=list(zip(media.GRAPHS, ("Turtle", "N-Triples", "JSON-LD", "RDF/XML"), strict=True)),
        structured=structured(newest, settings, respond.address(), language),
    )
