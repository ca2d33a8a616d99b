"""The plainest requests for a query, answered without Flask: it takes longer than most queries do.

Nothing is decided here. Which format an answer has, what its headers are and what an error says is told by the code
that the rest of the application uses; whatever is not plain goes there.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from werkzeug.sansio.utils import get_current_url, get_host

from missiegraaf.errors import MissiegraafError
from missiegraaf.http import respond, results, sparql

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LONGEST: Final = 64 * 1024  # bytes of a query
_CONDITIONS: Final = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_RANGE")


class Direct:
    """A WSGI application (PEP 3333) around that of Flask.

    It answers GET with `query` as its only parameter and POST of the query itself, both without a condition, when the
    answer is a result and no page. The rest, errors included, is the inner application's.
    """

    def __init__(self, inner: WSGIApplication, service: respond.Service) -> None:
        self._inner, self._service = inner, service

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        query = _query(environ) if environ["PATH_INFO"] == "/sparql" else None
        chosen = sparql.formats(environ.get("HTTP_ACCEPT")) if query is not None else None
        if query is None or chosen is None or chosen.pages:
            return self._inner(environ, start_response)
        base = _base_url(environ["wsgi.url_scheme"], environ["HTTP_HOST"], environ["SCRIPT_NAME"])
        try:
            result = self._service.readers.run(sparql.job(self._service, query, chosen, base))
        except (MissiegraafError, OSError, RuntimeError, ValueError) as error:
            environ[sparql.FAILURE] = error
            return self._inner(environ, start_response)
        start_response("200 OK", list(results.headers(self._service, result).items()))
        return results.body(environ, result)


def _query(environ: WSGIEnvironment) -> str | None:
    """Return the query of a plain request, None for any other, which can still be read from the start."""
    if "HTTP_HOST" not in environ or any(name in environ for name in _CONDITIONS):
        return None
    method, parameters = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    try:
        if method == "GET" and parameters.startswith("query=") and "&" not in parameters and parameters.isascii():
            return None if environ.get("CONTENT_TYPE") else unquote_plus(parameters[6:], errors="strict")
        length = environ.get("CONTENT_LENGTH") or ""
        if method == "POST" and not parameters and environ.get("CONTENT_TYPE") == sparql.QUERY and length.isdecimal():
            if int(length) > _LONGEST:
                return None
            body = environ["wsgi.input"].read(int(length))
            environ["wsgi.input"] = BytesIO(body)
            return body.decode() if len(body) == int(length) else None
    except UnicodeDecodeError:
        pass
    return None


@lru_cache(64)
def _base_url(scheme: str, host: str, root: str) -> str:
    return get_current_url(scheme, get_host(scheme, host), root, "/sparql")
