"""`/sparql`: SPARQL 1.1 Protocol, clause 2.1 and its errors."""

import json
import socket
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from werkzeug.test import TestResponse

from missiegraaf.formats import media
from missiegraaf.namespaces import BASE

from .conftest import Engine, only_embedded, without_fuseki

COUNT = "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a mg:LearningCommunity }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}


def ask(client: FlaskClient, query: str, accept: str = "*/*") -> TestResponse:
    return client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})


def problem(response: TestResponse) -> dict[str, object]:
    assert response.mimetype == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    found = json.loads(response.data)
    assert found["status"] == response.status_code
    return dict(found)


def test_get_and_both_posts_give_the_same_answer(client: FlaskClient) -> None:
    answers = [
        ask(client, COUNT),
        client.post("/sparql", data={"query": COUNT}),
        client.post("/sparql", data=COUNT, headers=DIRECT),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert answers[0].json
    assert answers[0].json["results"]["bindings"][0]["n"]["value"] == "308"


@pytest.mark.parametrize("offer", media.SOLUTIONS, ids=lambda offer: offer.suffix)
def test_solutions_come_in_every_standard_format(client: FlaskClient, offer: media.Offer) -> None:
    answer = ask(client, COUNT, offer.media_type)
    assert (answer.status_code, answer.mimetype) == (200, offer.media_type)
    assert b"308" in answer.data


@pytest.mark.parametrize("offer", media.GRAPHS, ids=lambda offer: offer.suffix)
def test_graphs_come_in_every_standard_format(client: FlaskClient, offer: media.Offer) -> None:
    answer = ask(client, "DESCRIBE topsector:energie", offer.media_type)
    assert (answer.status_code, answer.mimetype) == (200, offer.media_type)
    rdflib_name = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}[offer.suffix]
    assert len(Graph().parse(data=answer.data, format=rdflib_name)) > 10


def test_a_relative_iri_of_a_query_is_read_against_the_address(client: FlaskClient) -> None:
    assert b"<http://localhost/s> <http://localhost/p> <http://localhost/o>" in (
        ask(client, "CONSTRUCT { <s> <p> <o> } WHERE {}", "application/n-triples").data
    )


def test_a_boolean_comes_as_json_and_xml(client: FlaskClient) -> None:
    assert ask(client, "ASK {}").json == {"head": {}, "boolean": True}
    assert b"<boolean>true</boolean>" in ask(client, "ASK {}", "application/sparql-results+xml").data


def test_the_default_graph_of_the_request_replaces_that_of_the_service(client: FlaskClient) -> None:
    record = "https://w3id.org/missiegraaf/doc/topsector/energie"
    parameters = {"query": "SELECT DISTINCT ?t { ?t a mg:Topsector }", "default-graph-uri": record}
    found = client.get("/sparql", query_string=parameters).json
    assert found
    assert len(found["results"]["bindings"]) == 1


def test_named_graphs_of_the_request_are_the_only_ones(client: FlaskClient) -> None:
    records = [f"https://w3id.org/missiegraaf/doc/topsector/{name}" for name in ("energie", "chemie")]
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    found = client.post("/sparql", data={"query": query, "named-graph-uri": records}).json
    assert found
    assert {row["g"]["value"] for row in found["results"]["bindings"]} == set(records)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A place on this machine that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


def was_called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


def test_a_graph_of_the_request_is_never_fetched(client: FlaskClient, listener: socket.socket) -> None:
    graph = f"http://127.0.0.1:{listener.getsockname()[1]}/nothing.ttl"
    found = client.get("/sparql", query_string={"query": "ASK { ?s ?p ?o }", "default-graph-uri": graph})
    assert found.json == {"head": {}, "boolean": False}
    assert ask(client, f"ASK FROM <{graph}> {{ ?s ?p ?o }}").json == {"head": {}, "boolean": False}
    assert not was_called(listener)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE SILENT <%s> { ?s ?p ?o } }",
        "SELECT * { SERVICESILENT <%s> { ?s ?p ?o } }",
        "PREFIX service: <%s> SELECT * { service:x { ?s ?p ?o } }",
        "PREFIX SERVICE: <%s> SELECT * { ?a ?b ?c FILTER(?a<1)SERVICE:x#>\n{ ?s ?p ?o } }",
    ],
)
def test_no_spelling_of_a_service_clause_reaches_another_endpoint(
    client: FlaskClient, listener: socket.socket, query: str
) -> None:
    answer = ask(client, query % f"http://127.0.0.1:{listener.getsockname()[1]}/")
    assert answer.status_code == 400
    assert not was_called(listener)


@without_fuseki  # it would take minutes
def test_each_public_triple_stands_in_one_named_graph_and_in_the_default_graph(client: FlaskClient) -> None:
    twice = "ASK { { SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } GROUP BY ?s ?p ?o HAVING(COUNT(?g) > 1) } }"
    missing = f"ASK {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{BASE}log>) FILTER NOT EXISTS {{ ?s ?p ?o }} }}"
    homeless = "ASK { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }"
    for query in (twice, missing, homeless):
        answer = ask(client, query)
        assert answer.json
        assert answer.json["boolean"] is False


def test_an_unreadable_query_says_where(client: FlaskClient) -> None:
    answer = ask(client, "SELECT *\nWHERE { ?s ?p }")
    found = problem(answer)
    assert answer.status_code == 400
    assert (found["line"], found["column"]) in ((2, 15), (2, 16))  # where the word begins, or may not go on


def test_two_queries_or_none_are_refused(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D").status_code == 400
    assert client.post("/sparql", data={}, headers=FORM).status_code == 400
    assert client.get("/sparql?default-graph-uri=http://e/").status_code == 400
    assert client.post("/sparql?query=ASK%7B%7D", data="ASK {}", headers=DIRECT).status_code == 400


def test_another_body_type_is_refused_and_the_expected_ones_named(client: FlaskClient) -> None:
    answer = client.post("/sparql", data=COUNT, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert problem(answer)["expected"] == ["application/sparql-query", "application/x-www-form-urlencoded"]


def test_a_body_that_is_not_utf8_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sparql", data="ASK { ?s ?p 'é' }".encode("latin-1"), headers=DIRECT)
    assert "UTF-8" in str(problem(answer)["detail"])
    assert answer.status_code == 400


def test_an_unsupported_accept_is_told_what_is_on_offer(client: FlaskClient) -> None:
    answer = ask(client, COUNT, "image/png")
    assert answer.status_code == 406
    assert "text/csv" in problem(answer)["offered"]  # type: ignore[operator]


def test_another_method_is_refused(client: FlaskClient) -> None:
    answer = client.put("/sparql", data=COUNT)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@only_embedded  # another server may go on with it for ever
def test_a_query_that_takes_too_long_is_ended_and_its_neighbours_go_on(client: FlaskClient) -> None:
    answer = ask(client, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert problem(answer)["type"] == "/problems#query-timeout"
    assert ask(client, COUNT).status_code == 200


def test_a_query_that_would_overflow_the_stack_is_refused(client: FlaskClient) -> None:
    for query in ("ASK { " + "{" * 8000 + "}" * 8000 + " }", "ASK { FILTER(" + " || ".join(["true"] * 10_000) + ") }"):
        answer = ask(client, query)
        assert answer.status_code == 400
        assert problem(answer)["type"] == "/problems#query-too-deep"


def test_a_query_that_is_no_sparql_is_told_from_one_that_cannot_be_carried_out(
    client: FlaskClient, engine: Engine
) -> None:
    """SPARQL 1.1 Protocol, 2.1.6."""
    assert ask(client, "SELECT ?x ?x {} ORDER BY ?x GROUP").status_code == 400
    assert (
        ask(client, "SELECT (<http://nope/f>(1) AS ?x) {}").status_code
        == {"embedded": 500, "oxigraph": 502, "fuseki": 200}[engine.name]
    )
    assert ask(client, COUNT).status_code == 200


@pytest.mark.parametrize("iri", [":", "1:x", "http://e/\0", "a:\r\x0b", "nothing"])
def test_a_graph_that_is_no_iri_is_refused(client: FlaskClient, iri: str) -> None:
    answer = client.get("/sparql", query_string={"query": "ASK {}", "named-graph-uri": iri})
    assert answer.status_code == 400
    assert "named-graph-uri" in str(problem(answer)["detail"])


def test_a_second_query_cannot_hide_in_the_address_of_a_form(client: FlaskClient) -> None:
    for hidden in ("query=ASK%7B%7D", "update=CLEAR+ALL"):
        assert client.post(f"/sparql?{hidden}", data={"query": "ASK {}"}).status_code == 400


def test_the_dataset_of_a_form_may_stand_in_its_address(client: FlaskClient) -> None:
    query = {"query": "ASK { ?s ?p ?o }"}
    assert client.post("/sparql?default-graph-uri=http://e/", data=query).json == {"head": {}, "boolean": False}


def test_text_that_is_not_utf8_is_refused_inside_percent_encoding_too(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK%7B%3Fs%20%3Fp%20%22%e9%22%7D").status_code == 400
    assert client.post("/sparql", data="query=ASK%7B%7D%c3%28", headers=FORM).status_code == 400


def test_a_body_beyond_the_limit_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sparql", data=b"#" * 5 * 1024**2, headers=DIRECT)
    assert answer.status_code == 413
    problem(answer)


def test_the_offer_after_a_refused_accept_is_that_of_the_result(client: FlaskClient) -> None:
    boolean = problem(ask(client, "ASK {}", "text/csv"))
    graph = problem(ask(client, "CONSTRUCT WHERE { ?s ?p ?o }", "text/csv"))
    assert "text/csv" not in boolean["offered"]  # type: ignore[operator]
    assert "text/turtle" in graph["offered"]  # type: ignore[operator]


def test_the_reason_of_a_syntax_error_is_kept(client: FlaskClient) -> None:
    assert "prefix" in str(problem(ask(client, "SELECT * { ?s nope:p ?o }"))["detail"]).lower()
    assert "variable" in str(problem(ask(client, "SELECT ?s (1 AS ?s) { ?s ?p ?o }"))["detail"]).lower()


def test_an_answer_has_an_etag_and_is_not_sent_twice(client: FlaskClient) -> None:
    first = ask(client, COUNT)
    again = client.get("/sparql", query_string={"query": COUNT}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert not first.headers["ETag"].startswith("W/")
    assert "Accept" in first.headers["Vary"]


def test_a_browser_gets_a_form_and_a_table(client: FlaskClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    form = client.get("/sparql", headers=browser)
    assert (form.status_code, form.mimetype) == (200, "text/html")
    assert b"<textarea" in form.data
    table = client.get("/sparql", query_string={"query": COUNT}, headers=browser)
    assert b"<td>308 <small>xsd:integer</small></td>" in table.data


def test_a_browser_keeps_the_query_that_could_not_be_read(client: FlaskClient) -> None:
    page = ask(client, "SELECT ?x WHERE { <b>", "text/html")
    assert page.status_code == 400
    assert "SELECT ?x WHERE { &lt;b&gt;</textarea>" in page.text


def test_without_a_query_the_service_describes_itself(client: FlaskClient) -> None:
    answer = client.get("/sparql")
    assert answer.mimetype == "text/turtle"
    graph = Graph().parse(data=answer.data, format="turtle")
    assert graph.query(
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> ASK { ?s sd:endpoint ?e }"
    ).askAnswer
