"""Servers that a test plays: what they answer, whole or broken off."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from missiegraaf.formats import media

JSON = media.JSON.media_type
Handle = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(handle: Handle) -> Iterator[str]:
    """The address of a server that answers every POST so, after it has read it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            handle(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        found.daemon_threads = True
        threading.Thread(target=found.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{found.server_address[1]}/query"
        finally:
            found.shutdown()


def chunks(*parts: str, media_type: str = JSON, ends: bool = True, pause: float = 0) -> Handle:
    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", media_type)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for part in parts:
            request.wfile.write(f"{len(part.encode()):x}\r\n{part}\r\n".encode())
            time.sleep(pause)
        if ends:
            request.wfile.write(b"0\r\n\r\n")
        request.close_connection = True

    return handle


def whole(content: str, length: int | None = None, media_type: str = JSON, status: int = 200) -> Handle:
    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", media_type)
        if length != 0:
            request.send_header("Content-Length", str(length or len(content.encode())))
        request.end_headers()
        request.wfile.write(content.encode())
        request.close_connection = True

    return handle
