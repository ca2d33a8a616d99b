"""Shapes that cannot be used, or that would fetch, or go on: they are refused and the service goes on."""

import io
import json
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from .conftest import ELSEWHERE, RIGHT, TURTLE, filled


@dataclass(frozen=True)
class Rules:
    """Shapes that are sent along: the status of the answer, and what it says."""

    shapes: str
    status: int
    says: str


PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e.example/> .\n"
OF_THINGS = f"{PREFIXES} e:s a sh:NodeShape ; sh:targetClass e:Thing ; "
THING = f"""@prefix e: <http://e.example/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
e:a a e:Thing ; e:name "{"a" * 60}!" ; owl:imports <{ELSEWHERE}> ; sh:shapesGraph <{ELSEWHERE}> .
"""


def query(text: str) -> str:
    return f'{OF_THINGS} sh:sparql [ sh:select """{text}""" ] .'


RULES = {
    "nonsense": Rules("nonsense", 400, "the shapes cannot be read: shapes.ttl:1:1"),
    "none": Rules("", 400, "no shape in it has a target; expected"),
    "without a target": Rules(f"{PREFIXES} e:s a sh:NodeShape ; sh:nodeKind sh:IRI .", 400, "expected sh:targetClass"),
    "without a path": Rules(f"{OF_THINGS} sh:property [ sh:minCount 1 ] .", 400, "no sh:path; expected one"),
    "JavaScript": Rules(f"{OF_THINGS} sh:js [ sh:jsFunctionName 'f' ] .", 400, "sh:js is not carried out here"),
    "an import": Rules(
        f"{OF_THINGS} <http://www.w3.org/2002/07/owl#imports> <{ELSEWHERE}> .", 400, "nothing is fetched"
    ),
    "entailment": Rules(f"{OF_THINGS} sh:entailment <{ELSEWHERE}> .", 400, "sh:entailment is not carried out here"),
    "rules that infer": Rules(f"{OF_THINGS} sh:rule [ sh:object 1 ] .", 400, "sh:rule is not carried out here"),
    "recursion": Rules(f"{OF_THINGS} sh:not e:s .", 400, "e.example/s refers to itself; expected no recursion"),
    "recursion, far": Rules(
        f"{OF_THINGS} sh:property [ sh:path e:p ; sh:or ( [ sh:node e:s ] ) ] .", 400, "expected no recursion"
    ),
    "depth": Rules(f"{OF_THINGS} sh:not {'[ sh:not ' * 5000} e:x {']' * 5000} .", 400, "nest too deep; expected less"),
    "a path without end": Rules(
        f"{OF_THINGS} sh:property [ sh:minCount 1 ; sh:path _:p ] . _:p sh:inversePath _:p .", 400, "the shapes cannot"
    ),
    "SERVICE": Rules(query(f"SELECT $this {{ SERVICE SILENT <{ELSEWHERE}> {{ ?a ?b ?c }} }}"), 400, "has SERVICE"),
    "FROM": Rules(
        query("SELECT $this FROM <ELSEWHERE> { ?a ?b ?c }".replace("ELSEWHERE", ELSEWHERE)), 400, "has FROM; expected"
    ),
    "FROM a file": Rules(query("SELECT $this FROM <file:///etc/hostname> { ?a ?b ?c }"), 400, "has FROM; expected"),
    "a pattern that goes on": Rules(
        f"{OF_THINGS} sh:property [ sh:path e:name ; sh:pattern '^(a+)+$' ] .", 503, "ended"
    ),
    "a query that goes on": Rules(
        query("SELECT $this { ?a ?b ?c . ?d ?e ?f FILTER(?a = ?f && ?c = ?e) }"), 503, "ended"
    ),
    "no pattern": Rules(f"{OF_THINGS} sh:property [ sh:path e:name ; sh:pattern '(((' ] .", 400, "cannot be used"),
}


def test_no_shapes_were_overlooked() -> None:
    assert len(RULES) == 18


def alive(client: FlaskClient) -> bool:
    return bool(client.post("/v1/validate", data=RIGHT, content_type=TURTLE).get_json()["conforms"])


@pytest.mark.parametrize("case", RULES)
def test_shapes_that_cannot_be_used_are_refused(bad: FlaskClient, case: str, elsewhere: int) -> None:
    texts = {"records": filled(THING, elsewhere), "shapes": filled(RULES[case].shapes, elsewhere)}
    files = {name: (io.BytesIO(text), f"{name}.ttl", TURTLE) for name, text in texts.items()}
    answer = bad.post("/v1/validate", data=files, headers={"Accept": "application/json"})
    assert answer.status_code == RULES[case].status, answer.text
    assert RULES[case].says in json.dumps(answer.get_json())
    assert alive(bad)


def test_links_in_data_are_only_data(bad: FlaskClient, elsewhere: int) -> None:
    texts = {"records": filled(THING, elsewhere), "shapes": f"{OF_THINGS} sh:nodeKind sh:IRI .".encode()}
    files = {name: (io.BytesIO(text), f"{name}.ttl", TURTLE) for name, text in texts.items()}
    assert bad.post("/v1/validate", data=files).get_json() == {"conforms": True, "results": [], "count": 0}
