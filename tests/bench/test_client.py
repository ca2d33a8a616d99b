"""The client of the benchmarks counts whole answers, however they come."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle

import pytest

from .client import ask, request


class Handler(BaseHTTPRequestHandler):
    """Answers in the ways of HTTP/1.1; a body of known length has within it what ends a chunked one."""

    protocol_version = "HTTP/1.1"
    asked: dict[str, int]

    def do_GET(self) -> None:
        self.asked[self.path] = self.asked.get(self.path, 0) + 1
        self.send_response(500 if self.path == "/failing" else 200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for chunk in (b"a" * 70_000, b"0", b"\n", b""):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                self.wfile.flush()
        else:
            body = b"" if self.path == "/empty" else b"\r\n0\r\n\r\n" * 3
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Handler.asked = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_every_answer_is_counted_once_and_failures_apart(port: int) -> None:
    paths = cycle(["/chunked", "/failing", "/empty"])
    batch = ask(port, lambda: request("GET", port, next(paths), b""), clients=4, seconds=0.3)
    assert batch.asked == sum(Handler.asked.values()) >= 12
    assert batch.failed == Handler.asked["/failing"]
