"""The report of a check in each format; in RDF it says what it says in JSON."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node
from werkzeug.test import TestResponse

from .checks import BASE, RIGHT, SHAPES, THINGS, form, validate
from .conftest import only_embedded


@only_embedded
def test_the_report_comes_in_the_format_that_is_asked(client: FlaskClient) -> None:
    wrong = RIGHT.replace(', "Atlantis"@nl', "")
    sarif = json.loads(validate(client, wrong, "application/sarif+json").data)
    assert sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 9
    for language, verdict in (("nl", "niet in orde"), ("en", "does not conform")):
        text = validate(client, wrong, "text/plain", query_string={"lang": language}).text
        assert verdict in text
    assert validate(client, wrong, "image/png").status_code == 406


def texts(graph: Graph, node: Node, predicate: URIRef) -> dict[str, str]:
    found = [text for text in graph.objects(node, predicate) if isinstance(text, Literal)]
    assert len({text.language for text in found}) == len(found), "one text a language"
    return {text.language or "": str(text) for text in found}


def in_rdf(graph: Graph) -> tuple[bool, list[dict[str, Any]], int]:
    """What an sh:ValidationReport says: whether there is no result, each result as JSON has it, and the count."""
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    linked = set(graph.objects(report, SH.result))
    assert linked == set(graph.subjects(RDF.type, SH.ValidationResult)), "a result outside the report"

    def text(node: Node, predicate: URIRef) -> str | None:
        value = graph.value(node, predicate)
        return None if value is None or isinstance(value, BNode) else str(value)

    found = [
        {
            "focusNode": text(node, SH.focusNode) or "",
            "path": text(node, SH.resultPath),
            "value": text(node, SH.value),
            "severity": str(graph.value(node, SH.resultSeverity)).removeprefix(str(SH)),
            "message": texts(graph, node, SH.resultMessage),
            "fix": texts(graph, node, URIRef(f"{BASE}shapes#fix")),
        }
        for node in linked
    ]
    assert all(graph.value(node, SH.sourceConstraintComponent) for node in linked)
    assert all(graph.value(node, SH.focusNode) is not None for node in linked)
    conforms, count = graph.value(report, SH.conforms), graph.value(report, URIRef(f"{BASE}shapes#resultCount"))
    assert isinstance(conforms, Literal)
    assert isinstance(count, Literal)
    return conforms.toPython(), sorted(found, key=str), count.toPython()


ALIKE = RIGHT.replace('"Atlantis"@en, "Atlantis"@nl', '"Estonia"@en, "Estland"@nl')  # a constraint in SPARQL
# Of every place in the graph something could be said, but only one is given.
OF_ALL = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
<e:s> a sh:NodeShape ; sh:targetClass <{BASE}def#Place> ; sh:message "no"@en ;
    sh:sparql [ sh:select "SELECT $this ?path WHERE {{ $this ?path ?any }}" ; sh:message "{{?path}} here"@nl ] .
"""
SAID = {
    "nothing": (RIGHT, None, 0),
    "a name that is missing": (RIGHT.replace(', "Atlantis"@nl', ""), None, 1),
    "a name that another has": (ALIKE, None, 4),
    "a warning": (
        THINGS.replace("e:b a", "e:b e:name 'b' ; a"),
        SHAPES.replace('no place"@en', 'no place"@en ; sh:severity sh:Warning'),
        1,
    ),
    "what cannot be read": ("nonsense", None, 1),
    "rules that find things elsewhere": (RIGHT, OF_ALL, 4),
    "rules with one message": (THINGS, SHAPES, 2),
}
LANGUAGES = {"a warning": ["en"], "rules with one message": ["en"]}


@only_embedded
@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json", "application/rdf+xml"])
@pytest.mark.parametrize("case", SAID)
def test_the_report_in_rdf_says_what_the_one_in_json_says(client: FlaskClient, case: str, media_type: str) -> None:
    records, shapes, count = SAID[case]

    def answer(accept: str) -> TestResponse:
        if shapes is None:
            return validate(client, records, accept)
        return client.post("/v1/validate", data=form(shapes, records), headers={"Accept": accept})

    told = answer("application/json").get_json()
    conforms, found, number = in_rdf(Graph().parse(data=answer(media_type).data, format=media_type))
    members = ("focusNode", "path", "value", "severity", "message", "fix")
    expected = sorted(({name: result[name] for name in members} for result in told["results"]), key=str)
    assert found == expected
    assert conforms == (not told["results"])  # SHACL, 3.6.1.1: a warning is a result
    assert told["conforms"] == all(result["severity"] != "Violation" for result in told["results"])
    assert number == told["count"] == len(found) == count
    assert [sorted(result["message"]) for result in found] == [LANGUAGES.get(case, ["en", "nl"])] * count
