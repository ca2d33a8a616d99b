"""Documents that cannot be used: in a check, in a PUT and as a file."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.namespace import RDF, SH

from missiegraaf import cli
from missiegraaf.namespaces import BASE

from .conftest import ATLANTIS, ELSEWHERE, HEAD, JSON_LD, RDF_XML, RIGHT, TURTLE, filled

QUAD = f"<{ATLANTIS}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{BASE}def#Place>"
XML = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:mg="{BASE}def#">%s</rdf:RDF>'
LAUGHS = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
SUFFIXES = {TURTLE: "ttl", JSON_LD: "jsonld", RDF_XML: "rdf", "application/trig": "trig", "application/n-quads": "nq"}


@dataclass(frozen=True)
class Document:
    """What is sent, what the answer says, and the status of a PUT of it as a new record."""

    content: str | bytes
    says: str
    media_type: str = TURTLE
    put: int = 400


DOCUMENTS = {
    "entities that multiply": Document(LAUGHS + XML % "<mg:Place>&c;</mg:Place>", "DOCTYPE", RDF_XML),
    "entities within": Document(XML % f"{LAUGHS}<mg:Place>&c;</mg:Place>", "DOCTYPE", RDF_XML),
    "an entity elsewhere": Document(f'<!DOCTYPE r [<!ENTITY % a SYSTEM "{ELSEWHERE}"> %a;]>', "DOCTYPE", RDF_XML),
    "a DTD elsewhere": Document(f'<!DOCTYPE rdf:RDF SYSTEM "{ELSEWHERE}">' + XML % "", "DOCTYPE", RDF_XML),
    "a context elsewhere": Document(f'{{"@context": "{ELSEWHERE}", "@id": "x"}}', "not fetched", JSON_LD),
    "an imported context": Document(f'{{"@context": {{"@import": "{ELSEWHERE}"}}, "@id": "x"}}', "@context", JSON_LD),
    "invalid UTF-8": Document(RIGHT.encode().replace(b"Atlantis", b"Atl\xff"), "3:48: invalid start byte; expected"),
    "UTF-16": Document(RIGHT.encode("utf-16"), "expected text in UTF-8"),
    "UTF-16 without a mark": Document(RIGHT.encode("utf-16-le"), "a NUL character; expected text in UTF-8"),
    "XML in UTF-16": Document((LAUGHS + XML % "").encode("utf-16"), "expected text in UTF-8", RDF_XML),
    "a NUL": Document(RIGHT.replace("Atlantis", "Atl\0", 1), "3:48: a NUL character; expected"),
    "a NUL in an escape": Document(RIGHT.replace("Atlantis", r"Atl\u0000", 1), "a control character", put=403),
    "half a character": Document(RIGHT.replace("Atlantis", r"Atl\uD800", 1), "not a valid unicode character"),
    "nothing": Document("", "says nothing; expected"),
    "only prefixes": Document(HEAD, "says nothing; expected"),
    "no JSON": Document("", "a value was expected", JSON_LD),
    "an empty RDF/XML": Document(XML % "", "says nothing; expected", RDF_XML),
    "brackets, deep": Document(f"<{ATLANTIS}> <e:p> " + "[" * 10_000 + "]" * 10_000 + " .", "[ is not a valid"),
    "parts, deep": Document(f"<{ATLANTIS}> <e:p> " + "[ <e:p> " * 10_000 + "1" + "]" * 10_000 + " .", "blank node"),
    "lists, deep": Document(f"<{ATLANTIS}> <e:p> " + "(" * 10_000 + ")" * 10_000 + " .", "a blank node"),
    "triple terms, deep": Document(
        f"<{ATLANTIS}> <e:p> " + "<<( <e:a> <e:b> " * 10_000 + "1" + ")>>" * 10_000 + " .", "deeper than 200 levels"
    ),
    "a triple term": Document(f"<{ATLANTIS}> <e:p> <<( <e:a> <e:b> 1 )>> .", "a triple term", put=403),
    "objects, deep": Document('{"e:p":' * 10_000 + "1" + "}" * 10_000, "deeper than 200 levels", JSON_LD),
    "arrays, deep": Document('{"e:p":' + "[" * 10_000 + "]" * 10_000 + "}", "deeper than 200 levels", JSON_LD),
    "another record's graph": Document(f"{QUAD} <{BASE}doc/place/estonia> .", "expected <", "application/n-quads", 415),
    "the graph of the log": Document(f"<{BASE}log> {{ {QUAD} }}", f"stands in <{BASE}log>", "application/trig", 415),
    "a document's IRI": Document(f"<{BASE}doc/place/estonia> a <{BASE}def#Place> .", "is no record", put=403),
    "the ontology's IRI": Document(f"<{BASE}def#Place> a <{BASE}def#Place> .", "is no record", put=403),
    "somebody else's IRI": Document("<http://e.example/a> a <http://e.example/b> .", "is no record", put=403),
    "an IRI with a space": Document("<http://e.example/a b> a <http://e.example/b> .", "Invalid IRI"),
}


def test_no_document_was_overlooked() -> None:
    assert len(DOCUMENTS) == 30


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_document_that_cannot_be_used_is_the_one_finding(bad: FlaskClient, case: str, elsewhere: int) -> None:
    document = DOCUMENTS[case]
    sent = {"data": filled(document.content, elsewhere), "content_type": document.media_type}
    answer = bad.post("/v1/validate", headers={"Accept": "application/json"}, **sent)
    assert answer.status_code == 200, answer.text
    (finding,) = answer.get_json()["results"]
    assert document.says in finding["message"]["en"]
    assert document.says in finding["message"]["nl"]
    assert (answer.get_json()["conforms"], finding["severity"]) == (False, "Violation")
    report = Graph().parse(data=bad.post("/v1/validate", headers={"Accept": TURTLE}, **sent).data, format="turtle")
    assert len(set(report.subjects(RDF.type, SH.ValidationResult))) == 1


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_document_that_cannot_be_used_is_not_put(
    bad: FlaskClient, case: str, elsewhere: int, token: dict[str, str]
) -> None:
    document = DOCUMENTS[case]
    content = filled(document.content, elsewhere)
    answer = bad.put("/v1/records/place/atlantis", data=content, content_type=document.media_type, headers=token)
    assert answer.status_code == document.put, answer.text
    problem = answer.get_json()
    assert problem["status"] == answer.status_code
    assert "expected" in problem["detail"] or document.says in problem["detail"] or problem["results"]
    assert bad.get("/v1/records/place/atlantis").status_code == 404


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_file_that_cannot_be_used_is_code_two(
    case: str, elsewhere: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = DOCUMENTS[case]
    path = tmp_path / f"records.{SUFFIXES[document.media_type]}"
    path.write_bytes(filled(document.content, elsewhere))
    assert cli.main(["validate", str(path), "--format", "json"]) == 2
    out, err = capsys.readouterr()
    (finding,) = json.loads(out)["results"]
    assert finding["message"]["en"].removeprefix("This cannot be read: ") in err
    assert "expected" in err or document.says in err


def test_a_byte_order_mark_is_no_character(bad: FlaskClient) -> None:
    answer = bad.post("/v1/validate", data="\ufeff" + RIGHT.replace(', "Atlantis"@nl', ""), content_type=TURTLE)
    (finding,) = answer.get_json()["results"]
    assert (finding["line"], finding["column"]) == (3, 29)


def test_a_relative_iri_is_relative_to_the_base_of_the_graph(bad: FlaskClient) -> None:
    answer = bad.post("/v1/validate", data="<id/place/atlantis> a <def#Place> .", content_type=TURTLE)
    assert {finding["focusNode"] for finding in answer.get_json()["results"]} == {ATLANTIS}
