"""What else a harvester reads: the numbers, the sitemap, whom to tell of a leak; and when there is none of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urldefrag
from urllib.robotparser import RobotFileParser

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, URIRef
from rdflib.compare import isomorphic

from missiegraaf.namespaces import BASE

from ..conftest import only_embedded
from .conftest import DATASET, FORMATS, HERE, NAMED, TIMES, VOID, graph, started


@pytest.mark.parametrize("path", ["/catalogue", "/.well-known/void"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_by_suffix_and_by_accept_is_one_graph(harvested: FlaskClient, path: str, suffix: str) -> None:
    by_suffix = harvested.get(f"{path}.{suffix}")
    by_accept = harvested.get(path, headers={"Accept": FORMATS[suffix]})
    assert by_suffix.mimetype == by_accept.mimetype == FORMATS[suffix]
    assert by_suffix.data == by_accept.data
    assert isomorphic(graph(by_suffix), graph(harvested.get(f"{path}.nt")))


@pytest.mark.parametrize("path", ["/catalogue.ttl", "/.well-known/void.nt", "/sitemap.xml"])
def test_a_description_is_asked_for_only_where_it_is_newer(harvested: FlaskClient, path: str) -> None:
    answer = harvested.get(path)
    assert answer.headers["Missiegraaf-Version"] == "2"
    assert answer.last_modified is None  # a setting or a release changes it too
    assert harvested.head(path).headers["Content-Length"] == str(len(answer.data))
    for headers, status in (
        ({"If-None-Match": answer.headers["ETag"]}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Sun, 22 Nov 2027 10:29:59 GMT"}, 200),
    ):
        assert harvested.get(path, headers=headers).status_code == status, headers


def test_the_numbers_are_those_of_the_graph(harvested: FlaskClient, void: Graph) -> None:
    def asked(query: str) -> list[list[str]]:
        answer = harvested.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
        return [line.split(",") for line in answer.text.splitlines()[1:]]

    (number,) = asked("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert [str(void.value(DATASET, VOID.triples))] == number
    for part, key, count, query in (
        (VOID.classPartition, VOID["class"], VOID.entities, "?x a ?key"),
        (VOID.propertyPartition, VOID.property, VOID.triples, "?x ?key ?y"),
    ):
        told = [[str(void.value(p, key)), str(void.value(p, count))] for p in void.objects(DATASET, part)]
        assert sorted(told) == sorted(asked(f"SELECT ?key (COUNT(*) AS ?n) {{ {query} }} GROUP BY ?key"))
        assert len(told) > 80
    links = {linkset: void.value(linkset, VOID.triples).toPython() for linkset in void.subjects(RDF.type, VOID.Linkset)}
    (number,) = asked(f"SELECT (COUNT(*) AS ?n) {{ ?s <{BASE}def#webPage> ?o }}")
    assert [str(sum(links.values()))] == number
    assert set(links) < set(void.objects(DATASET, VOID.subset))


def test_each_link_to_the_service_leads_somewhere(harvested: FlaskClient, catalogue: Graph, void: Graph) -> None:
    terms = {str(term) for triple in (*catalogue, *void) for term in triple if isinstance(term, URIRef)}
    own = {iri.replace(BASE, HERE, 1) for iri in terms if iri.startswith((BASE, HERE))}
    paths = sorted({urldefrag(iri).url.removeprefix(HERE.rstrip("/")) for iri in own})
    asked = [path for path in paths if not path.startswith(("/dumps", "/feed"))]  # those have tests of their own
    assert len(asked) > 60
    for path in asked:
        answer = harvested.get(path, headers={"Accept": "text/turtle, text/html;q=0.5"}, follow_redirects=True)
        assert answer.status_code == 200, path


@only_embedded
def test_the_service_description_has_the_same_numbers(harvested: FlaskClient, client: FlaskClient, void: Graph) -> None:
    told, untold = (graph(c.get("/sparql", headers={"Accept": "text/turtle"})) for c in (harvested, client))
    endpoint = URIRef(HERE + "sparql#default-graph")
    assert told.value(endpoint, VOID.triples) == void.value(DATASET, VOID.triples)
    assert set(told.objects(endpoint, VOID.classPartition)) == set(void.objects(DATASET, VOID.classPartition))
    assert not list(untold.objects(endpoint, VOID.classPartition))  # of a version that is not published


def test_a_sitemap_lists_documents_that_are_there(harvested: FlaskClient) -> None:
    answer = harvested.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    pages = re.findall(r"<loc>(.*?)</loc><lastmod>(.*?)</lastmod>", answer.text)
    assert len(pages) > 3000
    assert {time for _, time in pages} == {TIMES[1]}
    assert all(page.startswith(HERE) for page, _ in pages)
    for page, _ in pages[:: len(pages) // 20]:
        assert harvested.get(page.removeprefix(HERE.rstrip("/"))).status_code == 200
    assert harvested.get("/sitemap-1.xml").status_code == 404


def test_robots_find_the_sitemap_and_leave_the_queries_alone(harvested: FlaskClient) -> None:
    answer = harvested.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == [HERE + "sitemap.xml"]
    for path in ("", "doc/theme/energietransitie-duurzaamheid", "def", "catalogue", "dumps/", "feed"):
        assert robots.can_fetch("*", HERE + path), path
    for path in ("sparql?query=x", "edit/theme", "update", "graphs?default", "v1/records/a/b", "history/a/b", "import"):
        assert not robots.can_fetch("*", HERE + path), path


def test_security_says_whom_to_tell_and_until_when(harvested: FlaskClient, named: FlaskClient) -> None:
    assert harvested.get("/.well-known/security.txt").status_code == 404
    answer = named.get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == NAMED["security_contact"]
    assert fields["Canonical"] == NAMED["address"] + ".well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=100) < left < timedelta(days=365)


PATHS = ("/catalogue", "/catalogue.ttl", "/.well-known/void", "/sitemap.xml", "/sitemap-1.xml")


@only_embedded
@pytest.mark.parametrize("path", PATHS)
def test_before_a_version_is_published_it_is_asked_to_wait(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_service_that_does_not_publish_has_none(own_store: Path) -> None:
    with started(own_store, publish=False) as client:
        assert [client.get(path).status_code for path in PATHS] == [404] * len(PATHS)
        assert "Sitemap" not in client.get("/robots.txt").text


@pytest.mark.parametrize("path", ["/catalogue.xlsx", "/.well-known/void.html", "/sitemap-0.xml"])
def test_what_is_not_on_offer_is_not_found(harvested: FlaskClient, path: str) -> None:
    assert harvested.get(path).status_code == 404


def test_a_format_that_is_not_on_offer_is_refused(harvested: FlaskClient) -> None:
    answer = harvested.get("/.well-known/void", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json["offered"]) == (406, list(FORMATS.values()))
