"""The canonical dump beside rdflib's N-Quads of the same data, which are in no order.

Ours reads the store on disk; rdflib has the data in memory already. Each works in a process of its own.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path

from rdflib import Dataset

from bench import common
from missiegraaf import export
from missiegraaf.engine import embedded
from missiegraaf.namespaces import BASE

ROUNDS = 3


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = common.parser("The canonical dump beside rdflib's N-Quads.")
    parser.add_argument("--rdflib", type=Path, help="serialise this file, and print the seconds of each round")
    parser.add_argument("--ours", type=Path, help="dump this store, and print the seconds of each round")
    options = parser.parse_args()
    if options.rdflib:
        print(json.dumps(by_rdflib(options.rdflib)))
    elif options.ours:
        print(json.dumps([ours(options.ours) for _ in range(ROUNDS)]))
    else:
        for size in options.sizes:
            beside(common.data(size))


def beside(data: common.Data) -> None:
    """Measure and print both, ours before and after."""
    times = common.apart("bench.dump", "--ours", data.store)
    rdflib = common.apart("bench.dump", "--rdflib", data.dumped("nq"))
    times += common.apart("bench.dump", "--ours", data.store)
    began = time.perf_counter()
    subprocess.run([*common.SERVICE, "dump", "--store", data.store], check=True, stdout=subprocess.DEVNULL)
    command = time.perf_counter() - began
    ratio = statistics.median(rdflib) / statistics.median(times)
    figures = {"ours": statistics.median(times), "the command": command, "rdflib": statistics.median(rdflib)}
    print(f"{data.count} triples: {figures}, {ratio:.2f} times faster")
    common.save("dump", data, figures | {"times faster": ratio})


def ours(store: Path) -> float:
    """Return the seconds that the dump of a store takes, its opening among them."""
    began = time.perf_counter()
    export.dump(embedded.read(store), "nq", BASE)
    return time.perf_counter() - began


def by_rdflib(path: Path) -> list[float]:
    """Return the seconds of each serialisation by rdflib."""
    dataset, times = Dataset(), []
    dataset.parse(path, format="nquads")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        dataset.serialize(format="nquads", encoding="utf-8")
        times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    main()
