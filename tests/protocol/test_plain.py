"""A plain dataset over HTTP: any graphs, empty ones too, and a limit for what is tried."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.transaction import nothing

UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
NAMED = {"query_string": {"graph": "http://e.example/g"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    embedded.create(tmp_path, (), nothing())
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(store=str(folder), readers=1, plain_dataset=True, allow_updates=True))
    yield app.test_client()
    app.extensions["missiegraaf"].close()


def updated(client: FlaskClient, text: str, **options: str) -> int:
    return client.post("/update", data=text, content_type=UPDATE, **options).status_code


@pytest.mark.parametrize("update", ["", "CLEAR GRAPH <http://e.example/g> ; DELETE WHERE { ?s ?p 1 }"])
def test_an_empty_graph_is_one_that_can_be_cleared_and_removed(client: FlaskClient, update: str) -> None:
    assert client.put("/graphs", data="", content_type="text/turtle", **NAMED).status_code == 201
    assert client.get("/graphs", **NAMED).status_code == 200
    if update:
        assert updated(client, update) == 204
    assert client.delete("/graphs", **NAMED).status_code == 204
    assert client.get("/graphs", **NAMED).status_code == 404
    assert updated(client, "CLEAR GRAPH <http://e.example/g> ; DELETE WHERE { ?s ?p 1 }") == 500


def test_parameters_of_an_update_stand_where_its_form_does(client: FlaskClient) -> None:
    """Else one in the query string would be left out, and more be deleted than was asked."""
    assert updated(client, "INSERT DATA { <e:a> <e:b> 1 }") == 204
    form = {"update": "DELETE { ?s <e:b> ?o } WHERE { ?s <e:b> ?o }"}
    asked = client.post("/update", query_string={"using-graph-uri": "http://e.example/q"}, data=form)
    assert (asked.status_code, "query string" in asked.text) == (400, True)
    assert "true" in client.get("/sparql?query=ASK{<e:a>+<e:b>+1}").text
    assert client.post("/update", data=form | {"using-graph-uri": "http://e.example/q"}).status_code == 204
    assert "true" in client.get("/sparql?query=ASK{<e:a>+<e:b>+1}").text


def test_conditions_compare_as_the_standard_says(client: FlaskClient) -> None:
    """RFC 9110, 13.1.1: `*` is any representation; 13.1.2: If-None-Match compares weakly."""
    client.put("/graphs", data="<e:a> <e:b> 1 .", content_type="text/turtle", **NAMED)
    tag = client.get("/graphs", **NAMED).headers["ETag"]
    for name, value, status in (
        ("If-None-Match", f"W/{tag}", 412),
        ("If-Match", f"W/{tag}", 412),
        ("If-Match", tag, 204),
        ("If-Match", "*", 204),
    ):
        sent = client.put("/graphs", data="<e:a> <e:b> 1 .", content_type="text/turtle", headers={name: value}, **NAMED)
        assert sent.status_code == status, (name, value)
    assert client.get("/graphs", headers={"If-Match": "*"}, **NAMED).status_code == 200
    assert client.get("/graphs", headers={"If-Match": '"other"'}, **NAMED).status_code == 412


def test_a_dump_of_it_has_its_default_graph(client: FlaskClient, folder: Path) -> None:
    assert updated(client, "INSERT DATA { <e:a> <e:b> 1 . GRAPH <e:g> { <e:a> <e:b> 1, 2 } }") == 204
    client.application.extensions["missiegraaf"].close()
    command = [sys.executable, "-m", "missiegraaf", "dump", "--store", str(folder)]
    done = subprocess.run([*command, "--plain-dataset"], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 3
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (refused.returncode, "--plain-dataset" in refused.stderr, refused.stdout) == (2, True, "")
