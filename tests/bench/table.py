"""The figures that the benchmarks left in .bench/, as the Markdown of docs/measurements.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bench.common import KEPT

Report = dict[str, Any]
LAST = "not-exists-two"  # some answer it in quadratic time
HEAD = """# Measurements

What `make bench` measures and `make measurements` writes here. Every ratio is of two medians of one run in which the
servers took turns. *Triples* counts those that `missiegraaf generate` wrote, about; those of the ontology and what is
inferred are in the number behind it.
"""


def main() -> None:
    """Print the document."""
    reports = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in KEPT.glob("*-*.json")}
    machines = {(r["machine"]["cpus"], round(r["machine"]["memory"] / 1024**3)) for r in reports.values()}
    print(HEAD)
    for cpus, memory in sorted(machines):
        print(f"Machine: {cpus} cores, {memory} GB of memory; servers and client share them.")
    for name, (title, rows) in TABLES.items():
        found = [reports[stem] for stem in sorted(reports, key=_size) if re.fullmatch(rf"{name}-\d+", stem)]
        if found:
            print(f"\n## {title}\n")
            print("\n".join(rows(found)))


def _size(stem: str) -> int:
    return int(stem.rpartition("-")[2])


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    head = list(head)
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return "-" if value is None else str(value)
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _triples(report: Report) -> str:
    return f"{report['size']:,} ({report['triples']:,})"


def mix(reports: list[Report]) -> Iterator[str]:
    """How many times faster than each other server; the last kind beside the best; milliseconds of each kind; notes."""
    others = list(dict.fromkeys(n for r in reports for found in r["times faster"].values() for n in found))
    yield "Times as many queries a second as the other: geometric mean, and in brackets without the NOT EXISTS kinds.\n"
    runs = [(r, clients, run) for r in reports for clients, run in r["clients"].items()]
    rows = []
    for report, clients, _ in runs:
        found = report["times faster"][clients]
        cells = [f"{_cell(m['all'])} ({_cell(m['easy'])})" if (m := found.get(n)) else None for n in others]
        rows.append([_triples(report), clients, *cells])
    yield from _table(["triples", "clients", *others], rows)
    yield "\nNOT EXISTS with several patterns, milliseconds, beside the best of the others (to reach: 3):\n"
    rows = []
    for report, clients, run in runs:
        ours, *rest = (run["milliseconds"][LAST].get(name) for name in run["failures"])
        best = min(filter(None, rest), default=None)
        rows.append([_triples(report), clients, ours, best, ours / best if ours and best else None])
    yield from _table(["triples", "clients", "missiegraaf", "the best", "times as long"], rows)
    for report, clients, run in runs:
        names = list(run["failures"])
        yield f"\nMilliseconds a query, {_triples(report)} triples, clients: {clients} (-: took too long).\n"
        kinds = sorted(run["milliseconds"].items())
        yield from _table(["kind", *names], ([kind, *(t.get(n) for n in names)] for kind, t in kinds))
        notes = [f"{count} of {name} failed" for name, count in run["failures"].items() if count]
        notes += [f"answered otherwise: {line}" for line in report["differing answers"]]
        notes.append(f"the client worked at most {max(run['client'].values()):.0%} of the time")
        yield f"\nOf these, {'; '.join(notes)}."


def _plain(*columns: tuple[str, str]) -> Any:
    """Return a function for a table with a row for each size: headings, and the keys of the figures."""
    heads, keys = ["triples", *(head for head, _ in columns)], [key for _, key in columns]
    return lambda reports: _table(heads, ([_triples(r), *(r.get(key) for key in keys)] for r in reports))


def inference(reports: list[Report]) -> Iterator[str]:
    """Memory in GB."""
    heads = ["triples", "inferred", "s", "s with reading", "peak GB", "owlrl s", "times faster", "equal"]
    keys = ("inferred", "seconds", "with reading", "peak GB", "owlrl", "times faster", "equal")
    rows = (r | {"peak GB": r["peak"] / 1e9} for r in reports)
    return _table(heads, ([_triples(r), *(r.get(key) for key in keys)] for r in rows))


def edit(reports: list[Report]) -> Iterator[str]:
    """Milliseconds of each kind of request: median, and in brackets the 95th percentile."""
    kinds = [kind.removesuffix(", p95") for kind in reports[0] if kind.endswith(", p95")]
    rows = ([_triples(r), *(f"{_cell(r[kind])} ({_cell(r[kind + ', p95'])})" for kind in kinds)] for r in reports)
    return _table(["triples", *kinds], rows)


def harvest(reports: list[Report]) -> Iterator[str]:
    """What publishing takes, and requests a second of each kind, with how many times those of the static server."""
    yield "Seconds of each part of publishing, in a process of its own; memory and files in MB.\n"
    measures = ["feed", "site map", "numbers", "dumps", "MB of memory", "MB on disk"]
    yield from _table(["triples", *measures], ([_triples(r), *(r[m] for m in measures)] for r in reports))
    kinds = [kind.removesuffix(", nginx") for kind in reports[0] if kind.endswith(", nginx")]
    yield "\nRequests a second, and beside those of nginx with the same bytes as files (1: as many).\n"
    rows = []
    for report in (r for r in reports if kinds and f"{kinds[0]}, nginx" in r):
        for kind in kinds:
            ours, theirs = report[f"{kind}, missiegraaf"], report[f"{kind}, nginx"]
            rows.append([_triples(report), *kind.split(", "), ours, ours / theirs])
    yield from _table(["triples", "what", "new or 304", "clients", "a second", "of nginx"], rows)


def memory(reports: list[Report]) -> Iterator[str]:
    """Bytes a triple."""
    places = list(reports[0]["bytes a triple"])
    rows = ([_triples(report), *(round(report["bytes a triple"][p]) for p in places)] for report in reports)
    return _table(["triples", *places], rows)


TABLES: dict[str, tuple[str, Any]] = {
    "mix": (
        "Queries, each new, no result kept (to reach: 1 oxigraph-memory, 2 oxigraph-disk)",
        mix,
    ),
    "repeated": ("Queries that come again, results kept (to reach: 5 oxigraph-memory)", mix),
    "inference": (
        "Inference from nothing (to reach: 100 owlrl; 60 s and 4 GB at 2,000,000)",
        inference,
    ),
    "shacl": (
        "Validation of a whole graph, 20 faults in it (to reach: 5 pySHACL)",
        _plain(("s", "ours"), ("pySHACL s", "pyshacl"), ("times faster", "times faster"), ("same findings", "equal")),
    ),
    "record": (
        "One record: validated, inferred from, committed, on disk, seen (to reach: 50 ms; 2 times the smallest)",
        _plain(
            ("triples changed", "changed"),
            ("ms, median", "median"),
            ("p90", "p90"),
            ("of which the write", "of which written"),
            ("times the smallest", "of the smallest"),
        ),
    ),
    "edit": ("What an editor waits for over HTTP, milliseconds: median, and in brackets 95th percentile", edit),
    "dump": (
        "Canonical dump, beside rdflib's N-Quads (to reach: 3 rdflib)",
        _plain(
            ("s", "ours"), ("s of the command", "the command"), ("rdflib s", "rdflib"), ("times faster", "times faster")
        ),
    ),
    "memory": ("Bytes a triple, each in its named graph and in the default graph", memory),
    "harvest": ("Publishing, and serving what is published", harvest),
}


if __name__ == "__main__":
    main()
