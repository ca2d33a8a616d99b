"""One record of some 60 triples, written over HTTP with a token: validated, inferred from, logged, on disk, visible.

A service for each size, all at once; they take turns. In turn a record comes and goes; after each, a query on a
connection of its own asks whether it is there. The answer to that ends the time.
"""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from bench import common
from missiegraaf.namespaces import BASE, DCT, SKOS

TRIPLES = 60


@dataclass
class Writing:
    """A service that is written to, the record, and the milliseconds of the writes and until they were seen."""

    data: common.Data
    writer: http.client.HTTPConnection
    reader: http.client.HTTPConnection
    token: str
    template: list[Triple]
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

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
            self.took["written"].append(1000 * (written - began))
            self.took["seen"].append(1000 * (seen - began))


def asking(data: common.Data, port: int, token: str) -> Writing:
    """Return what writes to the service at a port."""
    writer, reader = (http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(2))
    return Writing(data, writer, reader, token, a_record(data))


def main() -> None:
    """Run the benchmark and print its figures."""
    services = common.in_turns("One record validated, inferred from, committed and visible.", "admin", asking)
    for service in services:
        written, seen = service.took["written"], service.took["seen"]
        figures = {"changed": len(service.template), "of which written": statistics.median(written)}
        figures |= {"median": statistics.median(seen), "p90": statistics.quantiles(seen, n=10)[-1]}
        figures["of the smallest"] = figures["median"] / statistics.median(services[0].took["seen"])
        print(f"{service.data.count} triples, milliseconds: {figures}")
        common.save("record", service.data, figures)


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
