"""What is not written: it is refused whole, with a reason, and nothing has changed."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import SH, Graph, Literal

from missiegraaf import tokens

from .conftest import only_embedded
from .writes import ID, PLACE, SKOS_ALT, UPDATE, graph, labels, put


def test_a_record_that_breaks_a_shape_is_refused_whole(service: FlaskClient, admin: dict[str, str]) -> None:
    without_dutch = "\n".join(line for line in graph(service, PLACE).splitlines() if "@nl" not in line)
    answer = put(service, PLACE, without_dutch, admin)
    assert answer.status_code == 400
    problem = json.loads(answer.text)
    assert problem["type"] == "/problems#not-conforming"
    assert service.get("/health").get_json()["version"] == 1
    assert "@nl" in graph(service, PLACE)


@only_embedded
def test_what_is_wrong_with_a_record_is_told(service: FlaskClient, admin: dict[str, str]) -> None:
    wrong = f"<{ID}place/estonia> a <https://w3id.org/missiegraaf/def#Place> ."
    problem = put(service, PLACE, wrong, admin).get_json()
    assert problem["conforms"] is False
    assert {result["focusNode"] for result in problem["results"]} == {ID + "place/estonia"}
    assert all(result["message"]["nl"] and result["message"]["en"] for result in problem["results"])
    answer = put(service, PLACE, wrong, admin | {"Accept": "text/turtle, application/problem+json;q=0.5"})
    assert (answer.status_code, answer.mimetype) == (400, "text/turtle")
    report = Graph().parse(data=answer.data, format="turtle")
    assert len(list(report.objects(None, SH.result))) == len(problem["results"])
    assert (None, SH.conforms, Literal(False)) in report


def test_a_record_that_others_point_to_stays(service: FlaskClient, admin: dict[str, str]) -> None:
    answer = service.delete("/graphs", query_string={"graph": PLACE}, headers=admin)
    assert answer.status_code == 409
    assert any("techniekpact" in reference for reference in json.loads(answer.text)["references"])
    assert "Estonia" in graph(service, PLACE)


def test_who_may_not_write_is_told_so(service: FlaskClient, own_store: Path) -> None:
    editor = {"Authorization": f"Bearer {tokens.create(own_store, 'an editor', 'editor')}"}
    assert put(service, PLACE, "", {}).status_code == 401
    assert put(service, PLACE, "", {}).headers["WWW-Authenticate"].startswith("Bearer")
    unknown = put(service, PLACE, "", {"Authorization": "Bearer nonsense"})
    assert (unknown.status_code, 'error="invalid_token"' in unknown.headers["WWW-Authenticate"]) == (401, True)
    assert put(service, PLACE, "", editor).status_code == 403


@pytest.mark.parametrize("graph_name", ["inferred", "log", "def", "doc/place/denmark"])
def test_only_a_record_goes_to_its_graph(service: FlaskClient, admin: dict[str, str], graph_name: str) -> None:
    name = "https://w3id.org/missiegraaf/" + graph_name
    answer = put(service, name, f"<{ID}place/estonia> a <http://example.org/x> .", admin)
    assert answer.status_code in (400, 403)
    assert service.get("/health").get_json()["version"] == 1


@only_embedded
@pytest.mark.parametrize("term", ["<<( <e:a> <e:b> <e:c> )>>", '"x"@nl--ltr'])
def test_what_rdf_1_1_does_not_have_is_refused(service: FlaskClient, admin: dict[str, str], term: str) -> None:
    triple = f"<{ID}place/estonia> <{SKOS_ALT}> {term}"
    assert put(service, PLACE, f"{triple} .", admin).status_code in (400, 403)
    update = service.post("/update", data=f"INSERT DATA {{ {triple} }}", content_type=UPDATE, headers=admin)
    assert update.status_code == 403, update.text


@only_embedded
@pytest.mark.parametrize("name", ["https://example.org/nope", ID + "place/estonia", PLACE + "/part", PLACE[:-7]])
def test_nothing_is_no_record_either(service: FlaskClient, admin: dict[str, str], name: str) -> None:
    assert put(service, name, "", admin).status_code == 403
    assert put(service, PLACE.replace("estonia", "new"), "", admin).status_code == 400
    asked = {"content_type": "text/turtle", "headers": admin}
    assert service.post("/graphs", query_string={"graph": name}, data="", **asked).status_code == 403
    assert service.post("/graphs", query_string={"graph": PLACE}, data="", **asked).status_code == 204
    assert service.get("/health").get_json()["version"] == 1


@only_embedded
def test_a_subject_without_kind_or_name_is_no_record(service: FlaskClient, admin: dict[str, str]) -> None:
    for subject in (ID, ID + "place", ID + "place/", ID + "a/b/c"):
        update = f"INSERT DATA {{ <{subject}> a <https://w3id.org/missiegraaf/def#Place> }}"
        answer = service.post("/update", data=update, content_type=UPDATE, headers=admin)
        assert answer.status_code == 403, subject


def test_a_graph_that_changed_since_it_was_read_is_not_overwritten(service: FlaskClient, admin: dict[str, str]) -> None:
    asked = {"query_string": {"graph": PLACE}, "headers": {"Accept": "application/n-triples"}}
    read = service.get("/graphs", **asked)
    for label, status in (("Estonia, republic", 204), ("Estonia, again", 412)):
        changed = read.text.replace('"Estonia"@en', f'"{label}"@en')
        assert put(service, PLACE, changed, admin | {"If-Match": read.headers["ETag"]}).status_code == status
    assert labels(service, "place/estonia") == ["Estonia, republic"]
    stale = admin | {"If-Match": '"other"'}
    assert service.delete("/graphs", query_string={"graph": PLACE}, headers=stale).status_code == 412
    assert put(service, PLACE, read.text, admin | {"If-None-Match": "*"}).status_code == 412
    nowhere = PLACE.replace("estonia", "nowhere")
    assert put(service, nowhere, read.text, admin | {"If-Match": "*"}).status_code == 412


def test_an_update_that_is_too_deep_is_refused(service: FlaskClient, admin: dict[str, str]) -> None:
    update = "INSERT DATA { <e:a> <e:p> " + "(" * 20_000 + ")" * 20_000 + " }"
    assert service.post("/update", data=update, content_type=UPDATE, headers=admin).status_code == 400
