"""Sending the complete result of a query, as it was spooled."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.wsgi import wrap_file

from missiegraaf.config import Settings
from missiegraaf.engine.cache import Result
from missiegraaf.http.respond import CROSS_ORIGIN, Service, conditional, etag, service

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def spooled(result: Result) -> Response:
    """Send a complete result."""
    response = Response(body(request.environ, result), headers=headers(service(), result), direct_passthrough=True)
    return conditional(response)


def headers(here: Service, result: Result) -> dict[str, str]:
    """Return the headers of a complete result."""
    return {
        "Content-Type": result.offer.content_type,
        "Content-Length": str(result.length),
        "ETag": f'"{etag(result.sha256)}"',
        "Vary": "Accept",
        "Cache-Control": "no-cache",
        "Missiegraaf-Version": str(result.version),
        "Missiegraaf-Limits": limits(here.settings),
        **CROSS_ORIGIN,
    }


def body(environ: WSGIEnvironment, result: Result) -> Iterable[bytes]:
    """Return the content of a complete result: a short one whole, a long one streamed from its file."""
    if not isinstance(result.content, BytesIO):
        return wrap_file(environ, result.content)
    return [result.content.getvalue()]


def limits(settings: Settings) -> str:
    """Return what a query may take, for a header."""
    return f"seconds={settings.query_seconds:g}, megabytes={settings.result_megabytes}, rows={settings.result_rows}"
