"""A SPARQL 1.1 server over HTTP: one time limit for all of a request, and no answer taken for whole that is not."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, cast
from urllib.parse import unquote, urlencode, urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError, TimeoutError  # noqa: A004  # the one that urllib3 raises
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout, make_headers

from missiegraaf.errors import ConfigurationError, EngineFailed, EngineUnreachable, QuerySyntaxError, QueryTimeout

_FORM: Final = "application/x-www-form-urlencoded"
_CONNECT: Final = 5  # seconds
_SHOWN: Final = 1000  # characters of what an engine says is wrong


class Endpoint:
    """The query endpoint at `url`, and the update endpoint, by default `update` beside it; `name` is the first of them.

    A user and password in a URL are sent there as basic authentication and never shown. Raises ConfigurationError.
    """

    def __init__(self, url: str, update: str = "") -> None:
        self.name, asking = _without_user(url)
        self._update, writing = _without_user(update) if update else (urljoin(self.name, "update"), asking)
        self._headers = {self._update: writing, self.name: asking}
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=16, retries=False)

    @contextmanager
    def ask(
        self, query: str, accept: str, seconds: float, datasets: tuple[tuple[str, str], ...] = ()
    ) -> Iterator[BinaryIO]:
        """Yield the answer to a query as a file, to be read to its end; `datasets` are parameters of the protocol.

        Raises QuerySyntaxError (400), QueryTimeout (503) after the seconds, EngineFailed (502), EngineUnreachable
        (503); reading does so too. What is left unread when the block ends is read, so that no answer that breaks off
        passes for whole.
        """
        body = urlencode([("query", query), *datasets])
        with self._answer(self.name, body, _FORM, seconds, {"Accept": accept}) as (content, headers):
            given = headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if given != accept:
                raise EngineFailed(f"{self.name} answers in {given or 'no type'!r}; expected {accept}")
            if "Content-Length" not in headers and "chunked" not in headers.get("Transfer-Encoding", ""):
                raise EngineFailed(f"{self.name} does not say where its answer ends (RFC 9112, 6.3)")
            yield content
            _finish(content)

    def update(self, text: str, seconds: float) -> None:
        """Have an update carried out. Raises what `ask` does; after QueryTimeout or EngineUnreachable it may yet be."""
        with self._answer(self._update, text.encode(), "application/sparql-update", seconds, {}) as (content, _):
            _finish(content)

    def close(self) -> None:
        """Close the connections that wait for use; those in use are closed after it."""
        self._pool.clear()

    def unreadable(self, error: SyntaxError) -> EngineFailed:
        """Return the error of an answer that is not what its type promises, or not all of it."""
        return EngineFailed(f"the answer of {self.name} cannot be read: {error.msg}")

    @contextmanager
    def _answer(
        self, url: str, body: str | bytes, media_type: str, seconds: float, headers: dict[str, str]
    ) -> Iterator[tuple[BinaryIO, Mapping[str, str]]]:
        end = time.monotonic() + seconds
        try:
            response = self._pool.request(
                "POST",
                url,
                body=body,
                headers=self._headers[url] | headers | {"Content-Type": media_type},
                timeout=Timeout(connect=min(_CONNECT, seconds), read=seconds),
                preload_content=False,
                redirect=False,
            )
        except HTTPError as error:
            raise _broken(self.name, error, end, seconds) from None
        content = io.BufferedReader(_Body(self.name, response, end, seconds), 1 << 16)
        try:
            if response.status not in (200, 201, 204):
                raise self._refused(response.status, content.read(_SHOWN).decode(errors="replace").strip())
            yield cast("BinaryIO", content), response.headers
        finally:
            response.close()  # one that was read to its end is in the pool already

    def _refused(self, status: int, said: str) -> Exception:
        if status == 400:
            return QuerySyntaxError(said or "the engine cannot read it")
        if status in (408, 429, 503, 504):
            return EngineUnreachable(f"{self.name} says {status}: {said}", headers={"Retry-After": "10"})
        return EngineFailed(f"{self.name} says {status}: {said}")


class _Body(io.RawIOBase):
    """The body of an answer, until its time is over."""

    def __init__(self, name: str, response: BaseHTTPResponse, end: float, seconds: float) -> None:
        self._name, self._response, self._end, self._seconds = name, response, end, seconds

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Take what has come. Raises QueryTimeout, EngineUnreachable where the answer breaks off."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise _timed_out(self._seconds)
        if (socket := getattr(self._response.connection, "sock", None)) is not None:
            socket.settimeout(left)  # else a read would have the whole time anew
        try:
            found = self._response.read1(len(buffer))
        except HTTPError as error:
            raise _broken(self._name, error, self._end, self._seconds) from None
        buffer[: len(found)] = found
        return len(found)


def _finish(content: BinaryIO) -> None:
    """Read what is left, which shows whether it breaks off."""
    while content.read(1 << 16):
        pass


def _broken(name: str, error: HTTPError, end: float, seconds: float) -> EngineUnreachable | QueryTimeout:
    if isinstance(error, TimeoutError) and time.monotonic() >= end - 0.1:
        return _timed_out(seconds)
    return EngineUnreachable(f"{name} does not answer ({type(error).__name__})", headers={"Retry-After": "10"})


def _timed_out(seconds: float) -> QueryTimeout:
    return QueryTimeout(
        f"the query was given up after {seconds:g} seconds; narrow it, or add LIMIT", headers={"Retry-After": "30"}
    )


def _without_user(url: str) -> tuple[str, dict[str, str]]:
    """The URL without user and password, and the header that says them."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigurationError(f"the engine's URL cannot be read: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"the engine's URL begins {parts.scheme!r}; expected http(s)://host...")
    if parts.username is None:
        return url, {}
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), make_headers(basic_auth=user)
