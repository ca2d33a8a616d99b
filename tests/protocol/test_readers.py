"""The reader processes: whatever ends one, the next query has another."""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from missiegraaf.engine.changes import Difference
from missiegraaf.engine.handle import Handle
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.reader import Job, Offers
from missiegraaf.engine.versioned import Source
from missiegraaf.engine.writer import Writer
from missiegraaf.errors import (
    Busy,
    NotAcceptable,
    QuerySyntaxError,
    QueryTimeout,
    ReaderDied,
    ResultTooLarge,
    StoreError,
)
from missiegraaf.formats import media

A = NamedNode("e:a")
OFFERS: Offers = {"boolean": media.JSON, "solutions": media.CSV, "graph": None}
EASY = Job("ASK {}", OFFERS)
ENDLESS = Job("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", OFFERS)
HUGE = Job("SELECT * { ?a ?b ?c . ?d ?e ?f }", OFFERS)


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """A store that is opened in no time, with enough in it for a query without end and a result that is too large."""
    folder = tmp_path_factory.mktemp("little")
    a = NamedNode("http://example.org/a")
    Store(str(folder)).extend(Quad(a, a, Literal(number)) for number in range(1000))
    return Source(str(folder), 1, True)


@pytest.fixture
def readers(little: Source) -> Iterator[Readers]:
    with Readers(little, Limits(processes=2, seconds=2, result=1, waiting=0)) as pool:
        yield pool


def children(readers: Readers) -> list[int]:
    return [begun.pid for begun in readers._open if begun.pid is not None]


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


def test_readers_outlive_the_thread_that_asked_first(little: Source) -> None:
    made: list[Readers] = []
    asked = threading.Thread(target=lambda: made.append(Readers(little, Limits(processes=1))))
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


def test_more_queries_than_places_are_told_so(little: Source) -> None:
    with Readers(little, Limits(processes=1, seconds=4, waiting=0)) as readers:
        endless = threading.Thread(target=ends_at_its_limit, args=[readers])
        endless.start()
        threading.Event().wait(0.5)
        with pytest.raises(Busy):
            readers.read(EASY)
        endless.join()


def test_a_query_that_eats_memory_ends_its_own_reader_alone(little: Source) -> None:
    grown = "".join(f"BIND(CONCAT({', '.join([f'?a{n}'] * 10)}) AS ?a{n + 1}) " for n in range(10))
    eats = Job(f"SELECT (STRLEN(?a10) AS ?n) {{ BIND('0123456789' AS ?a0) {grown} }}", OFFERS)
    with Readers(little, Limits(processes=1, seconds=60, memory=1500)) as readers:
        with pytest.raises(ReaderDied):
            readers.read(eats)
        assert b"true" in readers.read(EASY)


def test_a_store_that_no_reader_can_open_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no reader can open"):
        Readers(Source(str(tmp_path / "nothing"), 1), Limits(processes=1))


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def whole(readers: Readers, processes: int) -> bool:
    """Tell whether so many readers come to live and be idle."""
    with readers._change:
        return readers._change.wait_for(lambda: len(readers._idle) == len(readers._open) == processes, 30)


def test_a_job_that_an_idle_reader_did_not_read_before_it_ended_goes_to_another(readers: Readers) -> None:
    assert whole(readers, 2)
    for process in children(readers):  # stopped, it has not ended yet when the job is sent, and will not read it
        os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(readers.read, EASY) for _ in range(2)]
        threading.Event().wait(0.3)
        for process in children(readers):
            os.kill(process, signal.SIGKILL)
        assert all(b"true" in future.result() for future in asked)


def test_a_reader_that_ends_over_its_query_costs_that_query_alone_and_is_replaced(readers: Readers) -> None:
    with ThreadPoolExecutor(1) as threads:
        endless = threads.submit(readers.read, ENDLESS)
        threading.Event().wait(0.5)
        with readers._change:
            (busy,) = (begun for begun in readers._open if begun not in readers._idle)
        busy.kill()
        with pytest.raises(ReaderDied):
            endless.result()
    assert b"true" in readers.read(EASY)
    assert whole(readers, 2)


def test_readers_that_end_again_and_again_leave_no_thread_and_no_open_file(readers: Readers) -> None:
    assert whole(readers, 2)
    threads, files = threading.active_count(), open_files()
    for _ in range(5):
        for process in children(readers):
            os.kill(process, signal.SIGKILL)
        with readers._change:
            readers._change.wait_for(lambda: not readers._open, 0.2)
        assert whole(readers, 2)
    end = time.monotonic() + 10
    while (threading.active_count() > threads or open_files() > files) and time.monotonic() < end:
        time.sleep(0.1)  # what other tests left, or a reader that is just ending, may take its time
    assert threading.active_count() <= threads
    assert open_files() <= files


def test_errors_of_a_reader_come_back_as_they_are_and_it_stays(readers: Readers) -> None:
    assert whole(readers, 2)
    before = sorted(children(readers))
    with pytest.raises(QuerySyntaxError) as error:
        readers.read(Job("ASK {\n  ?a ?b }", OFFERS))
    assert error.value.extra["line"] == 2
    with pytest.raises(NotAcceptable) as refused:
        readers.read(Job("CONSTRUCT { ?a ?b ?c } { ?a ?b ?c } LIMIT 1", OFFERS))
    assert refused.value.extra["shape"] == "graph"
    assert sorted(children(readers)) == before


def test_waiting_ends_where_no_reader_can_open_the_store_any_more(little: Source, tmp_path: Path) -> None:
    copy = shutil.copytree(little.quads, tmp_path / "store")
    with Readers(replace(little, quads=str(copy)), Limits(processes=1)) as readers:
        shutil.move(copy, tmp_path / "away")
        for process in children(readers):
            os.kill(process, signal.SIGKILL)
        with pytest.raises(StoreError, match="no reader can open"):
            readers.read(EASY)
        shutil.move(tmp_path / "away", copy)
        assert whole(readers, 1)
        assert b"true" in readers.read(EASY)


@pytest.mark.parametrize("in_memory", [True, False])
def test_who_waited_is_answered_from_the_newest_version(tmp_path: Path, in_memory: bool) -> None:
    """Also where the one that was the newest when it was asked is kept no longer."""
    Store(str(tmp_path / "quads")).extend(Quad(A, A, Literal(str(n))) for n in range(3000))
    writer = Writer(tmp_path / "quads", 1, in_memory, keep=0)
    count = Job("SELECT (COUNT(*) AS ?n) { ?a ?b ?c }", OFFERS)
    with (
        closing(writer),
        Readers(writer.source, Limits(processes=1, seconds=4), lambda: writer.version) as readers,
        ThreadPoolExecutor(2) as threads,
    ):
        slow = threads.submit(ends_at_its_limit, readers)
        threading.Event().wait(0.5)
        asked = threads.submit(readers.read, count)
        threading.Event().wait(0.5)
        for n in range(5000, 5005):
            writer.apply(Difference(frozenset(), frozenset([Quad(A, A, Literal(str(n)))])))
        assert b"3005" in asked.result()
        slow.result()


def test_a_job_that_no_reader_can_take_is_given_up(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def ended(handle: Handle, *_: object) -> tuple[bool, object]:
        tried.append(handle.pid)
        handle.owes = True
        raise ConnectionResetError

    monkeypatch.setattr(Handle, "done", ended)
    with pytest.raises(ReaderDied):
        readers.read(EASY)
    assert len(set(tried)) == 3  # both of those that could have ended while they were idle, and one more


def test_closing_ends_those_who_wait_and_the_processes(little: Source) -> None:
    readers = Readers(little, Limits(processes=1, seconds=60, waiting=1))
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(readers.read, job) for job in (ENDLESS, EASY)]
        threading.Event().wait(0.5)
        before = children(readers)
        readers.close()
        for future in asked:
            assert isinstance(future.exception(), (ReaderDied, RuntimeError))
    assert not [process for process in before if Path(f"/proc/{process}").exists()]
    with pytest.raises(RuntimeError):
        readers.read(EASY)


JOBS = st.lists(st.sampled_from(["count"] * 4 + ["kill", "endless", "error", "killed count"]), max_size=12)


@settings(max_examples=8, deadline=None, phases=[Phase.generate])  # what depends on the moment is not made smaller
@given(jobs=st.lists(JOBS, min_size=1, max_size=3), seed=st.integers())
def test_whatever_happens_every_answer_is_right_and_the_readers_are_all_there(
    little: Source, jobs: list[list[str]], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # nothing secret

    def ask(readers: Readers, job: str, number: int) -> bool:
        if "kill" in job:
            for process in chance.sample(living := children(readers), min(1, len(living))):
                with suppress(ProcessLookupError):  # it has just been replaced
                    os.kill(process, signal.SIGKILL)
        if job == "kill":
            return True
        try:
            if job == "endless":
                readers.read(ENDLESS)
            if job == "error":
                readers.read(Job("no query", OFFERS))
            return readers.read(Job(f"SELECT ({number} AS ?n) {{}}", OFFERS)).split() == [b"n", b"%d" % number]
        except (QueryTimeout, ReaderDied, QuerySyntaxError) as error:
            expected = {"endless": QueryTimeout, "error": QuerySyntaxError}.get(job, ReaderDied)
            return isinstance(error, (expected, ReaderDied))

    def some(readers: Readers, first: int, part: list[str]) -> list[bool]:
        return [ask(readers, job, 100 * first + number) for number, job in enumerate(part)]

    with Readers(little, Limits(processes=2, seconds=0.4, waiting=3)) as readers:
        with ThreadPoolExecutor(len(jobs)) as threads:
            asked = [threads.submit(some, readers, first, part) for first, part in enumerate(jobs)]
            assert all(all(future.result(120)) for future in asked)
        assert whole(readers, 2)
        assert spooled(readers) == []
