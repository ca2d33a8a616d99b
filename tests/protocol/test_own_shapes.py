"""Shapes that are sent along: they are asked of the data beside them, and the service outlives what they say."""

import io

import pytest
from flask.testing import FlaskClient

from .checks import RIGHT, SHAPES, form, validate
from .conftest import only_embedded


@only_embedded
def test_other_rules_may_be_asked_of_other_data_in_the_midst_of_the_graph(client: FlaskClient) -> None:
    answer = client.post("/v1/validate", data=form(SHAPES), headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found = {(f["message"]["en"], f["line"], f["focusNode"]) for f in answer.get_json()["results"]}
    assert found == {("nameless", 3, "http://e.example/b"), ("no place", 4, "http://e.example/b")}


THING = "@prefix sh: <http://www.w3.org/ns/shacl#> . <e:s> a sh:NodeShape ; sh:targetClass <http://e.example/Thing> ; "
UNUSABLE = [
    "nonsense",
    THING + "sh:property [ sh:path 'no path' ; sh:minCount 1 ] .",
    THING + "sh:sparql [ sh:select 'SELECT nonsense' ] .",
]


@only_embedded
@pytest.mark.parametrize("shapes", UNUSABLE)
def test_shapes_that_cannot_be_used_are_told_and_the_service_goes_on(client: FlaskClient, shapes: str) -> None:
    answer = client.post("/v1/validate", data=form(shapes), headers={"Accept": "application/json"})
    assert answer.status_code == 400, answer.text
    assert "the shapes" in answer.get_json()["detail"]
    assert validate(client, RIGHT).status_code == 200


@only_embedded
def test_a_rule_without_end_is_ended(client: FlaskClient) -> None:
    endless = (
        f'{THING} sh:sparql [ sh:select "SELECT $this WHERE {{ ?a ?b ?c . ?d ?e ?f FILTER(?a = ?f && ?c = ?e) }}" ] .'
    )
    answer = client.post("/v1/validate", data=form(endless), headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert validate(client, RIGHT).status_code == 200


@only_embedded
def test_a_form_has_its_files(client: FlaskClient) -> None:
    for data in ({}, {"records": "no file"}, form(SHAPES) | {"more": (io.BytesIO(b""), "m.ttl", "text/turtle")}):
        sent = client.post("/v1/validate", data=data, content_type="multipart/form-data")
        assert sent.status_code == 400
