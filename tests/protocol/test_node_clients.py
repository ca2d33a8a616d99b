"""A query engine and a dereferencer of Node.js against the service as a user starts it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import urllib3
from pyoxigraph import Quad, RdfFormat, parse

from missiegraaf.namespaces import BASE

from ..clients.run import CLIENTS, comunica, node

ACE = "learning-community/ace-mobility"


def test_the_list_of_their_packages_names_no_server() -> None:
    packages = json.loads((CLIENTS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 500
    assert [name for name, package in packages.items() if "resolved" in package] == []


def asked(server: str, query: str) -> dict[str, Any]:
    """The answer of the service itself, in JSON."""
    sent = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
    answer = urllib3.request("POST", server + "/sparql", body=query, headers=sent)
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


def rows(results: dict[str, Any]) -> list[dict[str, tuple[str | None, ...]]]:
    """The rows of a result, in an order of their own; xsd:string may be written or left out (RDF 1.1)."""
    found = [
        {name: tuple(term.get(key) for key in ("value", "type", "xml:lang")) for name, term in row.items()}
        for row in results["results"]["bindings"]
    ]
    return sorted(found, key=str)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?sector (COUNT(?c) AS ?n) { ?c a mg:LearningCommunity ; mg:relatedTopsector ?sector } GROUP BY ?sector",
        "SELECT ?t ?name ?other { ?t a mg:Topsector ; skos:prefLabel ?name OPTIONAL { ?t skos:altLabel ?other } }",
    ],
)
def test_comunica_asks_the_endpoint(server: str, query: str) -> None:
    found = rows(comunica(query, server + "/sparql"))
    assert len(found) > 1
    assert found == rows(asked(server, query))


def test_comunica_is_told_yes(server: str) -> None:
    assert comunica("ASK { ?t a mg:Topsector }", server + "/sparql")["boolean"] is True


def test_comunica_asks_what_the_iri_of_a_thing_leads_to(server: str) -> None:
    query = f"SELECT ?p ?o {{ <{BASE}id/{ACE}> ?p ?o }}"
    found = rows(comunica(query, f"{server}/id/{ACE}"))
    assert len(found) > 20
    assert found == rows(asked(server, query))


def test_a_dereferencer_gets_the_same_in_each_format(server: str) -> None:
    paths = [f"/doc/{ACE}", "/doc/place/estonia", "/doc/term/pbl"]
    expected: dict[str, set[Quad]] = {}
    for path in paths:
        answer = urllib3.request("GET", server + path, headers={"Accept": "text/turtle"})
        turtle = set(parse(answer.data, RdfFormat.TURTLE))
        links = re.findall(r'<([^>]+)>; rel="alternate"; type="(?!text/html)', answer.headers["Link"])
        assert len(links) == 4
        expected |= dict.fromkeys((path.replace("/doc/", "/id/", 1), path, *links), turtle)
    printed = node("dereference.js", *(server + path for path in expected))
    found = [json.loads(line) for line in printed.splitlines()]
    assert len(found) == len(expected) == 18
    assert len({line["type"].partition(";")[0] for line in found}) == 4
    for line in found:
        path = line["address"].removeprefix(server)
        assert set(parse(line["quads"], RdfFormat.N_QUADS)) == expected[path], path
