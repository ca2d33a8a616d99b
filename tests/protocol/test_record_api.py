"""A record over `/v1/records`: read, replaced by who has read it, removed, its history, brought back."""

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from werkzeug.test import TestResponse

from missiegraaf import tokens
from missiegraaf.formats import media

from .conftest import only_embedded

BASE = "https://w3id.org/missiegraaf/"
ESTONIA = "/v1/records/place/estonia"
NEW = "/v1/records/place/atlantis"
PLACE = """
@prefix mg: <https://w3id.org/missiegraaf/def#> .
<> a mg:Place ;
    <http://www.w3.org/2004/02/skos/core#prefLabel> "Atlantis"@en, "Atlantis"@nl ;
    mg:evidence <../passage/seed-003-11-11> ;
    mg:evidenceStatus <../evidence-status/documented> .
"""


def put(client: FlaskClient, path: str, content: str, headers: dict[str, str]) -> TestResponse:
    return client.put(path, data=content.encode(), content_type="text/turtle", headers=headers)


def read(client: FlaskClient, path: str, accept: str = "text/turtle") -> TestResponse:
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    return answer


def history(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path + "/history").get_json()["changes"]
    return found


@only_embedded
@pytest.mark.parametrize(
    ("accept", "format_"),
    [("text/turtle", "turtle"), ("application/n-triples", "nt"), ("application/ld+json", "json-ld"), ("*/*", "turtle")],
)
def test_a_record_is_its_own_graph_and_nothing_else(service: FlaskClient, accept: str, format_: str) -> None:
    answer = read(service, ESTONIA, accept)
    found = Graph().parse(data=answer.data, format=format_)
    assert {str(s).partition("#")[0] for s in found.subjects()} == {f"{BASE}id/place/estonia"}
    asked = service.get(
        "/graphs", query_string={"graph": f"{BASE}doc/place/estonia"}, headers={"Accept": "text/turtle"}
    )
    assert isomorphic(found, Graph().parse(data=asked.data, format="turtle"))
    assert service.get(ESTONIA, headers={"If-None-Match": answer.headers["ETag"], "Accept": accept}).status_code == 304


def test_a_record_is_created_kept_replaced_and_removed(service: FlaskClient, editor: dict[str, str]) -> None:
    created = put(service, NEW, PLACE, editor)
    assert (created.status_code, created.headers["Location"]) == (201, NEW), created.text
    tag = {"If-Match": read(service, NEW).headers["ETag"]}
    same = put(service, NEW, PLACE, editor | tag)
    assert (same.status_code, same.headers["Missiegraaf-Version"]) == (204, "2")
    replaced = put(service, NEW, PLACE.replace('"Atlantis"@en', '"Sunken land"@en'), editor | tag)
    assert (replaced.status_code, "Sunken land" in replaced.text) == (200, True)
    assert service.delete(NEW, headers=editor | tag).status_code == 412
    removed = service.delete(NEW, headers=editor)
    assert (removed.status_code, removed.headers["Missiegraaf-Version"]) == (204, "4")
    assert [len(entry["removed"]) for entry in history(service, NEW)] == [5, 1, 0]
    assert [entry["role"] for entry in history(service, NEW)] == ["editor"] * 3


def test_only_who_has_read_it_replaces_a_record(service: FlaskClient, editor: dict[str, str]) -> None:
    before = read(service, ESTONIA)
    changed = before.text.replace('"Estonia"@en', '"Estonia, republic"@en')
    assert put(service, ESTONIA, changed, editor).status_code == 428
    assert put(service, ESTONIA, changed, editor | {"If-Match": '"other"'}).status_code == 412
    assert put(service, NEW, PLACE, editor).status_code == 201  # another record makes no tag stale
    for tag, status in ((before.headers["ETag"], 200), (before.headers["ETag"], 412)):
        assert put(service, ESTONIA, changed, editor | {"If-Match": tag}).status_code == status
    as_json = read(service, ESTONIA, "application/ld+json").headers["ETag"]  # that of any format will do
    assert put(service, ESTONIA, before.text, editor | {"If-Match": as_json}).status_code == 200


@only_embedded
def test_of_two_editors_one_wins_and_the_other_is_told(service: FlaskClient, editor: dict[str, str]) -> None:
    before, together, said = read(service, ESTONIA), Barrier(2), []

    def write(name: str) -> None:
        together.wait()
        own = before.text.replace('"Estonia"@en', f'"{name}"@en')
        said.append(put(service.application.test_client(), ESTONIA, own, editor | {"If-Match": before.headers["ETag"]}))

    threads = [Thread(target=write, args=[name]) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in said) == [200, 412]
    assert len(history(service, ESTONIA)) == 1


@only_embedded
def test_blank_nodes_become_parts_of_the_record(service: FlaskClient, editor: dict[str, str]) -> None:
    part = PLACE + "<> <https://w3id.org/missiegraaf/def#evidence> [ a <https://w3id.org/missiegraaf/def#Passage> ] ."
    answer = put(service, NEW, part, editor)
    problem = answer.get_json()  # a part of a place is none that the shapes know; but it has a name
    nodes = {result["focusNode"] for result in problem["results"]}
    assert answer.status_code == 400
    assert f"{BASE}id/place/atlantis#c14n0" in nodes


@only_embedded
@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("<> a", 400),
        ("", 400),
        (f"<{BASE}id/place/denmark> a <{BASE}def#Place> .", 403),
        (f"<{BASE}doc/place/atlantis> a <{BASE}def#Place> .", 403),
        (f"<> a <{BASE}def#Place> .", 400),
    ],
)
def test_what_is_no_record_changes_nothing(
    service: FlaskClient, editor: dict[str, str], content: str, status: int
) -> None:
    assert put(service, NEW, content, editor).status_code == status
    assert service.get("/health").get_json()["version"] == 1


@only_embedded
def test_who_may_not_write_a_record_is_told_so(service: FlaskClient, own_store: Path, editor: dict[str, str]) -> None:
    assert put(service, NEW, PLACE, {}).status_code == 401
    tokens.revoke(own_store, "an editor")
    assert put(service, NEW, PLACE, editor).status_code == 401


@only_embedded
@pytest.mark.parametrize("name", ["e%CC%81", "%C4%9F", "%C3%A2", "%E2%80%8B"])
def test_a_write_needs_no_reason_whatever_the_path(service: FlaskClient, editor: dict[str, str], name: str) -> None:
    assert service.delete(f"/v1/records/place/{name}", headers=editor).status_code == 404


@only_embedded
def test_a_record_that_others_point_to_is_not_removed(service: FlaskClient, editor: dict[str, str]) -> None:
    answer = service.delete("/v1/records/theme/veiligheid", headers=editor)
    assert answer.status_code == 409
    assert any("veiligheid" in line for line in answer.get_json()["references"])


def test_a_removed_record_is_gone_and_says_what_replaces_it(service: FlaskClient, editor: dict[str, str]) -> None:
    put(service, NEW, PLACE, editor)
    for wrong in (f"{BASE}id/place/nowhere", f"{BASE}id/place/atlantis", "nonsense"):
        assert service.delete(NEW, query_string={"isReplacedBy": wrong}, headers=editor).status_code == 400
    other = f"{BASE}id/place/estonia"
    assert service.delete(NEW, query_string={"isReplacedBy": other}, headers=editor).status_code == 204
    for path in (NEW, "/id/place/atlantis", "/doc/place/atlantis"):
        gone = service.get(path)
        assert (gone.status_code, gone.get_json()["isReplacedBy"]) == (410, other)
        assert gone.headers["Link"] == f'<{other}>; rel="http://purl.org/dc/terms/isReplacedBy"'
        page = service.get(path, headers={"Accept": "text/html"})
        assert (page.mimetype, '<a href="/id/place/estonia' in page.text) == ("text/html", path != NEW)
        for offer in media.GRAPHS:
            told = service.get(path, headers={"Accept": offer.media_type})
            assert (told.status_code, told.mimetype) == (410, offer.media_type)
        graph = service.get(path, headers={"Accept": "application/n-triples"}).text
        thing, document = f"<{BASE}id/place/atlantis>", f"<{BASE}doc/place/atlantis>"
        assert f"{thing} <http://purl.org/dc/terms/isReplacedBy> <{other}> ." in graph
        assert f"{document} <http://xmlns.com/foaf/0.1/primaryTopic> {thing} ." in graph
        assert f"{document} <http://www.w3.org/ns/prov#invalidatedAtTime> " in graph
    assert service.get("/doc/place/atlantis.ttl").mimetype == "text/turtle"
    assert service.delete(NEW, headers=editor).status_code == 410
    assert service.get("/v1/records/place/never").status_code == 404
    assert service.get("/v1/records/place/never/history").status_code == 404
    assert [len(entry["added"]) for entry in history(service, NEW)] == [0, 5]


@only_embedded
def test_a_change_is_undone_by_another_where_nothing_came_between(service: FlaskClient, editor: dict[str, str]) -> None:
    before = read(service, ESTONIA)
    for name in ("One", "Two"):
        now = read(service, ESTONIA)
        put(service, ESTONIA, before.text.replace("Estonia", name), editor | {"If-Match": now.headers["ETag"]})
    assert service.post(ESTONIA + "/history/2/undo", headers=editor).status_code == 409
    assert service.post(ESTONIA + "/history/9/undo", headers=editor).status_code == 404
    for number in (3, 2):
        assert service.post(f"{ESTONIA}/history/{number}/undo", headers=editor).status_code == 204
    assert read(service, ESTONIA).text == before.text
    assert [entry["version"] for entry in history(service, ESTONIA)] == [5, 4, 3, 2]
    put(service, NEW, PLACE, editor)
    service.delete(NEW, headers=editor)
    assert service.post(NEW + "/history/7/undo", headers=editor).status_code == 204
    found = Graph().parse(data=read(service, NEW).data, format="turtle")
    assert (URIRef(f"{BASE}id/place/atlantis"), None, None) in found
