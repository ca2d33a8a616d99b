"""The reader processes: whatever ends one, the next query has another."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from missiegraaf.engine import embedded
from missiegraaf.engine.pool import Limits, Readers
from missiegraaf.engine.reader import Job, Offers, Source
from missiegraaf.errors import Busy, QueryTimeout, ReaderDied, ResultTooLarge, StoreError
from missiegraaf.formats import media

OFFERS: Offers = {"boolean": media.JSON, "solutions": media.CSV, "graph": None}
EASY = Job("ASK {}", OFFERS)
ENDLESS = Job("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", OFFERS)
HUGE = Job("SELECT * { ?a ?b ?c . ?d ?e ?f }", OFFERS)


def source(store: Path, in_memory: bool = True) -> Source:
    return Source(str(embedded.quads_path(store)), 1, in_memory)


@pytest.fixture
def readers(store: Path) -> Iterator[Readers]:
    with Readers(source(store), Limits(processes=2, seconds=2, result=1, waiting=0)) as pool:
        yield pool


def children(readers: Readers) -> list[int]:
    return list(readers._pool._pool_manager.worker_manager.workers)


def spooled(readers: Readers) -> list[str]:
    return [path.name for path in Path(readers._folder.name).iterdir()]


def ends_at_its_limit(readers: Readers) -> None:
    with pytest.raises(QueryTimeout):
        readers.read(ENDLESS)


def test_a_reader_that_is_killed_while_idle_is_replaced(readers: Readers) -> None:
    for _ in range(3):
        for process in children(readers):
            os.kill(process, signal.SIGKILL)
        threading.Event().wait(0.3)
        assert b"true" in readers.read(EASY)


def test_readers_outlive_the_thread_that_asked_first(store: Path) -> None:
    made: list[Readers] = []
    asked = threading.Thread(target=lambda: made.append(Readers(source(store), Limits(processes=1))))
    asked.start()
    asked.join()
    before = children(made[0])
    with made[0] as readers:
        assert b"true" in readers.read(EASY)
        assert children(readers) == before


def test_a_query_at_its_time_limit_leaves_nothing_behind(readers: Readers) -> None:
    ends_at_its_limit(readers)
    assert spooled(readers) == []
    assert b"true" in readers.read(EASY)


def test_a_result_beyond_the_limit_is_an_error_and_leaves_nothing_behind(readers: Readers) -> None:
    with pytest.raises(ResultTooLarge):
        readers.read(HUGE)
    assert spooled(readers) == []


def test_more_queries_than_places_are_told_so(store: Path) -> None:
    with Readers(source(store), Limits(processes=1, seconds=4, waiting=0)) as readers:
        endless = threading.Thread(target=ends_at_its_limit, args=[readers])
        endless.start()
        threading.Event().wait(0.5)
        with pytest.raises(Busy):
            readers.read(EASY)
        endless.join()


def test_a_query_that_eats_memory_ends_its_own_reader_alone(store: Path) -> None:
    grown = "".join(f"BIND(CONCAT({', '.join([f'?a{n}'] * 10)}) AS ?a{n + 1}) " for n in range(10))
    eats = Job(f"SELECT (STRLEN(?a10) AS ?n) {{ BIND('0123456789' AS ?a0) {grown} }}", OFFERS)
    with Readers(source(store), Limits(processes=1, seconds=60, memory=1500)) as readers:
        with pytest.raises(ReaderDied):
            readers.read(eats)
        assert b"true" in readers.read(EASY)


def test_a_store_that_no_reader_can_open_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no reader can open"):
        Readers(Source(str(tmp_path / "nothing"), 1), Limits(processes=1))
