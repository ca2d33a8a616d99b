"""What every surface does alike: find the service's parts, choose a format and a language, send with an ETag."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from flask import Response, current_app, g, redirect, request
from pyoxigraph import Triple
from werkzeug.datastructures import ETags
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import commit, files, history, tokens
from missiegraaf.config import Settings
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.remote_writer import AnyWriter
from missiegraaf.errors import BadRequest, Forbidden, Gone, NotAcceptable, NotFound, PreconditionFailed, Unauthorized
from missiegraaf.feed import Pages
from missiegraaf.formats import iris, media
from missiegraaf.formats.layout import canonical_turtle
from missiegraaf.formats.parsing import is_iri
from missiegraaf.formats.writing import to_bytes
from missiegraaf.http import conditions
from missiegraaf.namespaces import LANGUAGES, home_graph
from missiegraaf.published import Published
from missiegraaf.tokens import Author
from missiegraaf.writing import Plain, Records, Writing

if TYPE_CHECKING:
    pass

# Anyone's page may read.
CROSS_ORIGIN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Allow, Content-Range, ETag, Link, Location, Missiegraaf-Limits, Missiegraaf-Version, "
        "Repr-Digest, Retry-After"
    ),
}

FOREVER: Final = "public, max-age=31536000, immutable"  # Cache-Control of what never changes (RFC 8246)
_SHOWN: Final = 120  # characters of an Accept header in an error


@dataclass(frozen=True)
class Service:
    """The parts that the surfaces share: settings, readers, the writer, and the records, if it has any."""

    settings: Settings
    readers: Readers
    writer: AnyWriter
    records: commit.Graph | None = None

    @cached_property
    def pages(self) -> Pages:
        """The pages of the change feed. Raises what `published` does."""
        return Pages(self.published.feed)

    @cached_property
    def published(self) -> Published:
        """What was published. Raises NotFound (404) where the service does not publish."""
        if self.records is None or not self.settings.publish:
            raise NotFound("this service publishes no dumps and no change feed")
        return Published.of(self.settings)

    @property
    def version(self) -> int:
        """The newest version of the graph."""
        return self.writer.version

    def close(self) -> None:
        """End the readers and give the store free."""
        self.readers.close()
        self.writer.close()


def service() -> Service:
    """Return the service of this application."""
    return cast("Service", current_app.extensions["missiegraaf"])


def address() -> str:
    """Return where this service is reached, ending in a slash: what links to itself must lead there.

    Raises BadRequest (400) where the Host of a request names no host (RFC 9112, 3.2).
    """
    if not service().settings.address and not request.host:
        raise BadRequest(f"Host is {request.headers.get('Host')!r}; expected the name of this service")
    return service().settings.address or request.root_url


def writing(role: str) -> Writing:
    """Return what this request may write with; `role` is the least that a token must have.

    Raises Forbidden (403) where nobody may write or this token may not, Unauthorized (401) without a known token.
    """
    here = service()
    if here.settings.allow_updates:
        return Plain(here.writer, None if here.settings.engine else here.readers)
    return records(role)


def records(role: str) -> Records:
    """Return what this request may write records with. Raises what `writing` does."""
    here = service()
    if here.records is None:
        raise Forbidden("this service is read-only")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    author = tokens.author(Path(here.settings.store), token.strip()) if scheme.lower() == "bearer" else None
    reason = request.headers.get("Missiegraaf-Reason", "")
    with suppress(UnicodeError):  # HTTP is read as Latin-1 (PEP 3333), clients send UTF-8
        reason = reason.encode("latin-1").decode()
    reason = reason or f"{request.method} {request.path}"
    return records_of(author, role, reason, bool(token))


def records_of(author: Author | None, role: str, reason: str, known: bool = True) -> Records:
    """Return what somebody may write records with, for a reason; `known` tells that they showed a token.

    Raises what `writing` does.
    """
    here = service()
    if here.records is None:
        raise Forbidden("this service is read-only")
    g.author = author
    if author is None or author.expired:
        told = ', error="invalid_token"' if known else ""  # RFC 6750, 3.1: no error for a request without one
        raise Unauthorized(
            "this token is not, or no longer, valid" if known else "writing needs a token: Authorization: Bearer ...",
            headers={"WWW-Authenticate": f'Bearer realm="Missiegraaf"{told}'},
        )
    if tokens.ROLES.index(author.role) < tokens.ROLES.index(role):
        raise Forbidden(f"this token is of an {author.role}; expected one of an {role}")
    prefixes = files.prefixes(here.settings.base_iri) if here.settings.public_prefixes else {}
    return Records(here.records, here.readers, author, reason, prefixes)


def thing(kind: str, slug: str) -> str:
    """Return the IRI of a thing, by two segments of a path as they are when decoded.

    What has no place in a segment of an IRI is encoded again, and nothing else: so however a client encodes a path,
    it names the one IRI in normal form (RFC 3987, 3.2 and 5.3.2). Raises NotFound (404) where the two make none.
    """
    segments = [iris.segment(kind), iris.segment(slug)]
    iri = f"{service().settings.base_iri}id/{'/'.join(segments)}"
    if not {".", ".."}.isdisjoint(segments) or not is_iri(iri):
        raise NotFound(f"nothing is known as {iri!r}")
    return iri


def record_graph(iri: str) -> str:
    """Return the name of the graph in which a thing's record stands."""
    return home_graph(iri, service().settings.base_iri)


def absent(kind: str, slug: str) -> NotFound | Gone:
    """Return the error for a record that is not there: it was removed, or never was."""
    return history.absent(service().readers, thing(kind, slug), service().settings.base_iri)


def turn() -> AbstractContextManager[object]:
    """Hold the turn to write, so that what is found out stays true until it is written."""
    return service().writer.turn


def lead(path: str, status: int, cached: bool = True) -> BaseResponse:
    """Lead to another path of this service, relative, as behind a proxy its address is not known."""
    response = redirect(path, status)
    response.autocorrect_location_header = False
    if not cached:
        response.headers["Cache-Control"] = "no-cache"
    return response


def language() -> str:
    """Return the language of the page: `?lang=` where it is one of ours, else by Accept-Language, else Dutch.

    A range counts for its language: `nl-BE` is Dutch before anything that is wanted less (RFC 4647, 3.4).
    """
    asked = request.args.get("lang", "")
    ranges = [(tag.lower().partition("-")[0], weight) for tag, weight in request.accept_languages]
    any_ = max((weight for tag, weight in ranges if tag == "*"), default=0.0)
    wanted = {name: max((weight for tag, weight in ranges if tag == name), default=any_) for name in LANGUAGES}
    return asked if asked in LANGUAGES else max(LANGUAGES, key=lambda name: wanted[name])


def negotiate(offers: Sequence[media.Offer], suffix: str | None = None) -> media.Offer:
    """Return the offer that the suffix names, else the one the Accept header prefers.

    Raises NotFound (404) for a suffix that is not on offer, NotAcceptable (406) naming what is.
    """
    accept = request.headers.get("Accept")
    if suffix is not None:
        named = media.by_suffix(suffix, offers, accept)
        if named is None:
            there = dict.fromkeys(f".{offer.suffix}" for offer in offers)
            raise NotFound(f"no .{suffix} here; there are: {', '.join(there)}")
        return named
    chosen = media.choose(accept, offers)
    if chosen is None:
        offered = list(dict.fromkeys(offer.media_type for offer in offers))
        said = (accept or "")[:_SHOWN]
        raise NotAcceptable(f"Accept is {said!r}; on offer are {', '.join(offered)}", offered=offered)
    return chosen


def content(
    body: bytes | str,
    offer: media.Offer,
    by_language: bool = False,
    version: int | None = None,
    modified: datetime | None = None,
) -> Response:
    """Return a representation with a strong ETag, or 304 where the client has it (RFC 9110, 8.8.3 and 13.1.2).

    `version` is that of the graph which it shows, if it shows any of it; `modified` the time since which it is so.
    """
    data = body.encode() if isinstance(body, str) else body
    response = Response(data, content_type=offer.content_type)
    if by_language:
        response.vary.add("Accept-Language")
        response.content_language.add(language())
    response.set_etag(tag(data))
    if modified is not None:  # which Werkzeug would take for now
        response.last_modified = modified
    response.vary.add("Accept")
    response.headers["Cache-Control"] = "no-cache"
    if version is not None:
        response.headers["Missiegraaf-Version"] = str(version)
    return conditional(response)


def graph(triples: Iterable[Triple], offer: media.Offer, version: int | None = None) -> Response:
    """Return a graph in the format of the offer, in a fixed order; Turtle in the canonical layout."""
    return content(written(triples, offer), offer, version=version)


def written(triples: Iterable[Triple], offer: media.Offer) -> bytes:
    """Return the bytes that `graph` sends."""
    prefixes = files.prefixes(service().settings.base_iri)
    if offer.suffix == media.TURTLE.suffix:
        return canonical_turtle(triples, prefixes).encode()
    return to_bytes(sorted(triples, key=str), offer.rdf, prefixes)


def done(status: int, version: int) -> Response:
    """Say that something was written, and which version that made."""
    return Response(status=status, headers={"Missiegraaf-Version": str(version)})


def conditional(response: Response) -> Response:
    """Turn a response into 304, or raise PreconditionFailed (412), where that fits (RFC 9110, 13.2.2)."""
    if request.method in ("GET", "HEAD"):
        status = conditions.outcome(request.headers, response.get_etag()[0] or "", response.last_modified)
        if status == conditions.FAILED:
            response.close()
            raise PreconditionFailed("it is not, or no longer, what If-Match or If-Unmodified-Since says; read it anew")
        response.status_code = status
    return response


def check(exists: bool, tags: Callable[[], Iterable[str]]) -> None:
    """Raise PreconditionFailed (412) where something is not as If-Match or If-None-Match says (RFC 9110, 13.1).

    The caller holds the turn. `tags` gives those of every representation that there is of it.
    """
    wanted, unwanted = request.if_match, request.if_none_match

    def is_one_of(named: ETags, weakly: bool = False) -> bool:
        return exists and (named.star_tag or not named.as_set(include_weak=weakly).isdisjoint(tags()))

    if "If-Match" in request.headers and not is_one_of(wanted):
        raise PreconditionFailed("it is not, or no longer, what If-Match names; read it again")
    if "If-None-Match" in request.headers and is_one_of(unwanted, weakly=True):
        raise PreconditionFailed("it is there, or is what If-None-Match names")


def tag(data: bytes) -> str:
    """Return the strong ETag of a representation by its bytes, without its quotes."""
    return etag(hashlib.sha256(data).hexdigest())


def etag(sha256: str) -> str:
    """Return the same by the hash of its bytes."""
    return sha256[:32]


def href(iri: str) -> str:
    """Return the address a page links to for an IRI: a path of this service for its own, nothing for no web address."""
    own = service().settings.base_iri
    if iri.startswith(own):
        return "/" + iri.removeprefix(own)
    return iri if iri.startswith(("http://", "https://")) else ""
