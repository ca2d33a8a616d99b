"""A graph that another server holds: answers that break off, writes that come too late, loads that do not end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3
from pyoxigraph import Literal, NamedNode, Quad

from missiegraaf import log, transaction
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.embedded import in_memory
from missiegraaf.engine.endpoint import Endpoint
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.reader import Job, Offers
from missiegraaf.engine.remote import Engine, RemoteReaders
from missiegraaf.engine.remote_writer import RemoteWriter, _conditional
from missiegraaf.errors import (
    EngineFailed,
    EngineUnreachable,
    MissiegraafError,
    Overtaken,
    QuerySyntaxError,
    QueryTimeout,
    ResultTooLarge,
    ServiceRefused,
    StoreError,
)
from missiegraaf.formats import media
from missiegraaf.namespaces import BASE

from ..oxigraph import oxigraph
from . import conftest

OFFERS: Offers = {"solutions": media.CSV, "boolean": media.JSON, "graph": media.N_TRIPLES}
JSON = media.JSON.media_type
ROW = '{"s":{"type":"uri","value":"http://e/s"}}'
TABLE = f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{ROW},{ROW}]}}}}'
TRIPLE = "<http://e/s> <http://e/p> <http://e/o> .\n"
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
PLACE, RECORD = NamedNode(BASE + "id/place/estonia"), NamedNode(BASE + "doc/place/estonia")

QUICK = Limits(processes=1, seconds=5)
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


def answer(handle: Handle, query: str, limits: Limits = QUICK) -> bytes:
    with server(handle) as url, RemoteReaders(Engine(url, "", BASE), limits, lambda: 1, in_memory) as readers:
        return readers.read(Job(query, OFFERS))


SELECT, CONSTRUCT = "SELECT ?s { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"
NT = media.N_TRIPLES.media_type


def test_a_whole_answer_is_converted() -> None:
    assert answer(whole(TABLE), SELECT) == b"s\r\nhttp://e/s\r\nhttp://e/s\r\n"
    assert answer(chunks(TABLE[:50], TABLE[50:]), SELECT) == b"s\r\nhttp://e/s\r\nhttp://e/s\r\n"
    assert answer(chunks(TRIPLE, TRIPLE, media_type=NT), CONSTRUCT).decode() == TRIPLE * 2


@pytest.mark.parametrize(
    ("query", "handle"),
    {
        "chunks that do not end": (CONSTRUCT, chunks(TRIPLE, media_type=NT, ends=False)),
        "fewer bytes than the length": (CONSTRUCT, whole(TRIPLE, len(TRIPLE) * 2, NT)),
        "no word on where it ends": (CONSTRUCT, whole(TRIPLE, 0, NT)),
        "a page of a proxy": (CONSTRUCT, whole("", None, "text/html")),
        "JSON that ends early": (SELECT, whole(TABLE[:-3])),
        "JSON that ends between rows": (SELECT, chunks(TABLE[: TABLE.index(",{")])),
        "nothing": (SELECT, chunks()),
        "a boolean for a table": (SELECT, whole('{"head":{},"boolean":true}')),
        "an error of its own": (SELECT, whole("sorry", status=500)),
        "elsewhere": (SELECT, whole("", status=302)),
    }.values(),
)
def test_an_answer_that_is_not_whole_is_no_answer(query: str, handle: Handle) -> None:
    with pytest.raises((EngineFailed, EngineUnreachable)):
        answer(handle, query)


def test_a_query_has_one_time_for_everything_and_a_result_its_size() -> None:
    limits = Limits(processes=1, seconds=1, result=1)
    begun = time.monotonic()
    with pytest.raises(QueryTimeout):
        answer(chunks(*(TRIPLE for _ in range(100)), media_type=NT, pause=0.2), CONSTRUCT, limits)
    with pytest.raises(QueryTimeout):
        answer(lambda _: time.sleep(3), CONSTRUCT, limits)
    with pytest.raises(QueryTimeout):
        answer(chunks(*(TRIPLE for _ in range(1_000_000)), media_type=NT), CONSTRUCT, replace(limits, result=0))
    assert time.monotonic() - begun < 30
    with pytest.raises(ResultTooLarge):
        answer(whole(TRIPLE * 40_000, media_type=NT), CONSTRUCT, limits)


def test_the_place_of_an_error_is_that_in_the_text_of_the_user() -> None:
    for said in ("error at 3:9: expected something", "Parse error:\nLine 3, column 9: Unresolved prefixed name"):
        with pytest.raises(QuerySyntaxError) as caught:
            answer(whole(said, status=400), "SELECT ?x {\n ?x a nope:y }")
        assert (caught.value.extra["line"], caught.value.extra["column"]) == (2, 9)


def test_what_may_not_be_asked_is_not_passed_on() -> None:
    with pytest.raises(ServiceRefused):
        answer(whole(TABLE), "SELECT ?s { SERVICE <http://e/> { ?s ?p ?o } }")


def test_a_server_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    app = Settings(store=str(tmp_path), engine="http://user:secret@127.0.0.1:9/ds/query")
    with pytest.raises(EngineUnreachable) as caught:
        create_app(app)
    assert "secret" not in str(caught.value)
    assert caught.value.headers["Retry-After"]


def test_a_user_in_the_address_is_sent_and_not_shown() -> None:
    seen: list[str | None] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers["Authorization"])
        whole("no", status=401)(request)

    with (
        server(handle) as url,
        closing(Endpoint(url.replace("//", "//ann:s%40crt@"))) as endpoint,
        pytest.raises(EngineFailed) as caught,
    ):
        endpoint.update("CLEAR ALL", 5)
    assert set(seen) == {"Basic YW5uOnNAY3J0"}
    assert "crt" not in caught.value.detail


@pytest.mark.parametrize(
    ("query", "update"),
    [("http://h:1/query", "http://h:1/update"), ("http://h/ds/sparql", "http://h/ds/update")],
)
def test_the_update_endpoint_is_beside_the_query_endpoint(query: str, update: str) -> None:
    assert Endpoint(query)._update == update
    assert Endpoint(query, "http://other/u")._update == "http://other/u"


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A server that holds some records."""
    with oxigraph() as address:
        found = Engine(address + "/query", "", BASE)
        said = [Quad(PLACE, LABEL, Literal("Estonia", language="en"), RECORD)]
        found.create(said, transaction.nothing())
        yield found
        found.endpoint.close()


def labels(engine: Engine) -> set[str]:
    _, dataset = engine.whole()
    return {quad.object.value for quad in dataset.quads_for_pattern(PLACE, LABEL, None, None)}


def change(writer: RemoteWriter, label: str) -> Difference:
    """A Change with an entry in the log, as commit makes one."""
    quad = Quad(PLACE, LABEL, Literal(label, language="en"), RECORD)
    who = log.Change(frozenset(), frozenset([quad]), "author", "admin", "why", datetime(2026, 1, 1, tzinfo=UTC))
    entry = log.entry(who, writer.version + 1, BASE)
    return Difference(frozenset(), frozenset([quad, Quad(PLACE, LABEL, quad.object)]) | entry)


def test_a_change_that_was_thought_out_for_a_former_version_does_not_happen(engine: Engine) -> None:
    first, second = RemoteWriter(engine), RemoteWriter(engine)
    with second.turn:
        late = change(second, "late")
        with first.turn:
            assert first.apply(change(first, "first")) == 2
        with pytest.raises(Overtaken):
            second.apply(late)
        with pytest.raises(Overtaken):
            assert second.store
    assert labels(engine) == {"Estonia", "first"}
    with second.turn:
        assert second.apply(change(second, "second")) == 3
        assert len(second.store) == len(engine.whole()[1])
    assert labels(engine) == {"Estonia", "first", "second"}
    assert (first.version, second.version) == (3, 3)


def test_of_services_that_write_at_once_each_write_happens_once_or_is_refused(engine: Engine) -> None:
    writers = [RemoteWriter(engine) for _ in range(4)]
    written: list[str] = []

    def write(number: int, writer: RemoteWriter) -> None:
        for turn in range(10):
            label = f"{number}-{turn}"
            try:
                with writer.turn:
                    writer.apply(change(writer, label))
            except Overtaken:
                continue
            written.append(label)

    threads = [threading.Thread(target=write, args=pair) for pair in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(written) >= 10
    assert labels(engine) == {"Estonia", *written}
    assert engine.newest() == 1 + len(written)


def test_a_write_whose_answer_is_lost_is_looked_up(engine: Engine) -> None:
    """The update is passed on; then the connection ends without an answer, or before it was passed on."""

    def proxy(passes: bool) -> Handle:
        def handle(request: BaseHTTPRequestHandler) -> None:
            if passes:
                engine.endpoint.update(pending[0], 10)
            request.close_connection = True

        return handle

    for passes in (True, False):
        with server(proxy(passes)) as url:
            writer = RemoteWriter(Engine(engine.endpoint.name, url, BASE))
            with closing(writer), writer.turn:
                difference = change(writer, f"passed {passes}")
                pending = [_conditional(difference, engine.is_newest(writer.version))]
                if passes:
                    assert writer.apply(difference) == 2
                else:
                    with pytest.raises(EngineUnreachable, match="not known"):
                        writer.apply(difference)
    assert labels(engine) == {"Estonia", "passed True"}


def test_a_result_is_of_the_version_it_says_and_a_repeated_one_is_sent_again(engine: Engine) -> None:
    writer = RemoteWriter(engine)
    limits = Limits(processes=1, cache=1)
    query = Job("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", OFFERS)
    with RemoteReaders(engine, limits, lambda: writer.version, lambda: writer.store) as readers:
        asked = []
        ask = engine.endpoint.ask
        engine.endpoint.ask = lambda *given, **more: (asked.append(given[0]), ask(*given, **more))[1]  # type: ignore[method-assign]
        found = [readers.run(query) for _ in range(3)]
        assert [(result.version, result.content.read()) for result in found] == [(1, b"n\r\n1\r\n")] * 3
        assert sum("COUNT" in text for text in asked) == 1
        other = RemoteWriter(engine)
        other.apply(change(other, "new"))
        with readers.run(query).content as content:
            assert content.read() == b"n\r\n2\r\n"
        with pytest.raises(Overtaken):
            readers.run(replace(query, version=1))


def test_a_load_that_did_not_end_is_not_served(engine: Engine, tmp_path: Path) -> None:
    with oxigraph() as address:
        half = Engine(address + "/query", "", BASE)
        sent = half.endpoint.update

        def breaks_off(text: str, seconds: float) -> None:
            if half.endpoint.name and "def#about" in text:
                raise EngineUnreachable("it went")
            sent(text, seconds)

        half.endpoint.update = breaks_off  # type: ignore[method-assign]
        with pytest.raises(EngineUnreachable):
            half.create([Quad(PLACE, LABEL, Literal("x"), RECORD)], transaction.nothing())
        assert not half.is_empty()
        half.endpoint.close()
        with pytest.raises(StoreError, match="did not end"):
            create_app(Settings(store=str(tmp_path), engine=address + "/query"))
    assert engine.about()["version"] == 1


def test_a_service_fills_an_empty_server_and_another_serves_what_is_there(tmp_path: Path) -> None:
    with oxigraph() as address:
        for folder in ("one", "two"):
            options = ("--engine", address + "/query", "--empty", "--store", str(tmp_path / folder))
            with conftest.serving(*options) as service:
                assert urllib3.request("GET", service + "/health").json()["version"] == 1


def test_every_error_of_an_engine_has_a_status_for_the_client() -> None:
    kinds: dict[type[MissiegraafError], int] = {EngineFailed: 502, EngineUnreachable: 503, Overtaken: 503}
    assert {kind: kind.status for kind in kinds} == kinds
