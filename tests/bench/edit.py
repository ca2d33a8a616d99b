"""What an editor waits for, over HTTP: checks of a record, right and with ten mistakes, and writes of it.

A service for each size, all at once; they take turns. In each turn a new record like one that is there is checked,
checked with mistakes in it, put, opened in a form, read, replaced with If-Match, and removed; and a form is sent for
another. The mistakes are references to what is not there, for which the service looks up names and tries mends.
"""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from bench import common
from bench.record import a_record, renamed
from missiegraaf.namespaces import BASE

MISTAKES = 10
FORM = urlencode(
    {
        "do": "review",
        "name": "bench-of-a-form",
        "prefLabel.nl": "Probeersel van een formulier",
        "prefLabel.en": "Try-out of a form",
        "description.nl": "Om te proberen.",
        "description.en": "To try.",
        "evidenceStatus": BASE + "id/evidence-status/unverified",
        "mark": "",
    }
).encode()


@dataclass
class Editing:
    """A service, the record that others are made like, and the milliseconds of each kind of request."""

    data: common.Data
    connection: http.client.HTTPConnection
    token: str
    template: list[Triple]
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def turn(self, number: int) -> None:
        """Check and write a new record. Raises RuntimeError where an answer is not as it should be."""
        name, content = renamed(self.template, number)
        path = "/v1/records/" + name.partition("/id/")[2]
        _, right = self.ask("check", "POST", "/v1/validate", content, {}, 200)
        _, wrong = self.ask("check, mistakes", "POST", "/v1/validate", broken(content, name), {}, 200)
        if not json.loads(right)["conforms"] or json.loads(wrong)["count"] < MISTAKES:
            raise RuntimeError(f"{right!r}, then {wrong!r}")
        self.ask("put, new", "PUT", path, content, {}, 201)
        self.ask("form, new", "GET", "/edit/learning-community", b"", {"Accept": "text/html"}, 200)
        self.ask("form", "GET", "/edit/" + name.partition("/id/")[2], b"", {"Accept": "text/html"}, 200)
        sent = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
        self.ask("form, sent", "POST", "/edit/learning-community?lang=en", FORM, sent, 200)
        tag, there = self.ask("get", "GET", path, b"", {"Accept": "application/n-triples"}, 200)
        without = b"".join(line for line in there.splitlines(keepends=True) if b"#educationLevel>" not in line)
        self.ask("put, replace", "PUT", path, without, {"If-Match": tag}, 200)
        self.ask("delete", "DELETE", path, b"", {}, 204)

    def ask(
        self, kind: str, method: str, path: str, content: bytes, headers: Mapping[str, str], status: int
    ) -> tuple[str, bytes]:
        """Return the ETag and the content of an answer, whose time is kept."""
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/n-triples"}
        began = time.perf_counter()
        self.connection.request(method, path, content, given | {"Accept": "application/json"} | headers)
        answer = self.connection.getresponse()
        said = answer.read()
        self.took[kind].append(1000 * (time.perf_counter() - began))
        if answer.status != status:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:500]!r}")
        return answer.getheader("ETag", ""), said

    def figures(self) -> dict[str, Any]:
        """Return the median and the 95th percentile of each kind."""
        found: dict[str, Any] = {"triples of the record": len(self.template)}
        for kind, times in self.took.items():
            found |= {kind: statistics.median(times), f"{kind}, p95": statistics.quantiles(times, n=20)[-1]}
        return found


def asking(data: common.Data, port: int, token: str) -> Editing:
    """Return what asks the service at a port."""
    return Editing(data, http.client.HTTPConnection("127.0.0.1", port, timeout=60), token, a_record(data))


def main() -> None:
    """Run the benchmark and print its figures."""
    for service in common.in_turns("Records checked and written over HTTP.", "editor", asking):
        figures = service.figures()
        print(f"{service.data.count} triples, milliseconds: {figures}")
        common.save("edit", service.data, figures)


def broken(content: bytes, name: str) -> bytes:
    """Return a record of which MISTAKES references to other records lead nowhere, each misspelt by a letter."""
    left, triples = MISTAKES, []
    for given in (quad.triple for quad in parse(content, RdfFormat.N_TRIPLES)):
        iri, misspelt = getattr(given.object, "value", ""), given
        if left and iri.startswith(BASE + "id/") and not iri.startswith(name):
            misspelt, left = Triple(given.subject, given.predicate, NamedNode(iri + "x")), left - 1
        triples.append(misspelt)
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


if __name__ == "__main__":
    main()
