"""A light HTTP client: some microseconds a request, so that what is measured is the server.

One thread serves all connections: on a machine of few cores, client processes would take turns with the server's.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LAST = b"\r\n0\r\n\r\n"  # of a chunked body (RFC 9112, 7.1); no body here has it within
PATIENCE = 60  # seconds without any answer


@dataclass(frozen=True)
class Batch:
    """How many were asked and how many of them failed, in how many seconds; seconds of those this client worked."""

    asked: int
    failed: int
    seconds: float
    own: float

    @property
    def milliseconds(self) -> float:
        """What one took, on average."""
        return 1000 * self.seconds / self.asked


class _Connection:
    """One connection, with one request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ok = False

    def send(self, request: bytes) -> None:
        self._head, self._left, self._tail = b"", None, b""
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has come, and tell whether the answer is whole. Raises ConnectionError."""
        some = self.socket.recv(1 << 20)
        if not some:
            raise ConnectionError("the server closed the connection")
        if not self._tail:
            self._head += some
            head, end, some = self._head.partition(b"\r\n\r\n")
            if not end:
                return False
            self.ok = head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304"))
            found = _LENGTH.search(head)
            self._left = 0 if b" 304 " in head[:13] else int(found[1]) if found else None
            self._tail = b"\r\n"  # a body without any chunk begins with the last one
        if self._left is not None:
            self._left -= len(some)
            return self._left <= 0
        self._tail = (self._tail + some[-len(_LAST) :])[-len(_LAST) :]
        return self._tail == _LAST


def ask(port: int, new: Callable[[], bytes], clients: int, seconds: float) -> Batch:
    """Have so many clients ask for some seconds, each one request after another; at least one each.

    Raises TimeoutError where nothing comes for PATIENCE seconds, ConnectionError.
    """
    with selectors.DefaultSelector() as waiting, ExitStack() as stack:
        connections = [_Connection(port) for _ in range(clients)]
        for connection in connections:
            stack.enter_context(connection.socket)
            waiting.register(connection.socket, selectors.EVENT_READ, connection)
        asked = failed = 0
        worked, began = time.process_time(), time.perf_counter()
        for connection in connections:
            connection.send(new())
        while waiting.get_map():
            ready = waiting.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"no answer in {PATIENCE} seconds")
            for key, _ in ready:
                if key.data.receive():
                    asked, failed = asked + 1, failed + (not key.data.ok)
                    if time.perf_counter() < began + seconds:
                        key.data.send(new())
                    else:
                        waiting.unregister(key.fileobj)
        return Batch(asked, failed, time.perf_counter() - began, time.process_time() - worked)


def post(port: int, path: str, body: bytes, **headers: str) -> bytes:
    """Return a POST request."""
    return request("POST", port, path, body, **headers)


def request(method: str, port: int, path: str, body: bytes, **headers: str) -> bytes:
    """Return a request with headers (`Content_Type` is Content-Type)."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
