"""One record of some 60 triples, written over HTTP with a token: validated, inferred from, logged, on disk, visible.

A service for each size, all at once; they take turns. In turn a record comes and goes; after each, a query on a
connection of its own asks whether it is there. The answer to that ends the time.
"""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from bench import common
from missiegraaf import tokens
from missiegraaf.namespaces import BASE, DCT, SKOS

TRIPLES = 60
WARM_UP = 5  # rounds that are not counted: what validates is made at the first Change


@dataclass
class Writing:
    """A service that is written to, the record, and the milliseconds of the writes and until they were seen."""

    data: common.Data
    writer: http.client.HTTPConnection
    reader: http.client.HTTPConnection
    token: str
    template: list[Triple]
    written: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)

    def turn(self, number: int) -> None:
        """Write a new record, then remove it. Raises RuntimeError where one is refused or not seen."""
        name, content = renamed(self.template, number)
        for method, body, expected in (("PUT", content, True), ("DELETE", b"", False)):
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/n-triples"}
            asked = quote(f"ASK {{ <{name}> ?p ?o }}")
            began = time.perf_counter()
            self.writer.request(method, "/graphs?graph=" + quote(name.replace("/id/", "/doc/")), body, headers)
            answer = self.writer.getresponse()
            said = answer.read()
            written = time.perf_counter()
            self.reader.request("GET", f"/sparql?query={asked}", headers={"Accept": "application/sparql-results+json"})
            found = self.reader.getresponse().read()
            seen = time.perf_counter()
            if answer.status >= 300 or json.loads(found)["boolean"] != expected:
                raise RuntimeError(f"{method}: {answer.status} {said[:500]!r}, then {found[:500]!r}")
            self.written.append(1000 * (written - began))
            self.seen.append(1000 * (seen - began))


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = common.parser("One record validated, inferred from, committed and visible.")
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=common.KEPT) as name, ExitStack() as stack:
        services = [opened(common.data(size), Path(name), stack) for size in sorted(options.sizes)]
        for number in range(WARM_UP + options.rounds):
            for service in services:
                service.turn(number)
                if number < WARM_UP:
                    service.written.clear()
                    service.seen.clear()
    for service in services:
        figures = {"changed": len(service.template), "of which written": statistics.median(service.written)}
        figures |= {"median": statistics.median(service.seen), "p90": statistics.quantiles(service.seen, n=10)[-1]}
        figures["of the smallest"] = figures["median"] / statistics.median(services[0].seen)
        print(f"{service.data.count} triples, milliseconds: {figures}")
        common.save("record", service.data, figures)


def opened(data: common.Data, folder: Path, stack: ExitStack) -> Writing:
    """Return a service over a copy of the store."""
    store = folder / str(data.size)
    shutil.copytree(data.store, store, symlinks=True)
    token = tokens.create(store, "bench", "admin")
    port, _ = stack.enter_context(common.service(store, folder / f"{data.size}.log"))
    writer, reader = (http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(2))
    return Writing(data, writer, reader, token, a_record(data))


def a_record(data: common.Data) -> list[Triple]:
    """Return the record of a learning community whose number of triples is nearest to TRIPLES."""
    start = f" <{BASE}doc/learning-community/".encode()
    with data.dumped("nq").open("rb") as quads:
        lines = [line for line in quads if start in line]
    sizes = Counter(line.rsplit(maxsplit=2)[1] for line in lines)
    name = min(sorted(sizes), key=lambda graph: abs(sizes[graph] - TRIPLES))
    own = b"".join(line for line in lines if line.rsplit(maxsplit=2)[1] == name)
    return [quad.triple for quad in parse(own, RdfFormat.N_QUADS)]


def renamed(template: list[Triple], number: int) -> tuple[str, bytes]:
    """Return the name of a new record, and the record like the template."""
    old = str(template[0].subject.value).partition("#")[0]
    new = f"{old}-{number}"

    def term(given: NamedNode | Literal, predicate: NamedNode) -> NamedNode | Literal:
        if isinstance(given, NamedNode) and given.value.partition("#")[0] == old:
            return NamedNode(new + given.value.removeprefix(old))
        if isinstance(given, Literal) and predicate.value in (SKOS + "prefLabel", DCT + "identifier"):
            return Literal(f"{given.value} {number}", language=given.language)
        return given

    triples = [Triple(term(t.subject, t.predicate), t.predicate, term(t.object, t.predicate)) for t in template]
    return new, serialize(triples, format=RdfFormat.N_TRIPLES) or b""


if __name__ == "__main__":
    main()
