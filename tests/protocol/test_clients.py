"""Clients that others wrote, against the service as a user starts it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import urllib3
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

# rdflib 7 reads N3 by its own deprecated properties.
pytestmark = pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")

MG = Namespace("https://w3id.org/missiegraaf/def#")
ACE = URIRef("https://w3id.org/missiegraaf/id/learning-community/ace-mobility")
COUNT = "PREFIX mg: <https://w3id.org/missiegraaf/def#> SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a mg:LearningCommunity }"


def test_sparqlwrapper_gets_solutions_and_graphs(server: str) -> None:
    wrapper = SPARQLWrapper(server + "/sparql")
    wrapper.setQuery(COUNT)
    wrapper.setReturnFormat(JSON)
    assert wrapper.queryAndConvert()["results"]["bindings"][0]["n"]["value"] == "308"  # type: ignore[index,call-overload]
    wrapper.setQuery(f"DESCRIBE <{ACE}>")
    wrapper.setReturnFormat(TURTLE)
    assert (ACE, RDF.type, MG.LearningCommunity) in Graph().parse(data=wrapper.queryAndConvert(), format="turtle")  # type: ignore[arg-type]


def wrapped(server: str, query: str, format_: str) -> Any:
    wrapper = SPARQLWrapper(server + "/sparql")
    wrapper.setQuery(query)
    wrapper.setReturnFormat(format_)
    return wrapper.queryAndConvert()


def test_sparqlwrapper_gets_the_same_rows_in_each_format(server: str) -> None:
    query = "SELECT ?t { ?t a mg:Topsector }"
    expected = {row["t"]["value"] for row in wrapped(server, query, JSON)["results"]["bindings"]}
    assert len(expected) == 10
    document = wrapped(server, query, XML)
    assert {name.firstChild.data for name in document.getElementsByTagName("uri")} == expected
    assert set(wrapped(server, query, CSV).decode().splitlines()[1:]) == expected
    assert set(wrapped(server, query, TSV).decode().splitlines()[1:]) == {f"<{iri}>" for iri in expected}


@pytest.mark.parametrize(("class_", "answer"), [("Topsector", True), ("Nothing", False)])
def test_sparqlwrapper_is_told_yes_and_no(server: str, class_: str, answer: bool) -> None:
    query = f"ASK {{ ?t a mg:{class_} }}"
    assert wrapped(server, query, JSON)["boolean"] is answer
    (told,) = wrapped(server, query, XML).getElementsByTagName("boolean")
    assert told.firstChild.data == str(answer).lower()


def test_sparqlwrapper_gets_the_same_graph_in_each_format(server: str) -> None:
    query = "CONSTRUCT WHERE { ?t a mg:Topsector ; skos:prefLabel ?name }"
    expected = set(Graph().parse(data=wrapped(server, query, TURTLE), format="turtle"))
    assert len(expected) == 30  # a class and two names each
    assert set(Graph().parse(data=wrapped(server, query, N3), format="n3")) == expected
    for format_ in (RDFXML, JSONLD):  # of these it makes a graph itself
        assert set(wrapped(server, query, format_).triples((None, None, None))) == expected


def test_rdflib_reads_the_endpoint_as_a_store(server: str) -> None:
    graph = Graph(SPARQLStore(server + "/sparql"))
    assert len(set(graph.subjects(RDF.type, MG.LearningCommunity))) == 308
    assert len(set(graph.objects(ACE, MG.hasMember))) == 4


def test_rdflib_follows_the_iri_of_a_thing(server: str) -> None:
    graph = Graph().parse(server + "/id/learning-community/ace-mobility")
    assert (ACE, RDF.type, MG.LearningCommunity) in graph


@pytest.mark.parametrize("format_", [None, "turtle", "nt", "json-ld", "xml", "n3"])
def test_rdflib_gets_the_same_in_each_format(server: str, format_: str | None) -> None:
    """It sends another Accept header for each."""
    lines = urllib3.request("GET", server + "/doc/learning-community/ace-mobility.nt").data
    expected = set(Graph().parse(data=lines, format="nt"))
    assert len(expected) == len(lines.splitlines()) > 100
    assert set(Graph().parse(server + "/id/learning-community/ace-mobility", format=format_)) == expected


@pytest.mark.parametrize("path", ["/id/learning-community/ace-mobility", "/def"])
def test_rdflib_reads_the_same_from_each_format(server: str, path: str) -> None:
    """JSON-LD with the context that it names."""
    graphs = [Graph().parse(server + path, format=name) for name in ("turtle", "json-ld", "nt", "xml")]
    assert len(graphs[0]) > 50
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


def test_the_command_line_asks_an_endpoint(server: str, tmp_path: Path) -> None:
    query = tmp_path / "count.rq"
    query.write_text(f"# Count.\n# Never add what is there twice.\n{COUNT}", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "missiegraaf",
        "query",
        str(query),
        "--endpoint",
        server + "/sparql",
        "--format",
        "csv",
    ]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"n\n308\n"


def test_head_has_the_headers_of_get_and_no_body(server: str) -> None:
    get, head = (urllib3.request(method, server + "/doc/topsector/energie.ttl") for method in ("GET", "HEAD"))
    assert head.data == b""
    assert {k.lower(): v for k, v in head.headers.items()} | {"date": ""} == {
        k.lower(): v for k, v in get.headers.items()
    } | {"date": ""}


def test_another_page_may_read_across_origins(server: str) -> None:
    answer = urllib3.request("OPTIONS", server + "/sparql", headers={"Origin": "https://example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_a_store_of_another_base_is_refused(store: Path) -> None:
    command = [sys.executable, "-m", "missiegraaf", "dump", "--store", str(store)]
    environment = os.environ | {"MISSIEGRAAF_BASE_IRI": "https://example.org/"}
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "was filled under https://w3id.org/missiegraaf/" in refused.stderr


def test_a_second_service_on_one_store_says_so_and_stops(server: str, served: Path) -> None:
    assert server
    command = [sys.executable, "-m", "missiegraaf", "serve", "--port", "0", "--store", str(served)]
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 2
    assert "in use by another process" in second.stderr


def language(page: Any) -> str:
    return str(page.locator("html").get_attribute("lang"))


def test_a_browser_follows_a_thing_to_its_page(server: str, page: Any) -> None:
    page.goto(server + "/id/learning-community/ace-mobility")
    assert page.url.endswith("/doc/learning-community/ace-mobility")
    assert page.locator("h1").inner_text().startswith("ACE Mobility")
    lang = page.evaluate("navigator.language")
    assert language(page) == lang
    page.get_by_role("link", name="English" if lang == "nl" else "Nederlands").click()
    assert language(page) != lang
    page.goto(server + "/sparql")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_role("textbox").fill(COUNT)
    page.get_by_role("button").click()
    assert page.locator("td").inner_text().startswith("308")


def test_an_editor_checks_a_record_by_keyboard(server: str, page: Any) -> None:
    nl = page.evaluate("navigator.language") == "nl"
    page.goto(server + "/validate")
    page.get_by_role("textbox").focus()
    page.keyboard.insert_text("@prefix mg: <https://w3id.org/missiegraaf/def#> .\n\n")
    page.keyboard.insert_text("<https://w3id.org/missiegraaf/id/place/atlantis> a mg:Place .\n")
    for _ in range(4):  # past the file, which has one stop in this browser, and the format
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("h2#verdict")
    assert page.locator("h2#verdict").inner_text().startswith("niet in orde" if nl else "does not conform")
    assert page.locator(".findings > li").count() > 1
    assert ("regel 3" if nl else "line 3") in page.locator(".findings > li").first.inner_text()
    assert "place/atlantis" in page.get_by_role("textbox").input_value()
    assert language(page) == ("nl" if nl else "en")
    page.locator(".findings a[href^='/shapes#']").first.click()
    assert page.locator(":target").count() == 1
