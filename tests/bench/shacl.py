"""Validation of a whole graph, with a few faults in it, beside pySHACL alone: the same findings, in how many seconds.

Both get the graph and the shapes in memory, each in the form that it takes. pySHACL runs in a process of its own, and
not at all where it would take more than --patience seconds: then the ratio is that of SMALLEST.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

import pyshacl
from pyoxigraph import Triple

from bench import common
from missiegraaf import transaction, validation
from missiegraaf.namespaces import SKOS
from missiegraaf.validation.report import of_graph

FAULTS = 20  # records that lose their names
SMALLEST = 10_000


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = common.parser("Whole-graph SHACL beside pySHACL alone.")
    parser.add_argument("--patience", type=float, default=240, help="seconds that pySHACL may take")
    parser.add_argument("--alone", type=Path, help="validate this file with pySHACL, print seconds and findings")
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(pyshacl_alone(options.alone)))
        return
    for size in sorted(options.sizes):
        data = common.data(size)
        smallest = beside(common.data(min(SMALLEST, size)), with_pyshacl=True)
        expected = smallest["pyshacl"] * size / SMALLEST  # at least
        if size > SMALLEST:
            beside(data, with_pyshacl=expected < options.patience)


def beside(data: common.Data, with_pyshacl: bool) -> dict[str, Any]:
    """Measure, print and return both, ours before and after."""
    triples = broken(data.generated)
    before, found = ours(triples)
    alone = common.apart("bench.shacl", "--alone", data.generated) if with_pyshacl else None
    after, _ = ours(triples)
    seconds = statistics.mean((before, after))
    figures: dict[str, Any] = {"validated": len(triples), "ours": seconds, "findings": len(found)}
    if alone:
        same = found == sorted(alone["findings"])
        figures |= {"pyshacl": alone["seconds"], "times faster": alone["seconds"] / seconds, "equal": same}
    print(f"{data.size} triples: {figures}")
    common.save("shacl", data, figures)
    return figures


def broken(path: Path) -> list[Triple]:
    """Return the asserted triples, of which some records lost their Dutch names."""
    triples = transaction.read([path]).triples
    labels = (triple for triple in triples if triple.predicate.value == SKOS + "prefLabel")
    names = sorted((triple for triple in labels if getattr(triple.object, "language", "") == "nl"), key=str)
    lost = set(names[:: len(names) // FAULTS][:FAULTS])
    return [triple for triple in triples if triple not in lost]


def ours(triples: list[Triple]) -> tuple[float, list[list[str]]]:
    """Return the seconds of the project's own validation, and what it found: focus nodes and constraints."""
    shapes = validation.shapes()
    began = time.perf_counter()
    report = validation.Validator(shapes).whole(triples)
    seconds = time.perf_counter() - began
    return seconds, sorted([result.focus_node, result.constraint] for result in report.results)


def pyshacl_alone(path: Path) -> dict[str, Any]:
    """Return the seconds of pySHACL, and what it found."""
    graph, shapes = validation.to_graph(broken(path)), validation.shapes()
    began = time.perf_counter()
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", allow_warnings=True, inplace=True)
    seconds = time.perf_counter() - began
    results = of_graph(report, shapes).results
    return {"seconds": seconds, "findings": [[result.focus_node, result.constraint] for result in results]}


if __name__ == "__main__":
    main()
