"""What the benchmarks share: graphs of a size, the service over them, figures kept as JSON."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import missiegraaf
from missiegraaf import files, tokens

KEPT = Path(__file__).parents[2] / ".bench"
SERVICE = [sys.executable, "-m", "missiegraaf"]
FIXED, PER_COMMUNITY = 4000, 178  # triples that `generate` writes
KINDS = 4  # of communities, which it writes at least
PATIENCE = 120  # seconds that a server gets to start
WARM_UP = 5  # rounds that are not counted: what validates, and the forms, are made at the first request


@dataclass(frozen=True)
class Data:
    """A synthetic graph: what was generated, the store made of it, its dump; `count` triples, the inferred among them.

    `size` is about what was generated, in triples; the ontology and what is inferred come on top.
    """

    folder: Path
    size: int
    count: int

    @property
    def generated(self) -> Path:
        """What `missiegraaf generate` wrote."""
        return self.folder / "generated.nt"

    @property
    def store(self) -> Path:
        """The store; whoever writes takes a copy."""
        return self.folder / "store"

    def dumped(self, suffix: str) -> Path:
        """Return the file with all its triples, as N-Quads (nq) or N-Triples (nt)."""
        return self.folder / f"graph.{suffix}"


def data(size: int) -> Data:
    """Return the graph of about so many triples; made once, and again when code, ontology or records have changed."""
    sources = [p for name in ("ontology", "data") for p in files.folder(name).rglob("*") if p.is_file()]
    sources += Path(missiegraaf.__file__).parent.rglob("*.py")
    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:12]
    folder = KEPT / "data" / f"{size}-{stamp}"
    if not folder.exists():
        for former in folder.parent.glob(f"{size}-*"):
            shutil.rmtree(former)
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=folder.parent))
        _make(Data(unfinished, size, 0))
        unfinished.rename(folder)
    return Data(folder, size, int((folder / "count").read_text()))


def _make(new: Data) -> None:
    communities = str(max(KINDS, round((new.size - FIXED) / PER_COMMUNITY)))
    generate = ["generate", "--communities", communities, "--seed", "1", "--out", new.generated]
    subprocess.run([*SERVICE, *generate], check=True)
    subprocess.run([*SERVICE, "load", "--trusted", "--store", new.store, new.generated], check=True)
    with new.dumped("nq").open("wb") as out:
        subprocess.run([*SERVICE, "dump", "--store", new.store], check=True, stdout=out)
    count = 0
    with new.dumped("nq").open("rb") as quads, new.dumped("nt").open("wb") as triples:
        for count, quad in enumerate(quads, 1):  # noqa: B007  # the last one is what counts
            triples.write(quad[: quad.rindex(b" <")] + b" .\n")
    (new.folder / "count").write_text(str(count))


@contextmanager
def running(
    command: list[Any], log: Path, ready: str, settings: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for as long as the block, from when it answers at `ready`. Raises RuntimeError."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | dict(settings or {}))
        try:
            end = time.monotonic() + PATIENCE
            while not _answers(ready):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{command[0]} does not start: {log.read_text(encoding='utf-8')[-2000:]}")
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310  # this machine's own
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@contextmanager
def service(store: Path, log: Path, **settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run the service over a store, without publishing unless the settings say so; yield its port and its process."""
    settings = {"MISSIEGRAAF_PUBLISH": "false"} | settings
    port = free_port()
    command = [*SERVICE, "serve", "--port", str(port), "--store", store]
    with running(command, log, f"http://127.0.0.1:{port}/health", settings) as process:
        yield port, process


class Asking(Protocol):
    """What asks one service in rounds; `took` has the milliseconds of each kind of request."""

    took: dict[str, list[float]]

    def turn(self, number: int) -> None: ...


Asks = TypeVar("Asks", bound=Asking)


def in_turns(description: str, role: str, asking: Callable[[Data, int, str], Asks]) -> list[Asks]:
    """Start a service over a copy of each store, all at once, and let them take turns; return what asked them.

    `asking` makes that of the data, the port and a token of that role. The command line says which sizes and how many
    rounds; the first WARM_UP are not counted.
    """
    options = parser(description)
    options.add_argument("--rounds", type=int, default=50)
    given = options.parse_args()
    graphs = [data(size) for size in sorted(given.sizes)]
    with tempfile.TemporaryDirectory(prefix="bench-", dir=KEPT) as name, ExitStack() as stack:
        made = []
        for each in graphs:
            store = Path(name) / str(each.size)
            shutil.copytree(each.store, store, symlinks=True)
            token = tokens.create(store, "bench", role)
            port, _ = stack.enter_context(service(store, store.with_suffix(".log")))
            made.append(asking(each, port, token))
        for number in range(WARM_UP + given.rounds):
            for one in made:
                one.turn(number)
                if number < WARM_UP:
                    one.took.clear()
    return made


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser that takes sizes."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("sizes", nargs="*", type=int, default=[10_000], metavar="TRIPLES")
    return made


def apart(module: str, option: str, path: Path) -> Any:
    """Return what a benchmark prints, as JSON, in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", module, option, path]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def save(name: str, of: Data, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the figures of a benchmark at a size, with what the machine is, and return all of it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    machine = {"cpus": os.cpu_count(), "memory": memory, "load": os.getloadavg()[0]}
    report = {"size": of.size, "triples": of.count, "machine": machine, **figures}
    path = KEPT / f"{name}-{of.size}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"-> {path.relative_to(KEPT.parent)}")
    return report


if __name__ == "__main__":
    for each in parser("Make the graphs of some sizes.").parse_args().sizes:
        print(data(each))
