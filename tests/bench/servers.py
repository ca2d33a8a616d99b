"""The servers that are compared, each with the same triples: in their named graphs, and all of them in the default one.

`oxigraph` and `rdflib-endpoint` are installed into .venv-bench; Fuseki comes through Maven (`tests/fuseki.py`).
"""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.common import KEPT, Data, free_port, running, service
from fuseki import NoFusekiError
from fuseki import running as fuseki

VENV = KEPT.parent / ".venv-bench"
PATIENCE = 600  # seconds to take the data
# Nothing is refused because eight clients wait. A version without a setting ignores it.
LIMITS = {"MISSIEGRAAF_WAITING_QUERIES": "64", "MISSIEGRAAF_QUERY_SECONDS": "120"}


@dataclass(frozen=True)
class Server:
    """A running server: its name, port, the path that takes queries, and its process."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]

    def ask(self, query: str, accept: str) -> tuple[int, bytes]:
        """Return status and body."""
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self._exchange("POST", self.path, query.encode(), headers)

    def take(self, path: str, content: Path, media_type: str) -> None:
        """Add a file to a graph store. Raises RuntimeError."""
        with content.open("rb") as handle:
            length = str(content.stat().st_size)
            headers = {"Content-Type": media_type, "Content-Length": length}
            status, said = self._exchange("POST", path, handle, headers)
        if status >= 300:
            raise RuntimeError(f"{self.name} does not take the data: {status} {said[:200]!r}")

    def _exchange(self, method: str, path: str, body: object, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, path, body, headers)  # type: ignore[arg-type]
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found


Starter = Callable[[Data, Path], AbstractContextManager[Server | None]]


def install() -> None:
    """Install what the comparison needs, once."""
    if not (VENV / "bin" / "rdflib-endpoint").exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        pip = [VENV / "bin" / "pip", "install", "--quiet", "oxigraph", "rdflib-endpoint[cli]"]
        subprocess.run(pip, check=True)


@contextmanager
def missiegraaf(data: Data, folder: Path, cache_megabytes: int = 0) -> Iterator[Server]:
    """Run the service, in memory or on disk as its settings say for this size."""
    settings = LIMITS | {"MISSIEGRAAF_CACHE_MEGABYTES": str(cache_megabytes)}
    with service(data.store, folder / "missiegraaf.log", **settings) as (port, process):
        yield Server("missiegraaf", port, "/sparql", process)


@contextmanager
def oxigraph(data: Data, folder: Path, name: str = "oxigraph-memory", *options: str) -> Iterator[Server]:
    """Run `oxigraph serve`."""
    port = free_port()
    command = [VENV / "bin" / "oxigraph", "serve", "--bind", f"127.0.0.1:{port}", *options]
    with running(command, folder / f"{name}.log", f"http://127.0.0.1:{port}/query?query=ASK%7B%7D") as process:
        server = Server(name, port, "/query", process)
        server.take("/store?no_transaction", data.dumped("nq"), "application/n-quads")
        server.take("/store?default&no_transaction", data.dumped("nt"), "application/n-triples")
        yield server


def oxigraph_on_disk(data: Data, folder: Path) -> AbstractContextManager[Server]:
    """Run `oxigraph serve` with its data on disk."""
    return oxigraph(data, folder, "oxigraph-disk", "--location", str(folder / "oxigraph"))


@contextmanager
def fuseki_server(data: Data, folder: Path, name: str = "fuseki-memory", *options: str) -> Iterator[Server | None]:
    """Run Fuseki; without it say why, and go on."""
    try:
        with fuseki(folder, *(options or ("--mem",)), "--quiet") as (address, process):
            server = Server(name, int(address.split(":")[2].partition("/")[0]), "/ds/query", process)
            server.take("/ds/data", data.dumped("nq"), "application/n-quads")
            server.take("/ds/data?default", data.dumped("nt"), "application/n-triples")
            yield server
    except NoFusekiError as reason:
        print(f"{name} is left out: {reason}")
        yield None


def fuseki_on_disk(data: Data, folder: Path) -> AbstractContextManager[Server | None]:
    """Run Fuseki with its data on disk, in TDB2."""
    (folder / "tdb2").mkdir()
    return fuseki_server(data, folder, "fuseki-disk", "--tdb2", "--update", f"--loc={folder / 'tdb2'}")


@contextmanager
def rdflib_endpoint(data: Data, folder: Path) -> Iterator[Server]:
    """Run rdflib-endpoint over the default graph: it reads one file."""
    port = free_port()
    command = [VENV / "bin" / "rdflib-endpoint", "serve", "--port", str(port), data.dumped("nt")]
    with running(command, folder / "rdflib.log", f"http://127.0.0.1:{port}/?query=ASK%7B%7D") as process:
        yield Server("rdflib-endpoint", port, "/", process)


STARTERS: dict[str, Starter] = {
    "missiegraaf": missiegraaf,
    "oxigraph-memory": oxigraph,
    "oxigraph-disk": oxigraph_on_disk,
    "fuseki-memory": fuseki_server,
    "fuseki-disk": fuseki_on_disk,
    "rdflib-endpoint": rdflib_endpoint,
}
QUICK = ("missiegraaf", "oxigraph-memory", "oxigraph-disk")


def enter(stack: ExitStack, name: str, starter: Starter, data: Data, folder: Path) -> Server | None:
    """Start a server until the stack ends; None, saying why, where it does not start or does not take the data."""
    try:
        return stack.enter_context(starter(data, folder))
    except (RuntimeError, OSError) as reason:
        if name == "missiegraaf":
            raise
        print(f"{name} is left out: {reason}")
        return None
