"""Inference from nothing: beside owlrl, with equal results, up to BESIDE triples; alone above it, with peak memory."""

from __future__ import annotations

import json
import resource
import statistics
import time
from pathlib import Path
from typing import Any

import owlrl
from rdflib import OWL, Graph, URIRef

from bench import common
from missiegraaf import reasoning, transaction, validation
from missiegraaf.namespaces import BASE

BESIDE = 20_000
ROUNDS = 5


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = common.parser("Inference from nothing, beside owlrl.")
    parser.add_argument("--alone", type=Path, help="infer from this file once, and print seconds and memory")
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(alone(options.alone)))
        return
    for size in options.sizes:
        data = common.data(size)
        figures = common.apart("bench.inference", "--alone", data.generated)
        if size <= BESIDE:
            figures |= beside(data)
        print(f"{size} triples: {figures}")
        common.save("inference", data, figures)


def alone(path: Path) -> dict[str, Any]:
    """Return triples in and out, seconds without and with reading, and the peak memory of this process in bytes."""
    began = time.perf_counter()
    triples = transaction.read([path]).triples
    read = time.perf_counter()
    inferred = reasoning.infer(triples).inferred
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    numbers = {"asserted": len(triples), "inferred": len(inferred)}
    return numbers | {"seconds": ended - read, "with reading": ended - began, "peak": peak}


def beside(data: common.Data) -> dict[str, Any]:
    """Return the seconds of owlrl, the median of ours before and after it, and whether they say the same."""
    triples = transaction.read([data.generated]).triples
    ours, theirs = validation.to_graph([*triples, *reasoning.infer(triples).inferred]), validation.to_graph(triples)
    times = [_seconds(triples) for _ in range(ROUNDS)]
    began = time.perf_counter()
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(theirs)
    owlrl_seconds = time.perf_counter() - began
    times += [_seconds(triples) for _ in range(ROUNDS)]
    median = statistics.median(times)
    equal = _comparable(ours) == _comparable(theirs)
    return {"owlrl": owlrl_seconds, "ours": median, "times faster": owlrl_seconds / median, "equal": equal}


def _seconds(triples: list[Any]) -> float:
    began = time.perf_counter()
    reasoning.infer(triples)
    return time.perf_counter() - began


def _comparable(graph: Graph) -> set[Any]:
    """What is said of records: without literals as subjects, owl:Thing, what is the same as itself, and the schema."""
    return {
        (s, p, o)
        for s, p, o in graph
        if isinstance(s, URIRef) and s.startswith(BASE + "id/") and o != OWL.Thing and not (p == OWL.sameAs and s == o)
    }


if __name__ == "__main__":
    main()
