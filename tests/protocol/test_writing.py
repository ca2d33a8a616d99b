"""Writing records: with a token, as one Change that is checked, inferred from, logged, and there for the next query."""

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import Graph

from missiegraaf.app import create_app
from missiegraaf.config import Settings

from .conftest import Client, Engine, only_embedded
from .writes import ID, NT, PLACE, SKOS_ALT, UPDATE, graph, labels, put, rows


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
