"""Writing records: with a token, as one Change that is checked, inferred from, logged, and there for the next query."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad
from rdflib import Graph
from werkzeug.test import TestResponse

from missiegraaf import commit, tokens
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.engine.writer import Writer
from missiegraaf.log import Change
from missiegraaf.namespaces import BASE, RDF, RDFS, record_graph
from missiegraaf.validation import Report
from missiegraaf.validation.report import empty

from .conftest import Client, Engine, only_embedded

PLACE = "https://w3id.org/missiegraaf/doc/place/estonia"
ID = "https://w3id.org/missiegraaf/id/"
UPDATE = "application/sparql-update"
NT = {"Accept": "application/n-triples"}
SKOS_ALT = "http://www.w3.org/2004/02/skos/core#altLabel"


@pytest.fixture
def own_store(store: Path, tmp_path: Path) -> Path:
    """A copy of the store, to write in."""
    return Path(shutil.copytree(store, tmp_path / "store", symlinks=True))


@pytest.fixture
def service(own_store: Path, engine: Engine) -> Iterator[FlaskClient]:
    app = create_app(Settings(store=str(own_store), readers=1, **engine.settings))
    app.test_client_class = Client
    yield app.test_client()
    app.extensions["missiegraaf"].close()
    engine.refill()


@pytest.fixture
def admin(own_store: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(own_store, 'an admin', 'admin')}"}


def rows(client: FlaskClient, query: str, **parameters: str) -> list[str]:
    answer = client.get("/sparql", query_string={"query": query, **parameters}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    return [",".join(row) for row in csv.reader(io.StringIO(answer.text, newline=""))][1:]


def graph(client: FlaskClient, name: str) -> str:
    return client.get("/graphs", query_string={"graph": name}, headers={"Accept": "application/n-triples"}).text


def put(client: FlaskClient, name: str, content: str, headers: dict[str, str]) -> TestResponse:
    return client.put(
        "/graphs", query_string={"graph": name}, data=content, content_type="text/turtle", headers=headers
    )


def labels(client: FlaskClient, thing: str, **parameters: str) -> list[str]:
    query = f"SELECT ?l {{ <{ID}{thing}> skos:prefLabel ?l FILTER(LANG(?l) = 'en') }}"
    return rows(client, query, **parameters)


def test_a_record_is_replaced(service: FlaskClient, admin: dict[str, str]) -> None:
    changed = graph(service, PLACE).replace('"Estonia"@en', '"Estonia, republic"@en')
    answer = put(service, PLACE, changed, admin)
    assert (answer.status_code, answer.headers["Missiegraaf-Version"]) == (204, "2")
    assert labels(service, "place/estonia") == ["Estonia, republic"]
    assert "Estonia, republic" in service.get("/doc/place/estonia.ttl").text
    (entry,) = rows(
        service, "SELECT ?role ?t { GRAPH ?g { ?c mg:version 2 ; mg:authorRole ?role ; mg:addedTriples ?t } }"
    )
    assert "Estonia, republic" in entry
    assert entry.startswith("admin,")
    assert "an admin" not in "".join(
        rows(service, "SELECT ?s ?p ?o { GRAPH <https://w3id.org/missiegraaf/log> { ?s ?p ?o } }")
    )


def test_the_log_has_the_reason_as_it_was_sent(service: FlaskClient, admin: dict[str, str]) -> None:
    changed = graph(service, PLACE).replace('"Estonia"@en', '"Estonia, republic"@en')
    sent = "drieëntwintig plaatsen".encode().decode("latin-1")  # what a client's UTF-8 is to a WSGI server
    assert put(service, PLACE, changed, admin | {"Missiegraaf-Reason": sent}).status_code == 204
    assert rows(service, "SELECT ?why { GRAPH ?g { ?c mg:version 2 ; dct:description ?why } }") == [
        "drieëntwintig plaatsen"
    ]


@only_embedded
def test_a_former_version_can_be_asked(service: FlaskClient, admin: dict[str, str]) -> None:
    changed = graph(service, PLACE).replace('"Estonia"@en', '"Estonia, republic"@en')
    assert put(service, PLACE, changed, admin).status_code == 204
    assert labels(service, "place/estonia", version="1") == ["Estonia"]
    assert labels(service, "place/estonia") == ["Estonia, republic"]


def test_what_follows_is_inferred_and_what_no_longer_follows_goes(service: FlaskClient, admin: dict[str, str]) -> None:
    triple = f"<{ID}programme/zorgpact> mg:partOf <{ID}programme/techniekpact>"
    inverse = f"SELECT ?x {{ <{ID}programme/techniekpact> mg:hasPart ?x FILTER(?x = <{ID}programme/zorgpact>) }}"
    assert rows(service, inverse) == []
    for operation, found in (("INSERT", 1), ("DELETE", 0)):
        answer = service.post("/update", data=f"{operation} DATA {{ {triple} }}", content_type=UPDATE, headers=admin)
        assert answer.status_code == 204, answer.text
        assert len(rows(service, inverse)) == found


def test_an_update_with_a_pattern_becomes_one_change(service: FlaskClient, admin: dict[str, str]) -> None:
    update = (
        "DELETE { ?p skos:prefLabel ?l } INSERT { ?p skos:prefLabel 'Eesti'@nl } "
        f"WHERE {{ BIND(<{ID}place/estonia> AS ?p) ?p skos:prefLabel ?l FILTER(LANG(?l) = 'nl') }}"
    )
    answer = service.post("/update", data=update, content_type=UPDATE, headers=admin)
    assert (answer.status_code, answer.headers["Missiegraaf-Version"]) == (204, "2")
    assert rows(service, f"SELECT ?l {{ <{ID}place/estonia> skos:prefLabel ?l FILTER(LANG(?l) = 'nl') }}") == ["Eesti"]
    assert "Eesti" in graph(service, PLACE)


def test_what_is_inferred_is_asserted_by_an_update_and_removed_by_none(
    service: FlaskClient, admin: dict[str, str]
) -> None:
    part, between, whole = (f"<{ID}programme/{name}>" for name in ("zorgpact", "katapult", "techniekpact"))
    triple, own = f"{part} mg:partOf {whole}", "https://w3id.org/missiegraaf/doc/programme/zorgpact"
    inferred = "https://w3id.org/missiegraaf/inferred"

    def after(update: str) -> tuple[str, list[str]]:
        """The version after an update, and where the triple stands, in the default graph too."""
        answer = service.post("/update", data=update, content_type=UPDATE, headers=admin)
        assert answer.status_code == 204, answer.text
        places = rows(service, f"SELECT ?g {{ {triple} GRAPH ?g {{ {triple} }} }}")
        return answer.headers["Missiegraaf-Version"], places

    assert after(f"INSERT DATA {{ {part} mg:partOf {between} . {between} mg:partOf {whole} }}") == ("2", [inferred])
    assert after(f"DELETE WHERE {{ {triple} }}") == ("2", [inferred])
    assert after(f"INSERT {{ {part} mg:partOf ?x }} WHERE {{ {part} mg:partOf ?x }}") == ("3", [own])
    assert after(f"DELETE {{ {triple} }} WHERE {{ {triple} }}") == ("4", [inferred])
    assert after(f"INSERT DATA {{ {triple} }} ; DELETE {{ GRAPH <{own}> {{ {triple} }} }} WHERE {{}}") == (
        "4",
        [inferred],
    )
    assert after(f"DELETE DATA {{ {triple} }} ; INSERT {{ GRAPH <{own}> {{ {triple} }} }} WHERE {{}}") == ("5", [own])


def test_the_start_page_and_the_description_count_what_is_there_now(
    service: FlaskClient, admin: dict[str, str]
) -> None:
    def counted() -> tuple[int, int, str]:
        page = re.search(r"(\d+) vermelde en \d+ afgeleide triples; versie (\d+)", service.get("/").text)
        triples = re.search(r"#triples> \"(\d+)\"", service.get("/sparql", headers=NT).text)
        assert page
        assert triples
        return int(page[1]), int(triples[1]), page[2]

    asserted, triples, version = counted()
    more = f"INSERT DATA {{ <{ID}place/estonia> skos:altLabel 'one'@en, 'two'@en }}"
    assert service.post("/update", data=more, content_type=UPDATE, headers=admin).status_code == 204
    assert counted() == (asserted + 2, triples + 4, str(int(version) + 1))  # a name is a label too


def test_a_record_that_breaks_a_shape_is_refused_whole(service: FlaskClient, admin: dict[str, str]) -> None:
    without_dutch = "\n".join(line for line in graph(service, PLACE).splitlines() if "@nl" not in line)
    answer = put(service, PLACE, without_dutch, admin)
    assert answer.status_code == 400
    problem = json.loads(answer.text)
    assert problem["type"] == "/problems#not-conforming"
    assert service.get("/health").get_json()["version"] == 1
    assert "@nl" in graph(service, PLACE)


def test_a_record_that_others_point_to_stays(service: FlaskClient, admin: dict[str, str]) -> None:
    answer = service.delete("/graphs", query_string={"graph": PLACE}, headers=admin)
    assert answer.status_code == 409
    assert any("techniekpact" in reference for reference in json.loads(answer.text)["references"])
    assert "Estonia" in graph(service, PLACE)


@pytest.mark.parametrize("quads", [0, 10**7], ids=["from disk", "in memory"])
def test_a_record_that_was_removed_is_not_there(own_store: Path, admin: dict[str, str], quads: int) -> None:
    app = create_app(Settings(store=str(own_store), readers=1, in_memory_quads=quads))
    app.test_client_class = Client
    client, named = app.test_client(), {"query_string": {"graph": PLACE.replace("estonia", "laputa")}}
    new = graph(client, PLACE).replace("estonia", "laputa").replace("Estonia", "Laputa").replace("Estland", "Laputa")
    assert client.put("/graphs", **named, data=new, content_type="text/turtle", headers=admin).status_code == 201
    assert client.get("/doc/place/laputa").status_code == 200
    assert client.delete("/graphs", **named, headers=admin).status_code == 204
    assert client.get("/graphs", **named).status_code == 404
    assert client.get("/doc/place/laputa").status_code == 410  # there was one
    app.extensions["missiegraaf"].close()


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


def test_a_change_outlives_the_service(own_store: Path, engine: Engine, admin: dict[str, str]) -> None:
    for version in ("2", "3"):
        app = create_app(Settings(store=str(own_store), readers=1, **engine.settings))
        app.test_client_class = Client
        client = app.test_client()
        update = f"INSERT DATA {{ <{ID}place/estonia> skos:altLabel 'Name {version}'@en }}"
        answer = client.post("/update", data=update, content_type=UPDATE, headers=admin)
        assert (answer.status_code, answer.headers["Missiegraaf-Version"]) == (204, version)
        found = Graph().parse(data=graph(client, PLACE), format="nt")
        assert sum("Name" in str(o) for o in found.objects()) == int(version) - 1
        app.extensions["missiegraaf"].close()
    engine.refill()


def test_a_number_written_otherwise_is_the_same_and_stays(service: FlaskClient, admin: dict[str, str]) -> None:
    number = (
        f"SELECT ?s ?p ?o WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(DATATYPE(?o) = xsd:decimal && CONTAINS(STR(?o), '.')"
        f" && STRSTARTS(STR(?s), '{ID}')) }} ORDER BY ?s LIMIT 1"
    )
    (found,) = rows(service, number)
    subject, predicate, value = found.split(",")
    name = subject.partition("#")[0].replace("/id/", "/doc/")
    again = graph(service, name).replace(f'"{value}"^^', f'"0{value}0"^^')
    assert put(service, name, again, admin).status_code == 204
    assert len(rows(service, f"SELECT ?o {{ <{subject}> <{predicate}> ?o }}")) == 1


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


def test_a_graph_has_the_same_tag_in_a_reader_that_followed_and_in_one_that_came_later(
    own_store: Path, admin: dict[str, str]
) -> None:
    tags = []
    for number in range(2):
        app = create_app(Settings(store=str(own_store), readers=1))
        client = app.test_client()
        if not number:
            labels = "".join(f"<{ID}place/estonia> <{SKOS_ALT}> 'name {n}'@en ." for n in range(20))
            assert (
                client.post(
                    "/graphs", query_string={"graph": PLACE}, data=labels, content_type="text/turtle", headers=admin
                ).status_code
                == 204
            )
        with client.get("/graphs", query_string={"graph": PLACE}) as answer:
            tags.append(answer.headers["ETag"])
        app.extensions["missiegraaf"].close()
    assert tags[0] == tags[1]


def test_every_part_of_a_form_is_written(service: FlaskClient, admin: dict[str, str]) -> None:
    parts = [
        (io.BytesIO(f"<{ID}place/estonia> <{SKOS_ALT}> '{name}'@en .".encode()), f"{name}.ttl", "text/turtle")
        for name in ("one", "two")
    ]
    asked = {"query_string": {"graph": PLACE}, "headers": admin, "content_type": "multipart/form-data"}
    assert service.post("/graphs", data={"file": "no file"}, **asked).status_code == 400
    answer = service.post("/graphs", data={"file": parts}, **asked)
    assert answer.status_code == 204, answer.text
    assert rows(service, f"SELECT ?l {{ <{ID}place/estonia> skos:altLabel ?l }} ORDER BY ?l") == ["one", "two"]


@only_embedded
def test_what_is_wrong_with_a_record_is_told(service: FlaskClient, admin: dict[str, str]) -> None:
    wrong = f"<{ID}place/estonia> a <https://w3id.org/missiegraaf/def#Place> ."
    problem = put(service, PLACE, wrong, admin).get_json()
    assert problem["conforms"] is False
    assert {result["focusNode"] for result in problem["results"]} == {ID + "place/estonia"}
    assert all(result["message"]["nl"] and result["message"]["en"] for result in problem["results"])


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


def test_the_rules_are_those_of_the_version_they_are_applied_to(own_store: Path) -> None:
    """Also where another service has changed the ontology since."""
    writer = Writer(embedded.quads_path(own_store), 1, in_memory=False, keep=1)
    one, other = (commit.Graph(writer, BASE) for _ in range(2))
    estonia, former, latter = (NamedNode(iri) for iri in (ID + "place/estonia", ID + "place/x1", ID + "place/x2"))

    def said(graph: commit.Graph, *triple: NamedNode) -> None:
        quad = Quad(*triple, NamedNode(record_graph(triple[0].value) or ""))
        change = Change(frozenset(), frozenset([quad]), "p", "admin", "a test", datetime(2026, 1, 1, tzinfo=UTC))
        commit.commit(graph, change)

    with closing(writer), pytest.MonkeyPatch.context() as patch:
        patch.setattr(commit.Graph, "validator", Passing())
        said(one, estonia, NamedNode(SKOS_ALT), estonia)
        said(other, former, NamedNode(RDFS + "subClassOf"), latter)
        said(one, estonia, NamedNode(RDF + "type"), former)
        assert Quad(estonia, NamedNode(RDF + "type"), latter) in writer.store


class Passing:
    """Finds nothing wrong."""

    def change(self, *_: object) -> Report:
        """Report so."""
        return empty()


def test_an_update_that_is_too_deep_is_refused(service: FlaskClient, admin: dict[str, str]) -> None:
    update = "INSERT DATA { <e:a> <e:p> " + "(" * 20_000 + ")" * 20_000 + " }"
    assert service.post("/update", data=update, content_type=UPDATE, headers=admin).status_code == 400
