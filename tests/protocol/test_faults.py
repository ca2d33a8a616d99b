"""What may go wrong around the service: it is killed, a reader is, the disk is full, the store is another's.

`make faults` runs the long versions (MISSIEGRAAF_LONG=1): 200 kills and ten minutes of mixed load.
"""

import csv
import io
import itertools
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest
import urllib3
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from missiegraaf import reasoning, tokens, transaction
from missiegraaf.engine import embedded
from missiegraaf.namespaces import BASE, SKOS

from .conftest import started

LONG = "MISSIEGRAAF_LONG" in os.environ
KILLS = 200 if LONG else 5
LOAD_SECONDS = int(os.environ.get("LOAD_SECONDS", "600"))
ID, OWN = BASE + "id/", BASE + "def#"
# Each writer's two records, and a triple from which another follows.
PLACES = [("estonia", "denmark"), ("aalsmeer", "almere")]
PART = f"<{ID}programme/zorgpact> <{OWN}partOf> <{ID}programme/techniekpact>"
INFERRED, LOG = NamedNode(BASE + "inferred"), NamedNode(BASE + "log")
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory, asserted: transaction.Graph) -> Path:
    """A store of some 220 records: those that are written here, and all that they point to; with the ontology."""
    folder = tmp_path_factory.mktemp("seed")
    records: dict[NamedNode | None, list[Quad]] = {}
    for quad in asserted.quads:
        records.setdefault(quad.graph_name, []).append(quad)
    written = [f"place/{place}" for pair in PLACES for place in pair] + ["programme/zorgpact", "programme/techniekpact"]
    found, new = set(), {NamedNode(f"{BASE}doc/{name}") for name in written}
    while new:
        found |= new
        objects = {q.object.value for name in new for q in records[name] if isinstance(q.object, NamedNode)}
        new = {NamedNode(transaction.record_graph(iri) or iri) for iri in objects} & records.keys() - found
    quads = tuple(quad for name in sorted({*found, NamedNode(BASE + "def")}, key=str) for quad in records[name])
    with embedded.lock(folder):
        transaction.load(folder, transaction.Graph(quads, asserted.sha256, own=False), trusted=True)
    return folder


@pytest.fixture
def store(seed: Path, tmp_path: Path) -> Path:
    """A copy of it, to write in."""
    return Path(shutil.copytree(seed, tmp_path / "store", symlinks=True))


@pytest.fixture
def admin(store: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(store, 'an admin', 'admin')}"}


def processes(store: Path) -> dict[int, tuple[int, str]]:
    """The processes of the service that was started with this store in its environment: parent and command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"MISSIEGRAAF_STORE={store}\0".encode() in (folder / "environ").read_bytes():
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                found[int(folder.name)] = (parent, (folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended, or is another user's
            continue
    return found


def readers(store: Path) -> set[int]:
    """The reader processes: children of a child of the main process."""
    found = processes(store)
    return {
        pid
        for pid, (parent, command) in found.items()
        if "spawn_main" in command and "spawn_main" in found.get(parent, (0, ""))[1]
    }


def eventually(what: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not (there := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return there


def update(address: str, admin: dict[str, str], text: str) -> urllib3.BaseHTTPResponse:
    headers = {"Content-Type": "application/sparql-update", **admin}
    return urllib3.request("POST", f"{address}/update", body=text, headers=headers, retries=False, timeout=60)


def ask(address: str, query: str, **parameters: object) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "GET",
        f"{address}/sparql",
        fields={"query": query} | {name: str(value) for name, value in parameters.items()},
        headers={"Accept": "text/csv, application/sparql-results+json;q=0.5"},
        retries=False,
        timeout=60,
    )


def seen(address: str, places: tuple[str, str], **parameters: object) -> set[int]:
    """The numbers that a query sees at these records."""
    values = " ".join(f"<{ID}place/{place}>" for place in places)
    answer = ask(address, f"SELECT ?n {{ VALUES ?p {{ {values} }} ?p skos:hiddenLabel ?n }}", **parameters)
    assert answer.status == 200, answer.data
    return {int(row[0].split()[1]) for row in list(csv.reader(io.StringIO(answer.data.decode())))[1:]}


def marking(places: tuple[str, str], number: int) -> str:
    """An update of two records at once; that of the first writer brings and takes what another triple follows from."""
    removed, added = (
        " ".join(f"<{ID}place/{place}> <{SKOS}hiddenLabel> 'mark {n}' ." for place in places)
        for n in (number - 1, number)
    )
    if places == PLACES[0]:
        removed, added = (removed, added + PART) if number % 2 else (removed + PART, added)
    return f"DELETE DATA {{ {removed} }} ; INSERT DATA {{ {added} }}"


def marks(dataset: embedded.Dataset, places: tuple[str, str]) -> list[int]:
    """The number that each of these records bears, 0 for none."""
    label, found = NamedNode(SKOS + "hiddenLabel"), []
    for place in places:
        name = NamedNode(f"{BASE}doc/place/{place}")
        quads = dataset.quads_for_pattern(NamedNode(f"{ID}place/{place}"), label, None, name)
        numbers = [int(q.object.value.split()[1]) for q in quads if q.object.value.startswith("mark")]
        found.append(sum(numbers) if len(numbers) < 2 else -1)
    return found


def assert_whole(dataset: embedded.Dataset, former: embedded.Dataset) -> int:
    """The log, replayed from what was there at first, gives the data; inference and default graph fit. The version."""
    silent = (DefaultGraph(), INFERRED, LOG)
    data = {quad for quad in dataset if quad.graph_name not in silent}
    replayed = {quad for quad in former if quad.graph_name not in silent}
    entries: dict[int, dict[str, str]] = {}
    for quad in dataset.quads_for_pattern(None, NamedNode(OWN + "version"), None, LOG):
        said = dataset.quads_for_pattern(quad.subject, None, None, LOG)
        entry = entries.setdefault(int(quad.object.value), {})
        assert not entry, f"version {quad.object.value} is in the log twice"
        entry |= {q.predicate.value.removeprefix(OWN): q.object.value for q in said}
    assert sorted(entries) == list(range(2, len(entries) + 2))
    for _, entry in sorted(entries.items()):
        removed, added = (_recorded(entry[name]) for name in ("removedTriples", "addedTriples"))
        assert removed <= replayed
        assert not added & replayed
        replayed = replayed - removed | added
    assert replayed == data
    inferred = reasoning.infer({quad.triple for quad in data}).inferred
    assert {q.triple for q in dataset.quads_for_pattern(None, None, None, INFERRED)} == inferred
    default = {q.triple for q in dataset.quads_for_pattern(None, None, None, DefaultGraph())}
    assert default == {quad.triple for quad in data} | inferred
    return len(entries) + 1


def _recorded(lines: str) -> set[Quad]:
    found = set()
    for quad in parse(lines.encode(), RdfFormat.N_TRIPLES):
        name = transaction.record_graph(quad.subject.value)
        assert name is not None
        found.add(Quad(quad.subject, quad.predicate, quad.object, NamedNode(name)))
    return found


class Writers:
    """Threads that write, each its own two records, until the service is gone; `acknowledged` is the last of each."""

    def __init__(self) -> None:
        self.acknowledged = [0, 0]
        self.version, self.answers, self.first = 1, 0, threading.Event()

    def write(self, address: str, admin: dict[str, str], writer: int, end: float = math.inf) -> None:
        """Write on from the last that was acknowledged, until a write gets no answer or time is over."""
        for number in itertools.count(self.acknowledged[writer] + 1):
            if time.monotonic() > end:
                return
            try:
                answer = update(address, admin, marking(PLACES[writer], number))
            except urllib3.exceptions.HTTPError:
                return
            assert answer.status == 204, answer.data
            self.acknowledged[writer] = number
            self.version = max(self.version, int(answer.headers["Missiegraaf-Version"]))
            self.answers += 1
            self.first.set()


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


@pytest.fixture
def service(store: Path) -> Iterator[str]:
    with started(MISSIEGRAAF_STORE=str(store), MISSIEGRAAF_QUERY_SECONDS="30") as (address, _):
        yield address


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


@pytest.mark.parametrize("in_memory", [True, False])
def test_on_a_full_disk_reads_go_on_and_writes_come_back_with_space(
    store: Path, seed: Path, admin: dict[str, str], tmp_path: Path, in_memory: bool
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here: that takes root")
    small = Path(shutil.copytree(store, disk / "store", symlinks=True))
    settings = {"MISSIEGRAAF_STORE": str(small), "MISSIEGRAAF_IN_MEMORY_QUADS": str(in_memory * 10**7)}
    try:
        with started(**settings) as (address, _):
            assert update(address, admin, marking(PLACES[0], 1)).status == 204
            for number in (2, 3):
                _fill(disk / "filler")
                answer = update(address, admin, marking(PLACES[0], number))
                problem = json.loads(answer.data)
                assert (answer.status, problem["type"]) == (500, "/problems#store-error")
                assert "No space left" in problem["detail"]
                assert seen(address, PLACES[0]) == {number - 1}
                assert update(address, admin, marking(PLACES[0], number)).status == 500
                assert seen(address, PLACES[0]) == {number - 1}
                (disk / "filler").unlink()
                assert update(address, admin, marking(PLACES[0], number)).status == 204
                assert seen(address, PLACES[0]) == {number}
            assert update(address, admin, marking(PLACES[1], 1)).status == 204
        assert assert_whole(embedded.read(small), embedded.read(seed)) == 5
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _fill(path: Path) -> None:
    """Leave no room on the disk: first large pieces, then small ones."""
    with path.open("wb", buffering=0) as filler:
        for size in (2**16, 2**12, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                continue


def refusal(store: Path) -> str:
    """What a service says that refuses this store."""
    command = [sys.executable, "-m", "missiegraaf", "serve", "--port", "0", "--store", str(store)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    return ended.stderr


def test_a_second_service_on_a_store_says_so_and_stops(service: str, store: Path) -> None:
    assert f"{store} is in use by another process" in refusal(store)
    assert ask(service, "ASK {}").data.count(b"true") == 1


@pytest.mark.parametrize("layout", [embedded.LAYOUT - 1, embedded.LAYOUT + 1])
def test_a_store_of_another_layout_is_refused_by_name(store: Path, layout: int) -> None:
    path = store / "current" / "about.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"layout": layout}))
    said = refusal(store)
    assert f"has layout {layout}, this version reads {embedded.LAYOUT}" in said
    assert "load the data into a new folder" in said


@pytest.mark.skipif(not LONG, reason="takes ten minutes: `make faults`")
def test_ten_minutes_of_mixed_load_leave_memory_processes_threads_and_files_as_they_were(
    store: Path, seed: Path, admin: dict[str, str]
) -> None:
    limits = {"QUERY_SECONDS": "2", "WAITING_QUERIES": "8", "CACHE_MEGABYTES": "4"}
    settings = {f"MISSIEGRAAF_{name}": value for name, value in ({"STORE": str(store)} | limits).items()}
    end, samples, writers = time.monotonic() + LOAD_SECONDS, [], Writers()
    answers: Counter[int] = Counter()

    def read(reader: int) -> None:
        chance = random.Random(reader)  # noqa: S311
        while time.monotonic() < end:
            query = chance.choices(QUERIES, WEIGHTS)[0].replace("NEW", str(chance.random()))
            answers[ask(address, query).status] += 1

    with ThreadPoolExecutor(6) as threads, started(**settings) as (address, _):
        (since,) = (store / "current").resolve().glob("since-*")
        spool = (since / "spool").resolve()
        ran = [threads.submit(writers.write, address, admin, writer, end) for writer in (0, 1)]
        ran += [threads.submit(read, reader) for reader in range(4)]
        while time.monotonic() < end:
            time.sleep(min(5, LOAD_SECONDS / 60))
            found = sample(store, since, spool)
            samples.append(found)
        for future in ran:
            future.result()
        assert {status for status in answers if status not in (200, 500, 503)} == set(), answers
        assert answers[200] > answers.total() / 2
        assert eventually(lambda: len(readers(store)) == 2)
    report = {name: [s[name] for s in samples[:: len(samples) // 6]] for name in samples[0]}
    print(answers, writers.answers, report, flush=True)  # noqa: T201
    third = len(samples) // 3
    for name in samples[0]:
        earlier, later = (median(s[name] for s in part) for part in (samples[third:-third], samples[-third:]))
        assert later <= 1.2 * earlier + 2, (name, report[name])
    assert assert_whole(embedded.read(store), embedded.read(seed)) == writers.answers + 1
    assert not processes(store)
    assert not since.exists()
    assert not spool.exists()


# What the four readers ask: easy and new, easy and repeated, too long, refused while it runs, too much memory.
QUERIES = (
    "SELECT * { ?s ?p ?o FILTER(?o != NEW) } LIMIT 200",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?l { ?p skos:hiddenLabel ?l }",
    ENDLESS,
    "SELECT (STR(<x:none>(1)) AS ?x) {}",
)
WEIGHTS = (60, 20, 19, 0.3, 0.7)


def sample(store: Path, since: Path, spool: Path) -> dict[str, int]:
    """What the service takes: megabytes of the main and the worker process and of all, threads, open files, files."""
    found: Counter[str] = Counter()
    everyone = processes(store)
    for pid, (parent, command) in everyone.items():
        role = "main" if parent not in everyone else "worker" if "spawn_main" in command else "other"
        role = "reader" if role == "worker" and everyone[parent][0] in everyone else role
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            found[f"{role} megabytes"] += int(status.partition("VmRSS:")[2].split()[0]) // 1024
            found[f"{role} threads"] += int(status.partition("Threads:")[2].split()[0])
            found[f"{role} open files"] += len(list(Path(f"/proc/{pid}/fd").iterdir()))
        except (OSError, IndexError):  # it has ended
            continue
    found["processes"] = len(everyone)
    found["Changes"], found["results"] = len(list(since.iterdir())), len(list(spool.iterdir()))
    return dict(found)
