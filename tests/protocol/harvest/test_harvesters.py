"""Harvesters that others wrote, on the change feed of a service that is written meanwhile."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse, serialize
from rdflib import Dataset

from missiegraaf import export, tokens
from missiegraaf.engine import embedded
from missiegraaf.namespaces import AS, BASE, DCT, RDF, TREE

from ...clients.run import comunica, node
from ...publishing import replay
from ..conftest import serving

ESTONIA = "/v1/records/place/estonia"
LABEL = 'INSERT { ?c skos:altLabel "a community of learners"@en } WHERE { ?c a mg:LearningCommunity }'


@dataclass(frozen=True)
class Service:
    """A service that may be written: its address, its store, and the header of who may write anything."""

    address: str
    store: Path
    admin: dict[str, str]

    def send(self, method: str, path: str, status: int, body: str = "", **headers: str) -> urllib3.BaseHTTPResponse:
        """Send a request, with each header's name written as a Python name."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = urllib3.request(
            method, self.address + path, body=body.encode(), headers=self.admin | named, timeout=60
        )
        assert answer.status == status, answer.data
        return answer

    def quads(self, path: str, accept: str = "application/n-quads") -> list[Quad]:
        """What is at a path; but for Turtle, what is asked for here is N-Quads or part of it."""
        format_ = RdfFormat.TURTLE if accept == "text/turtle" else RdfFormat.N_QUADS
        return list(parse(self.send("GET", path, 200, Accept=accept).data, format_))

    def ask(self, query: str) -> dict[str, Any]:
        """The answer to a query, in JSON."""
        sent = {"Content_Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
        found: dict[str, Any] = self.send("POST", "/sparql", 200, query, **sent).json()
        return found

    def pages(self) -> list[list[Quad]]:
        """The pages of the feed, as its root leads to them."""
        root = self.quads("/feed", "application/n-triples")
        return [self.quads(node.removeprefix(self.address)) for node in replay.nodes(root)]

    def write(self) -> int:
        """Make three Changes, the last of many records; return of how many in all.

        No record changes twice: ldes-client tells versions apart by their time, which is in whole seconds.
        """
        turtle = self.send("GET", ESTONIA, 200, Accept="text/turtle")
        changed = turtle.data.decode().replace('"Estonia"@en', '"Estonia, republic"@en')
        self.send("PUT", ESTONIA, 200, changed, Content_Type="text/turtle", If_Match=turtle.headers["ETag"])
        self.send("DELETE", f"/v1/records/term/tenu?isReplacedBy={BASE}id/term/pbl", 204)
        self.send("POST", "/update", 204, LABEL, Content_Type="application/sparql-update")
        (counted,) = self.ask("SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a mg:LearningCommunity }")["results"]["bindings"]
        return 2 + int(counted["n"]["value"])


@pytest.fixture(scope="module")
def service(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    own = Path(shutil.copytree(store, tmp_path_factory.mktemp("harvested") / "store", symlinks=True))
    admin = {"Authorization": f"Bearer {tokens.create(own, 'an admin', 'admin')}"}
    with serving("--store", str(own), MISSIEGRAAF_PUBLISH="true") as address:
        yield Service(address, own, admin)


@dataclass(frozen=True)
class Replica:
    """What a run of ldes-client got: members in the order they came, and how often it asked for each path."""

    members: list[tuple[str, frozenset[Quad]]]
    times: list[str]
    fetched: Counter[str]


def replicate(service: Service, order: str = "none", **options: object) -> Replica:
    printed = node("replicate.js", json.dumps({"url": service.address + "/feed", **options}), order)
    found = [json.loads(line) for line in printed.splitlines()]
    members = [line for line in found if "member" in line]
    return Replica(
        [(line["member"], frozenset(parse(line["quads"], RdfFormat.N_QUADS))) for line in members],
        [line["time"] for line in members],
        Counter(line["fetched"].removeprefix(service.address) for line in found if "fetched" in line),
    )


def members(pages: Iterable[list[Quad]]) -> dict[str, frozenset[Quad]]:
    """The members of pages: what is said of each, and what is in its graph."""
    found: dict[str, set[Quad]] = {}
    named: list[str] = []
    for page in pages:
        for quad in page:
            of = quad.subject if quad.graph_name == DefaultGraph() else quad.graph_name
            found.setdefault(of.value, set()).add(quad)
            if quad.predicate.value == TREE + "member":
                named.append(quad.object.value)
    assert len(named) == len(set(named))
    return {member: frozenset(found[member]) for member in named}


def replayed(found: Iterable[tuple[str, frozenset[Quad]]]) -> list[bytes]:
    """The lines of the graph that is there when each member has taken the place of those before it."""
    graphs = {}
    for _, quads in found:
        (of,) = (quad.object.value for quad in quads if quad.predicate.value == DCT + "isVersionOf")
        name = NamedNode(of.replace(BASE + "id/", BASE + "doc/", 1))
        graphs[of] = [Quad(*quad.triple, name) for quad in quads if quad.graph_name != DefaultGraph()]
    content = serialize((quad for graph in graphs.values() for quad in graph), format=RdfFormat.N_QUADS) or b""
    return sorted(content.splitlines(keepends=True))


@dataclass(frozen=True)
class Story:
    """Two runs with one state, and what the feed had at each; between them was written."""

    first: Replica
    second: Replica
    before: list[list[Quad]]
    after: list[list[Quad]]
    written: int


@pytest.fixture(scope="module")
def story(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Story:
    state = {"statePath": str(tmp_path_factory.mktemp("harvester") / "state")}
    before, first = service.pages(), replicate(service, **state)
    written = service.write()
    after, second = service.pages(), replicate(service, **state)
    return Story(first, second, before, after, written)


@pytest.fixture(scope="module")
def graph(service: Service, story: Story) -> list[bytes]:
    """The lines of the canonical dump after what was written, of what is asserted."""
    assert story.written
    return sorted(export.lines(embedded.read(service.store), BASE)[0])


def test_a_harvester_gets_each_member_as_it_is_on_the_pages(story: Story) -> None:
    ours = members(story.before)
    assert len(ours) > 3000
    assert len(story.first.members) == len(ours)
    assert dict(story.first.members) == ours
    pages = {f"/feed/{number}": 1 for number in range(1, len(story.before) + 1)}
    assert {path: times for path, times in story.first.fetched.items() if path != "/feed"} == pages


def test_it_then_gets_what_is_new_and_asks_no_page_again_that_never_changes(story: Story) -> None:
    new = {iri: quads for iri, quads in members(story.after).items() if iri not in dict(story.first.members)}
    assert len(new) == story.written
    assert len(story.second.members) == len(new)
    assert dict(story.second.members) == new
    assert len(story.after) > len(story.before)
    pages = range(len(story.before), len(story.after) + 1)  # that which could still grow, and those after it
    assert set(story.second.fetched) == {"/feed", *(f"/feed/{number}" for number in pages)}


def test_what_it_got_in_two_runs_is_the_graph(story: Story, graph: list[bytes]) -> None:
    assert replayed([*story.first.members, *story.second.members]) == graph


def test_a_record_that_went_is_told_by_a_member_without_content(story: Story) -> None:
    (gone,) = (quads for iri, quads in story.second.members if iri.endswith("/term/tenu"))
    assert {quad.graph_name for quad in gone} == {DefaultGraph()}
    assert AS + "Delete" in {quad.object.value for quad in gone if quad.predicate.value == RDF + "type"}


def test_in_ascending_order_and_materialized_the_graph_is_the_same(service: Service, graph: list[bytes]) -> None:
    found = replicate(service, "ascending", materialize=True)
    assert found.times == sorted(found.times)
    assert len(set(found.times)) > 1
    of = {quad.subject.value for _, quads in found.members for quad in quads if quad.graph_name == DefaultGraph()}
    assert of == {iri for iri, _ in found.members}  # the record in the place of the member
    said = [(iri, quads | {version_of(iri)}) for iri, quads in found.members]
    assert replayed(said) == graph


def version_of(iri: str) -> Quad:
    """What a materialized member does not say any more, as its subject is the record."""
    return Quad(NamedNode(iri), NamedNode(DCT + "isVersionOf"), NamedNode(iri))


def test_the_last_versions_are_the_graph(service: Service, graph: list[bytes]) -> None:
    found = replicate(service, lastVersionOnly=True)
    records = {
        quad.object for _, quads in found.members for quad in quads if quad.predicate.value == DCT + "isVersionOf"
    }
    assert len(records) == len(found.members)
    assert replayed(found.members) == graph


def test_comunica_asks_a_page_of_the_feed(service: Service) -> None:
    query = "SELECT ?m (COUNT(*) AS ?n) { ?feed tree:member ?m GRAPH ?m { ?s ?p ?o } } GROUP BY ?m"
    found = comunica(query, service.address + "/feed/1")["results"]["bindings"]
    page = members([service.quads("/feed/1")])
    counted = {iri: sum(quad.graph_name != DefaultGraph() for quad in quads) for iri, quads in page.items()}
    assert len(counted) == 250
    assert {row["m"]["value"]: int(row["n"]["value"]) for row in found} == counted


# rdflib 7 reads datasets by their own deprecated properties.
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")
@pytest.mark.parametrize(
    ("path", "format_"),
    # It asks for any format and takes what comes for N-Quads, so there the address must say it.
    [("/feed/1", None), ("/feed/1", "trig"), ("/feed/1", "json-ld"), ("/feed/1.nq", "nquads")],
)
def test_rdflib_reads_a_page_of_the_feed(service: Service, path: str, format_: str | None) -> None:
    page = Dataset()
    page.parse(service.address + path, format=format_)
    ours = set(service.quads("/feed/1"))
    assert len(set(page.quads())) == len(ours)
    graphs = {str(graph.identifier) for graph in page.graphs() if len(graph)} - {"urn:x-rdflib:default"}
    assert graphs == {quad.graph_name.value for quad in ours if quad.graph_name != DefaultGraph()}
    assert len(graphs) == 250
