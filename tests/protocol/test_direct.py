"""A request that is answered without Flask is answered as Flask would."""

from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from missiegraaf.http.direct import Direct

from ..conftest import LONG

QUERIES = (
    "ASK {}",
    "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 3",
    "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 2000",
    "CONSTRUCT { <x> <y> '+%&=é\\n' } {}",
    "no query",
    "ASK { SERVICE <http://example.org/> {} }",
    "SELECT (STR(<x:none>(1)) AS ?x) {}",
)
ACCEPTED = (None, "", "*/*", "text/csv", "text/html", "application/n-triples, */*;q=0.1", "image/png", "text/csv;q=0")
HEADERS = (
    {},
    {"Host": "Example.org:8000"},
    {"Host": "exämple.org/é"},
    {"If-None-Match": "*"},
    {"Range": "bytes=0-3"},
    {"Content-Type": "application/sparql-query; charset=utf-16"},
    {"Origin": "http://example.org"},
)


def forms(query: str) -> tuple[dict[str, Any], ...]:
    body = query.encode()
    return (
        {"method": "POST", "data": body, "content_type": "application/sparql-query"},
        {"method": "POST", "data": body[:-1] + b"\xff", "content_type": "application/sparql-query"},
        {"method": "POST", "data": {"query": query}},
        {"method": "GET", "query_string": "query=" + quote_plus(query)},
        {"method": "GET", "query_string": "query=" + quote(query) + "%ff"},
        {"method": "GET", "query_string": "query=" + quote(query) + "&version=0"},
        {"method": "GET", "query_string": "query=" + quote(query, safe="=&;")},
        {"method": "HEAD", "query_string": "query=" + quote(query)},
    )


@settings(max_examples=300 if LONG else 60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(QUERIES).flatmap(lambda q: st.sampled_from(forms(q))), *map(st.sampled_from, (ACCEPTED, HEADERS))
)
def test_an_answer_is_the_same_with_flask_and_without(
    client: FlaskClient, form: dict[str, Any], accept: str | None, headers: dict[str, str]
) -> None:
    direct = client.application.wsgi_app
    assert isinstance(direct, Direct)
    form = {**form, "headers": headers | ({} if accept is None else {"Accept": accept})}
    if "Content-Type" in headers:
        form.pop("content_type", None)
    answers = [Client(application).open("/sparql", buffered=True, **form) for application in (direct, direct._inner)]
    told = [(a.status, sorted((k, v) for k, v in a.headers if k != "Date"), a.data) for a in answers]
    assert told[0] == told[1]


@pytest.mark.parametrize("form", [forms("ASK {}")[0], forms("ASK {}")[3]], ids=["POST", "GET"])
def test_plain_requests_do_without_flask(client: FlaskClient, form: dict[str, Any]) -> None:
    direct = client.application.wsgi_app
    assert isinstance(direct, Direct)
    alone = Direct(None, direct._service)  # type: ignore[arg-type]  # it is not called
    answer = Client(alone).open("/sparql", buffered=True, headers={"Accept": "*/*"}, **form)
    assert (answer.status_code, b"true" in answer.data) == (200, True)
