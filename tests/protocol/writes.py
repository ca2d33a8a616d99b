"""A record to write in, and what is asked of it."""

import csv
import io

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PLACE = "https://w3id.org/missiegraaf/doc/place/estonia"
ID = "https://w3id.org/missiegraaf/id/"
UPDATE = "application/sparql-update"
NT = {"Accept": "application/n-triples"}
SKOS_ALT = "http://www.w3.org/2004/02/skos/core#altLabel"


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
