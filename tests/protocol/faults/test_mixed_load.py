"""What a service takes does not grow while many read and write, though some ask too much."""

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest

from missiegraaf.engine import embedded

from ...conftest import LONG
from ..conftest import started
from .client import ENDLESS, ask
from .marks import Writers, assert_whole
from .processes import eventually, processes, readers

# A Change leaves a dozen quads in the log; each takes 660 bytes (docs/measurements.md) in each of two readers.
LOGGED = 2 * 12 * 660 / 2**20
LOAD_SECONDS = int(os.environ.get("LOAD_SECONDS", "600"))


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
            found = sample(store, since, spool) | {"writes": writers.answers}
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
        # Readers end and begin all the time, and take little until they have read the graph: what they come to counts.
        typical = max if name.startswith("reader") else median
        middle, last = samples[third:-third], samples[-third:]
        earlier, later = (typical(s[name] for s in part) for part in (middle, last))
        grown = LOGGED * (last[-1]["writes"] - middle[0]["writes"]) if name == "reader megabytes" else 0
        assert later <= 1.2 * earlier + 2 + grown or name == "writes", (name, report[name])
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
