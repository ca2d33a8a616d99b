"""Reading a graph that another server holds: answers that break off, errors, addresses."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine.embedded import in_memory
from missiegraaf.engine.endpoint import Endpoint
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.reader import Job
from missiegraaf.engine.remote import Engine, RemoteReaders
from missiegraaf.errors import (
    ConfigurationError,
    EngineFailed,
    EngineUnreachable,
    MissiegraafError,
    Overtaken,
    QuerySyntaxError,
    QueryTimeout,
    ResultTooLarge,
    ServiceRefused,
)
from missiegraaf.formats import media
from missiegraaf.namespaces import BASE

from ..played import Handle, chunks, server, whole
from .conftest import OFFERS

ROW = '{"s":{"type":"uri","value":"http://e/s"}}'
TABLE = f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{ROW},{ROW}]}}}}'
TRIPLE = "<http://e/s> <http://e/p> <http://e/o> .\n"

QUICK = Limits(processes=1, seconds=5)


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


def refused(endpoint: Callable[[str], Endpoint]) -> tuple[list[str | None], str]:
    """Who an endpoint at the address of a server says it is, which refuses it; and what is told of that."""
    seen: list[str | None] = []

    def handle(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers["Authorization"])
        whole("no", status=401)(request)

    with server(handle) as url, closing(endpoint(url)) as asked, pytest.raises(EngineFailed) as caught:
        asked.update("CLEAR ALL", 5)
    return seen, caught.value.detail


def test_a_user_in_the_address_is_sent_and_not_shown() -> None:
    seen, detail = refused(lambda url: Endpoint(url.replace("//", "//ann:s%40crt@")))
    assert set(seen) == {"Basic YW5uOnNAY3J0"}
    assert "crt" not in detail


@pytest.mark.parametrize(("user", "sent"), [("bob:b@", "Basic Ym9iOmI="), ("", None)])
def test_each_endpoint_has_its_own_user(user: str, sent: str | None) -> None:
    query = "http://ann:a@nowhere.example/"
    seen, _ = refused(lambda url: Endpoint(query, url.replace("//", f"//{user}")))
    assert seen == [sent]


@pytest.mark.parametrize("url", ["http://[::1/query", "ftp://h/query", "http:///query", "query"])
def test_an_address_that_cannot_be_read_is_said_to_be_so(url: str) -> None:
    with pytest.raises(ConfigurationError, match="the engine's URL"):
        Endpoint(url)


def test_what_an_update_would_change_is_tried_in_no_folder_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tried-my-notes").mkdir()
    monkeypatch.chdir(tmp_path)
    held = in_memory()
    held.update("INSERT DATA { <e:a> <e:p> 1 }")
    update = "INSERT { ?s <e:q> ?o } WHERE { ?s <e:p> ?o } ; INSERT { ?s <e:r> ?o } WHERE { ?s <e:q> ?o }"
    with closing(RemoteReaders(Engine("http://nowhere.example/", "", BASE), QUICK, lambda: 1, lambda: held)) as readers:
        assert len(readers.difference(update, "e:", {}).added) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["tried-my-notes"]


@pytest.mark.parametrize(
    ("query", "update"),
    [("http://h:1/query", "http://h:1/update"), ("http://h/ds/sparql", "http://h/ds/update")],
)
def test_the_update_endpoint_is_beside_the_query_endpoint(query: str, update: str) -> None:
    assert Endpoint(query)._update == update
    assert Endpoint(query, "http://other/u")._update == "http://other/u"


def test_every_error_of_an_engine_has_a_status_for_the_client() -> None:
    kinds: dict[type[MissiegraafError], int] = {EngineFailed: 502, EngineUnreachable: 503, Overtaken: 503}
    assert {kind: kind.status for kind in kinds} == kinds
