"""Writing a graph that another server holds: what comes too late, what gets no answer, loads that do not end."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import urllib3
from pyoxigraph import Literal, NamedNode, Quad

from missiegraaf import log, transaction
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.reader import Job
from missiegraaf.engine.remote import Engine, RemoteReaders
from missiegraaf.engine.remote_writer import RemoteWriter, _conditional
from missiegraaf.errors import EngineUnreachable, Overtaken, StoreError
from missiegraaf.namespaces import BASE

from ..oxigraph import oxigraph
from ..played import Handle, server
from .conftest import OFFERS, serving

LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
PLACE, RECORD = NamedNode(BASE + "id/place/estonia"), NamedNode(BASE + "doc/place/estonia")


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
            with serving(*options) as service:
                assert urllib3.request("GET", service + "/health").json()["version"] == 1
