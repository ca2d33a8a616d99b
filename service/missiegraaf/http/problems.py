"""Errors as `application/problem+json` (RFC 9457), or as a page for a browser; CORS on everything."""

from __future__ import annotations

import json

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from missiegraaf import documents, findings, reporting
from missiegraaf.errors import BodyTooLarge, Gone, MissiegraafError, NotConforming
from missiegraaf.formats import media
from missiegraaf.http import respond

_KEPT = ("Allow", "Content-Range", "Location", "Retry-After")  # of the headers that Werkzeug gives an error
_FINDINGS = 100  # that a problem lists
PROBLEM = media.Offer("application/problem+json", "json", ("application/json",))


def register(app: Flask) -> None:
    """Turn every error of the application into a problem document and add the headers that all answers share."""
    app.register_error_handler(MissiegraafError, _own)
    app.register_error_handler(HTTPException, _werkzeug)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.after_request(_cross_origin)


def _own(error: MissiegraafError) -> Response:
    if isinstance(error, NotConforming):  # what is wrong with the record
        found = findings.of_report(error.report, {}, respond.service().settings.base_iri, _FINDINGS)
        offer = media.choose(request.headers.get("Accept"), (PROBLEM, media.HTML, *reporting.GRAPHS))
        if offer is not None and offer in reporting.GRAPHS:
            return _answer(reporting.as_rdf(found, offer), error.status, error.headers, offer.content_type)
        error.extra |= reporting.as_members(found)
    if isinstance(error, Gone):
        accept, (_, suffix) = request.headers.get("Accept"), media.split(request.path, media.GRAPHS)
        named = media.by_suffix(suffix, media.DOCUMENTS, accept) if suffix else None
        offer = named or media.choose(accept, (PROBLEM, *media.DOCUMENTS))
        if offer is not None and offer.suffix in {other.suffix for other in media.GRAPHS}:
            base, address = respond.service().settings.base_iri, respond.address()
            content = documents.written(error.triples, offer, base, address)
            return _answer(content, error.status, error.headers, offer.content_type)
    members = {key: value for key, value in error.extra.items() if key not in ("type", "title", "status", "detail")}
    return _problem(error.status, error.kind(), error.title, error.detail, members, error.headers)


def _werkzeug(error: HTTPException) -> Response:
    status = error.code or 500
    headers = dict[str, str](error.get_headers())
    kept: dict[str, str] = {
        name: headers[name] for name in ("Allow", "Content-Range", "Location", "Retry-After") if name in headers
    }
    return _problem(status, None, error.name, error.description or error.name, {}, kept)


def _too_large(error: RequestEntityTooLarge) -> Response:
    del error  # it tells no limit
    most = respond.service().settings.body_megabytes
    return _own(BodyTooLarge(f"the body is larger than this service reads; expected at most {most} MB"))


def _problem(
    status: int, kind: str | None, title: str, detail: str, members: dict[str, object], headers: dict[str, str]
) -> Response:
    where = f"/problems#{kind}" if kind else "about:blank"
    document = {"type": where, "title": title, "status": status, "detail": detail, **members}
    if media.choose(request.headers.get("Accept"), (PROBLEM, media.HTML)) == media.HTML:
        content, content_type = render_template("problem.html", problem=document), media.HTML.content_type
    else:
        content, content_type = json.dumps(document, ensure_ascii=False, indent=2) + "\n", PROBLEM.media_type
    return _answer(content, status, headers, content_type)


def _answer(content: str | bytes, status: int, headers: dict[str, str], content_type: str) -> Response:
    response = Response(content, status, headers, content_type=content_type)
    response.vary.update(["Accept", "Accept-Language"])
    return response


def _cross_origin(response: Response) -> Response:
    """Anyone's page may read; write too, with a token: no cookie gives anybody a right here (CORS)."""
    response.headers.update(respond.CROSS_ORIGIN)
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Max-Age"] = "86400"
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, "
            "If-Unmodified-Since, Missiegraaf-Reason, Range"
        )
    return response
