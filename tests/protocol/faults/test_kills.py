"""The service ends and another goes on with its store; a reader is ended, and the service goes on."""

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import urllib3

from missiegraaf.engine import embedded

from ...conftest import LONG
from ..conftest import started
from .client import ENDLESS, ask, update
from .marks import PLACES, Writers, assert_whole, marking, marks, seen
from .processes import eventually, processes, readers

KILLS = 200 if LONG else 5


def test_a_kill_under_write_load_loses_nothing_that_was_acknowledged(
    store: Path, seed: Path, admin: dict[str, str]
) -> None:
    chance = random.Random(4)  # noqa: S311
    former, writers = embedded.read(seed), Writers()
    for kill in range(KILLS):
        # In memory, from disk, in memory ...
        settings = {"MISSIEGRAAF_STORE": str(store), "MISSIEGRAAF_IN_MEMORY_QUADS": str((1 - kill % 2) * 10**7)}
        writers.first.clear()
        with ThreadPoolExecutor(2) as threads, started(**settings) as (address, main):
            ran = [threads.submit(writers.write, address, admin, writer) for writer in (0, 1)]
            if kill % 5 < 4:  # else it may be killed before its first write
                assert writers.first.wait(60)
            time.sleep(chance.uniform(0, 0.7))
            assert eventually(lambda: len(readers(store)) == 2), processes(store)
            main.kill()
            assert main.wait() == -signal.SIGKILL
            for future in ran:
                future.result()
        assert eventually(lambda: not processes(store)), processes(store)
        dataset = embedded.read(store)
        version = assert_whole(dataset, former)
        assert version >= writers.version
        for writer, places in enumerate(PLACES):
            first, second = marks(dataset, places)
            assert first == second
            assert first - writers.acknowledged[writer] in (0, 1)
            writers.acknowledged[writer] = first  # what was done and not acknowledged stays
        assert version == sum(writers.acknowledged) + 1
        print(f"kill {kill + 1}: version {version}, {writers.answers} writes acknowledged", flush=True)  # noqa: T201
    assert writers.answers >= KILLS * 4 // 5
    with started(**settings) as (address, main):
        assert json.loads(urllib3.request("GET", f"{address}/health").data)["version"] == version
        assert update(address, admin, marking(PLACES[0], writers.acknowledged[0] + 1)).status == 204
        main.terminate()
        assert main.wait() == 0
    assert not list((store / "current").resolve().glob("since-*"))


@pytest.mark.parametrize("quads", ["10000000", "0"], ids=["in memory", "from disk"])
def test_versions_keep_their_numbers_through_a_restart(store: Path, admin: dict[str, str], quads: str) -> None:
    settings = {"MISSIEGRAAF_STORE": str(store), "MISSIEGRAAF_IN_MEMORY_QUADS": quads}
    for number in (1, 2):
        with started(**settings) as (address, _):
            answer = update(address, admin, marking(PLACES[0], number))
            assert answer.headers["Missiegraaf-Version"] == str(number + 1)
            assert seen(address, PLACES[0]) == {number}
            assert seen(address, PLACES[0], version=number) == {number - 1} - {0}
            if number == 2:
                assert {ask(address, f"ASK {{ {x} a {x} }}", version=1).status for x in ("?a", "?b", "?c")} == {404}


def test_a_reader_killed_in_mid_query_costs_that_query_alone(service: str, store: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        for _ in range(3):
            assert eventually(lambda: _are_idle(store))
            before = {pid: _used(pid) for pid in readers(store)}
            endless = threads.submit(ask, service, ENDLESS)
            assert eventually(lambda before=before: bool(_busier(before)))  # type: ignore[misc]
            assert ask(service, "ASK {}").data.count(b"true") == 1
            os.kill(_busier(before)[0], signal.SIGKILL)
            answer = endless.result()
            assert (answer.status, json.loads(answer.data)["type"]) == (500, "/problems#reader-died")
            for _ in range(4):
                assert ask(service, "ASK {}").data.count(b"true") == 1


def _are_idle(store: Path) -> bool:
    """Tell whether there are two readers and neither works, as one does that has just been started."""
    before = {pid: _used(pid) for pid in readers(store)}
    time.sleep(0.5)
    return len(before) == 2 and {pid: _used(pid) for pid in readers(store)} == before


def _used(pid: int) -> int:
    """The processor time of a process, in clock ticks."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


def _busier(before: dict[int, int]) -> list[int]:
    return [pid for pid, used in before.items() if _used(pid) > used + 20]


def test_an_endless_update_is_ended_and_others_are_carried_out(tmp_path: Path) -> None:
    options = ("--empty", "--plain-dataset", "--allow-updates", "--store", str(tmp_path / "bare"))
    with started(*options, MISSIEGRAAF_QUERY_SECONDS="2") as (address, _):
        many = " ".join(f"<x:s{n}> <x:p> {n} ." for n in range(1000))
        assert update(address, {}, f"INSERT DATA {{ {many} }}").status == 204
        endless = update(address, {}, "INSERT { ?a <x:q> ?n } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?n . ?i ?j ?k }")
        assert (endless.status, json.loads(endless.data)["type"]) == (503, "/problems#query-timeout")
        assert update(address, {}, "DELETE { ?s <x:p> 5 } WHERE { ?s <x:p> 5 }").status == 204
        assert ask(address, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").data.split() == [b"n", b"999"]
