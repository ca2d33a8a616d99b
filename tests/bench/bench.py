"""Queries over HTTP: the service beside other servers, with the same triples, in one run.

    python tests/bench/bench.py 10000 200000 --clients 1 2 8 --rounds 5

Servers take turns, query by query; a figure is the median over the rounds, a ratio compares medians of one run. Each
query is new: it has a number that no other has. Result caches, where a server has one, are off. No figure fails a run.
`oxigraph` is installed into .venv-bench; rdflib-endpoint (there) and fuseki-server (on the PATH) join where found.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import math
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

from missiegraaf import files

HERE = Path(__file__).parent
VENV = HERE.parents[1] / ".venv-bench"
SERVICE = [sys.executable, "-m", "missiegraaf"]
FIXED, PER_COMMUNITY = 4000, 178  # triples that `generate` writes
PATIENCE = 300  # seconds
ACCEPT = "application/sparql-results+json, application/n-triples"
HARD = ("not-exists-one", "not-exists-two")


@dataclass(frozen=True)
class Server:
    """A running server: its name, port, and the path that takes queries."""

    name: str
    port: int
    path: str

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, connection: http.client.HTTPConnection, query: str) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/sparql-query", "Accept": ACCEPT}
        connection.request("POST", self.path, query.encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def put(self, path: str, content: Path, media_type: str) -> None:
        connection = self.connect()
        with content.open("rb") as handle:
            length = str(content.stat().st_size)
            connection.request("POST", path, handle, {"Content-Type": media_type, "Content-Length": length})
        answer = connection.getresponse()
        if answer.status >= 300:
            raise RuntimeError(f"{self.name} does not take the data: {answer.status} {answer.read()[:200]!r}")


@dataclass(frozen=True)
class Data:
    """One graph: the store of the service, and its dump for the others."""

    store: Path
    quads: Path
    triples: Path
    count: int


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description="Queries over HTTP, the service beside other servers.")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000], metavar="TRIPLES")
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 2, 8])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="that a server gets for a kind of query in a round")
    parser.add_argument("--servers", nargs="+", choices=sorted(STARTERS), default=list(STARTERS))
    options = parser.parse_args()
    environment()
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
            data = made(Path(name), size)
            servers = [s for key in options.servers if (s := stack.enter_context(STARTERS[key](data, Path(name))))]
            report = {"triples": data.count, "cpus": os.cpu_count(), "load": os.getloadavg()}
            report["differing answers"] = differences(servers, Questions(data))
            report["runs"] = [measured(servers, data, n, options.rounds, options.seconds) for n in options.clients]
            save(report)
            show(report)


def environment() -> None:
    """Install what the comparison needs."""
    if not (VENV / "bin" / "oxigraph").exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin" / "pip", "install", "--quiet", "oxigraph"], check=True)


def made(folder: Path, size: int) -> Data:
    """Generate a graph of about so many triples, load it, and dump it."""
    data = Data(folder / "store", folder / "graph.nq", folder / "graph.nt", 0)
    communities = str(max(1, round((size - FIXED) / PER_COMMUNITY)))
    generated = folder / "generated.nt"
    run = [*SERVICE, "generate", "--communities", communities, "--seed", "1", "--out", str(generated)]
    subprocess.run(run, check=True)
    subprocess.run([*SERVICE, "load", "--trusted", "--store", data.store, generated], check=True)
    for path, suffix in ((data.quads, "nq"), (data.triples, "nt")):
        with path.open("wb") as out:
            subprocess.run([*SERVICE, "dump", "--format", suffix, "--store", data.store], check=True, stdout=out)
    with data.quads.open("rb") as lines:
        return Data(data.store, data.quads, data.triples, sum(1 for _ in lines))


@contextmanager
def started(name: str, command: list[str], port: int, path: str, log: Path) -> Iterator[Server]:
    """Run a server until the block ends."""
    with (log / f"{name}.log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | LIMITS)
        try:
            server = Server(name, port, path)
            wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait()


def wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers a query."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if server.ask(server.connect(), "ASK {}")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{server.name} does not start")


@contextmanager
def missiegraaf(data: Data, folder: Path) -> Iterator[Server]:
    port = free_port()
    command = [*SERVICE, "serve", "--port", str(port), "--store", str(data.store)]
    with started("missiegraaf", command, port, "/sparql", folder) as server:
        yield server


@contextmanager
def oxigraph(data: Data, folder: Path, name: str = "oxigraph-memory", *options: str) -> Iterator[Server]:
    port = free_port()
    command = [str(VENV / "bin" / "oxigraph"), "serve", "--bind", f"127.0.0.1:{port}", *options]
    with started(name, command, port, "/query", folder) as server:
        server.put("/store", data.quads, "application/n-quads")
        server.put("/store?default", data.triples, "application/n-triples")
        yield server


@contextmanager
def oxigraph_on_disk(data: Data, folder: Path) -> Iterator[Server]:
    with oxigraph(data, folder, "oxigraph-disk", "--location", str(folder / "oxigraph")) as server:
        yield server


@contextmanager
def fuseki(data: Data, folder: Path) -> Iterator[Server | None]:
    program = shutil.which("fuseki-server")
    if program is None:
        print("fuseki: no fuseki-server on the PATH")
        yield None
        return
    port = free_port()
    with started("fuseki", [program, "--port", str(port), "--mem", "/ds"], port, "/ds/query", folder) as server:
        server.put("/ds/data", data.quads, "application/n-quads")
        server.put("/ds/data?default", data.triples, "application/n-triples")
        yield server


@contextmanager
def rdflib_endpoint(data: Data, folder: Path) -> Iterator[Server | None]:
    program = VENV / "bin" / "rdflib-endpoint"
    if not program.exists():
        print(f"rdflib-endpoint: not in {VENV.name}")
        yield None
        return
    port = free_port()
    command = [str(program), "serve", "--port", str(port), str(data.triples)]
    with started("rdflib-endpoint", command, port, "/", folder) as server:
        yield server


STARTERS: dict[str, Callable[[Data, Path], Any]] = {
    "missiegraaf": missiegraaf,
    "oxigraph-memory": oxigraph,
    "oxigraph-disk": oxigraph_on_disk,
    "fuseki": fuseki,
    "rdflib-endpoint": rdflib_endpoint,
}
# Nothing is answered from a cache, or refused because eight clients wait. A version without a setting ignores it.
LIMITS = {"MISSIEGRAAF_CACHE_MEGABYTES": "0", "MISSIEGRAAF_WAITING_QUERIES": "64", "MISSIEGRAAF_QUERY_SECONDS": "120"}


class Questions:
    """The kinds of query, and new texts of each."""

    def __init__(self, data: Data) -> None:
        label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
        with data.triples.open(encoding="utf-8") as lines:
            named = [line for line in lines if label in line and "/id/learning-community/" in line]
        self._labels = sorted({line.split('"')[1] for line in named if line.endswith('"@nl .\n') and "\\" not in line})
        self._communities = sorted({line.split(" ", 1)[0] for line in named})
        self._random, self._numbers = random.Random(1), itertools.count(1)  # noqa: S311  # nothing secret
        self.kinds = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("queries/*.rq"))}

    def new(self, kind: str) -> str:
        """Return a query of this kind that was not asked before."""
        text = Template(self.kinds[kind]).substitute(
            new=next(self._numbers),
            community=self._random.choice(self._communities),
            label=self._random.choice(self._labels),
        )
        return "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in files.prefixes().items() if f"{p}:" in text) + text


def differences(servers: list[Server], questions: Questions) -> list[str]:
    """Return which servers answer a kind of query otherwise than the first."""
    found = []
    for kind in questions.kinds:
        query = questions.new(kind)
        answers = [server.ask(server.connect(), query) for server in servers]
        contents = [(status, comparable(content)) for status, content in answers]
        found += [f"{kind}: {s.name}" for s, content in zip(servers, contents, strict=True) if content != contents[0]]
    return found


def comparable(content: bytes) -> list[str]:
    """Return the lines of a graph, or the rows or the truth of a result, in an order of their own."""
    if not content.startswith(b"{"):
        return sorted(set(content.decode().splitlines()))
    result = json.loads(content)
    rows = result["results"]["bindings"] if "results" in result else [result.get("boolean")]
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def measured(servers: list[Server], data: Data, clients: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Return the median time of a query in milliseconds, by kind and server, and how many were refused."""
    questions, failures = Questions(data), dict.fromkeys((s.name for s in servers), 0)
    times: dict[str, dict[str, list[float]]] = {k: {s.name: [] for s in servers} for k in questions.kinds}
    with ThreadPoolExecutor(clients) as pool:
        for turn in range(rounds):
            for kind in questions.kinds:
                for server in servers[turn % len(servers) :] + servers[: turn % len(servers)]:
                    took, failed = batch(server, lambda k=kind: questions.new(k), clients, seconds, pool)  # type: ignore[misc]
                    times[kind][server.name].append(took)
                    failures[server.name] += failed
    medians = {k: {name: statistics.median(t) * 1000 for name, t in found.items()} for k, found in times.items()}
    return {"clients": clients, "milliseconds": medians, "failures": failures}


def batch(
    server: Server, new: Callable[[], str], clients: int, seconds: float, pool: ThreadPoolExecutor
) -> tuple[float, int]:
    """Ask for some seconds, each client one query after another; return seconds a query, and the number that failed."""
    end = time.perf_counter() + seconds
    started_at = time.perf_counter()

    def client() -> tuple[int, int]:
        connection, asked, failed = server.connect(), 0, 0
        while not asked or time.perf_counter() < end:
            status, _ = server.ask(connection, new())
            asked, failed = asked + 1, failed + (status != 200)
        connection.close()
        return asked, failed

    results = [future.result() for future in [pool.submit(client) for _ in range(clients)]]
    return (time.perf_counter() - started_at) / sum(n for n, _ in results), sum(n for _, n in results)


def show(report: dict[str, Any]) -> None:
    """Print a table for each number of clients: milliseconds a query, and how many times the first server's."""
    for line in report["differing answers"]:
        print(f"answers differ: {line}")
    for run in report["runs"]:
        first, *others = names = list(run["failures"])
        print(
            f"\n{report['triples']} triples with what is inferred, {run['clients']} clients:"
            f" ms a query, and its ratio to that of {first}"
        )
        print("".join(f"{title:>20}" for title in ("kind", *names)))
        for kind, found in run["milliseconds"].items():
            cells = [f"{found[n]:.2f}" + (f" ({found[n] / found[first]:.2f})" if n != first else "") for n in names]
            print("".join(f"{cell:>20}" for cell in (kind, *cells)))
        for title, skipped in (("geometric mean", ()), ("without NOT EXISTS", HARD)):
            means = [mean(run["milliseconds"], name, first, skipped) for name in others]
            print("".join(f"{cell:>20}" for cell in (title, "1", *(f"{value:.2f}" for value in means))))
        print("".join(f"{cell:>20}" for cell in ("failed", *run["failures"].values())))


def mean(found: dict[str, dict[str, float]], name: str, first: str, skipped: tuple[str, ...]) -> float:
    """Return how many times faster the first server is, over the kinds of query: above 1, it is faster."""
    return math.exp(statistics.fmean(math.log(t[name] / t[first]) for k, t in found.items() if k not in skipped))


def save(report: dict[str, Any]) -> None:
    """Write the figures beside the harness."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    (folder / f"{stamp}-{report['triples']}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
