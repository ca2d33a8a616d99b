"""Queries over HTTP: the service beside other servers, with the same triples, in one run.

Servers take turns, query by query; a figure is the median over the rounds, a ratio compares medians of one run. Each
query is new: it has a number that no other has; the service's result cache is off. With --repeated, the same few
queries come again and again and the cache is on. A kind of query that keeps a server busy for more than SLOW seconds
is not asked of it again; the kind that some answer in quadratic time comes last. No figure fails a run.
"""

from __future__ import annotations

import itertools
import math
import statistics
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from bench import client, common, servers, table
from bench.client import Batch
from bench.questions import Questions, accept, comparable
from bench.servers import Server
from bench.table import LAST

SLOW = 1  # seconds
LARGE = 1_000_000  # triples; others take too long to read more, or too much memory
HARD = ("not-exists-one", LAST)
SAMPLES = 3  # queries of a kind whose answers are compared, where they differ by more than a number
CACHE_MEGABYTES = 64


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = common.parser("Queries over HTTP, the service beside other servers.")
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 2, 8])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.2, help="that a server gets for a kind of query in a round")
    parser.add_argument("--servers", nargs="+", choices=sorted(servers.STARTERS), help="all that suit the size")
    parser.add_argument("--repeated", action="store_true", help="the same queries again and again, results kept")
    options = parser.parse_args()
    servers.install()
    for size in options.sizes:
        data = common.data(size)
        names = options.servers or (servers.STARTERS if size <= LARGE else servers.QUICK)
        starters = {name: servers.STARTERS[name] for name in names}
        if options.repeated:
            starters = {"missiegraaf": partial(servers.missiegraaf, cache_megabytes=CACHE_MEGABYTES)} | {
                name: starter for name, starter in starters.items() if name != "missiegraaf"
            }
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
            entered = [servers.enter(stack, *named, data, Path(folder)) for named in starters.items()]
            started = [server for server in entered if server]
            questions = Questions(data, options.repeated)
            different = differences(started, questions)
            runs = Mix(started, questions, options.rounds, options.seconds).runs(options.clients)
        means = {n: summary(run) for n, run in runs.items()}
        figures = {"differing answers": different, "clients": runs, "times faster": means}
        print("\n".join(table.mix([common.save("repeated" if options.repeated else "mix", data, figures)])))


def differences(started: list[Server], questions: Questions) -> list[str]:
    """Return which servers answer a kind of query otherwise than the first; of all kinds but the last."""
    found = []
    for kind in questions.kinds:
        for _ in range(SAMPLES if questions.varies(kind) else 1):
            query = questions.next(kind)
            answers = [server.ask(query, accept(kind)) for server in started]
            contents = [(status, comparable(content) if status == 200 else []) for status, content in answers]
            found += [f"{kind}: {s.name}" for s, c in zip(started, contents, strict=True) if c != contents[0]]
    return sorted(set(found))


class Mix:
    """Servers that take turns in answering kinds of query."""

    def __init__(self, started: list[Server], questions: Questions, rounds: int, seconds: float) -> None:
        self._servers, self._questions, self._rounds, self._seconds = started, questions, rounds, seconds
        self._given_up: set[tuple[str, str]] = set()  # server and kind; server and ""

    def runs(self, clients: Iterable[int]) -> dict[int, Any]:
        """Return by number of clients the milliseconds a query, by kind and server; failures; the client's work.

        The quadratic kind comes last, for a server that needs more than PATIENCE seconds for it is ended.
        """
        for server, kind in itertools.product(self._servers, self._questions.kinds):
            self._ask(server, kind, 1)  # a virtual machine is slow at first
        found = {n: self._run(self._questions.kinds, n) for n in clients}
        for n, run in found.items():
            last = self._run([LAST], n)
            run["milliseconds"] |= last["milliseconds"]
            run["failures"] = {name: count + last["failures"][name] for name, count in run["failures"].items()}
        return found

    def _run(self, kinds: list[str], clients: int) -> dict[str, Any]:
        names = [server.name for server in self._servers]
        batches: dict[str, dict[str, list[Batch]]] = {kind: {name: [] for name in names} for kind in kinds}
        for turn in range(self._rounds):
            for kind, ahead in itertools.product(kinds, range(len(names))):
                server = self._servers[(turn + ahead) % len(names)]
                if (server.name, kind) in self._given_up:
                    continue
                if batch := self._ask(server, kind, clients):
                    batches[kind][server.name].append(batch)
                    if batch.seconds > SLOW + self._seconds:
                        self._given_up.add((server.name, kind))
        medians = {
            kind: {name: statistics.median(b.milliseconds for b in own) for name, own in found.items() if own}
            for kind, found in batches.items()
        }
        by_name = {name: [b for found in batches.values() for b in found[name]] for name in names}
        return {
            "milliseconds": medians,
            "failures": {name: sum(b.failed for b in own) for name, own in by_name.items()},
            "client": {name: max((b.own / b.seconds for b in own), default=0) for name, own in by_name.items()},
        }

    def _ask(self, server: Server, kind: str, clients: int) -> Batch | None:
        """Ask for a while; a server that does not answer is ended, so that it does not hold up the others."""
        if (server.name, "") in self._given_up:
            return None
        try:
            return client.ask(server.port, self._asking(server, kind), clients, self._seconds)
        except (TimeoutError, ConnectionError) as error:
            print(f"{server.name} is given up: {kind}, {clients} clients: {error}")
            server.process.kill()
            self._given_up.add((server.name, ""))
            return None

    def _asking(self, server: Server, kind: str) -> Callable[[], bytes]:
        headers = {"Content_Type": "application/sparql-query", "Accept": accept(kind)}
        return lambda: client.request("POST", server.port, server.path, self._questions.next(kind).encode(), **headers)


def summary(run: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return how many times faster than each other the first server is: geometric means."""
    first, *others = run["failures"]
    return {
        name: {title: mean(run["milliseconds"], name, first, skip) for title, skip in (("all", ()), ("easy", HARD))}
        for name in others
    }


def mean(found: dict[str, dict[str, float]], name: str, first: str, skipped: tuple[str, ...]) -> float:
    """Return the mean over the kinds of query that both answered: above 1, the first server is faster."""
    both = [t for kind, t in found.items() if kind not in skipped and name in t and first in t]
    return math.exp(statistics.fmean(math.log(t[name] / t[first]) for t in both)) if both else math.nan


if __name__ == "__main__":
    main()
