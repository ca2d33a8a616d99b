"""Bytes a triple: a reader in memory and the store on disk, beside oxigraph's in memory and on disk.

Each triple is in a named graph and in the default graph, in all of them. In memory, what a process takes
with a few triples is not counted. Oxigraph is one process; the service has as many readers as its settings say.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench import common, servers
from bench.servers import Server

PLACES = ("a reader in memory", "oxigraph in memory", "the store on disk", "oxigraph on disk")
ALL = 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STR(?o) != "") }'


def main() -> None:
    """Run the benchmark and print its figures."""
    sizes = common.parser("Bytes a triple, beside oxigraph.").parse_args().sizes
    servers.install()
    small = common.data(1)
    for size in sizes:
        data = common.data(size)
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            more = [b - a for a, b in zip(in_memory(small, Path(name)), in_memory(data, Path(name)), strict=True)]
            with servers.oxigraph_on_disk(data, Path(name)):
                pass  # it has taken the data
            folders = [data.store / "current" / "quads", Path(name) / "oxigraph"]
            totals = [total / (data.count - small.count) for total in more]
            totals += [on_disk(folder) / data.count for folder in folders]
        figures = dict(zip(PLACES, totals, strict=True))
        print(f"{data.count} triples, bytes a triple: " + ", ".join(f"{w} {v:.0f}" for w, v in figures.items()))
        common.save("memory", data, {"bytes a triple": figures})


def in_memory(data: common.Data, folder: Path) -> tuple[int, int]:
    """Return the bytes that the service with one reader takes that holds everything, and oxigraph."""
    limits = {"READERS": "1", "IN_MEMORY_QUADS": "1000000000", "READER_MEGABYTES": "0"}
    settings = {f"MISSIEGRAAF_{name}": value for name, value in limits.items()}
    with common.service(data.store, folder / "log", **settings) as (port, process):
        Server("missiegraaf", port, "/sparql", process).ask(ALL, "text/csv")
        ours = sum(map(resident, below(process.pid)))
    with servers.oxigraph(data, folder) as server:
        server.ask(ALL, "text/csv")
        return ours, resident(server.process.pid)


def resident(process: int) -> int:
    """Return the bytes of memory that a process has to itself."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))


def below(process: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    pages = Path(f"/proc/{process}/task").glob("*/children")
    own = [int(child) for path in pages for child in path.read_text(encoding="utf-8").split()]
    return own + [deeper for child in own for deeper in below(child)]


def on_disk(folder: Path) -> int:
    """Return the bytes that a folder takes on the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
