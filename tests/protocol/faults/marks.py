"""Marks that writers leave, each at its own two records, and whether a store is whole after them."""

import csv
import io
import itertools
import math
import threading
import time

import urllib3
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from missiegraaf import reasoning, transaction
from missiegraaf.engine import embedded
from missiegraaf.namespaces import BASE, SKOS

from .client import ask, update

ID, OWN = BASE + "id/", BASE + "def#"
# Each writer's two records, and a triple from which another follows.
PLACES = [("estonia", "denmark"), ("aalsmeer", "almere")]
PART = f"<{ID}programme/zorgpact> <{OWN}partOf> <{ID}programme/techniekpact>"
INFERRED, LOG = NamedNode(BASE + "inferred"), NamedNode(BASE + "log")


def seen(address: str, places: tuple[str, str], **parameters: object) -> set[int]:
    """The numbers that a query sees at these records."""
    values = " ".join(f"<{ID}place/{place}>" for place in places)
    answer = ask(address, f"SELECT ?n {{ VALUES ?p {{ {values} }} ?p skos:hiddenLabel ?n }}", **parameters)
    assert answer.status == 200, answer.data
    return {int(row[0].split()[1]) for row in list(csv.reader(io.StringIO(answer.data.decode())))[1:]}


def marking(places: tuple[str, str], number: int) -> str:
    """An update of two records at once; that of the first writer brings and takes what another triple follows from."""
    removed, added = (
        " ".join(f"<{ID}place/{place}> <{SKOS}hiddenLabel> 'mark {n}' ." for place in places)
        for n in (number - 1, number)
    )
    if places == PLACES[0]:
        removed, added = (removed, added + PART) if number % 2 else (removed + PART, added)
    return f"DELETE DATA {{ {removed} }} ; INSERT DATA {{ {added} }}"


def marks(dataset: embedded.Dataset, places: tuple[str, str]) -> list[int]:
    """The number that each of these records bears, 0 for none."""
    label, found = NamedNode(SKOS + "hiddenLabel"), []
    for place in places:
        name = NamedNode(f"{BASE}doc/place/{place}")
        quads = dataset.quads_for_pattern(NamedNode(f"{ID}place/{place}"), label, None, name)
        numbers = [int(q.object.value.split()[1]) for q in quads if q.object.value.startswith("mark")]
        found.append(sum(numbers) if len(numbers) < 2 else -1)
    return found


def assert_whole(dataset: embedded.Dataset, former: embedded.Dataset) -> int:
    """The log, replayed from what was there at first, gives the data; inference and default graph fit. The version."""
    silent = (DefaultGraph(), INFERRED, LOG)
    data = {quad for quad in dataset if quad.graph_name not in silent}
    replayed = {quad for quad in former if quad.graph_name not in silent}
    entries: dict[int, dict[str, str]] = {}
    for quad in dataset.quads_for_pattern(None, NamedNode(OWN + "version"), None, LOG):
        said = dataset.quads_for_pattern(quad.subject, None, None, LOG)
        entry = entries.setdefault(int(quad.object.value), {})
        assert not entry, f"version {quad.object.value} is in the log twice"
        entry |= {q.predicate.value.removeprefix(OWN): q.object.value for q in said}
    assert sorted(entries) == list(range(2, len(entries) + 2))
    for _, entry in sorted(entries.items()):
        removed, added = (_recorded(entry[name]) for name in ("removedTriples", "addedTriples"))
        assert removed <= replayed
        assert not added & replayed
        replayed = replayed - removed | added
    assert replayed == data
    inferred = reasoning.infer({quad.triple for quad in data}).inferred
    assert {q.triple for q in dataset.quads_for_pattern(None, None, None, INFERRED)} == inferred
    default = {q.triple for q in dataset.quads_for_pattern(None, None, None, DefaultGraph())}
    assert default == {quad.triple for quad in data} | inferred
    return len(entries) + 1


def _recorded(lines: str) -> set[Quad]:
    found = set()
    for quad in parse(lines.encode(), RdfFormat.N_TRIPLES):
        name = transaction.record_graph(quad.subject.value)
        assert name is not None
        found.add(Quad(quad.subject, quad.predicate, quad.object, NamedNode(name)))
    return found


class Writers:
    """Threads that write, each its own two records, until the service is gone; `acknowledged` is the last of each."""

    def __init__(self) -> None:
        self.acknowledged = [0, 0]
        self.version, self.answers, self.first = 1, 0, threading.Event()

    def write(self, address: str, admin: dict[str, str], writer: int, end: float = math.inf) -> None:
        """Write on from the last that was acknowledged, until a write gets no answer or time is over."""
        for number in itertools.count(self.acknowledged[writer] + 1):
            if time.monotonic() > end:
                return
            try:
                answer = update(address, admin, marking(PLACES[writer], number))
            except urllib3.exceptions.HTTPError:
                return
            assert answer.status == 204, answer.data
            self.acknowledged[writer] = number
            self.version = max(self.version, int(answer.headers["Missiegraaf-Version"]))
            self.answers += 1
            self.first.set()
