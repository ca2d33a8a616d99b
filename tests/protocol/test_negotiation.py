"""Which representation a client gets of a document, asked as clients ask (RFC 9110, 12.5.1)."""

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missiegraaf.formats import media

from .accepts import CLIENTS, Client

ENERGY = "/doc/topsector/energie"
FORMS = "http://www.w3.org/ns/json-ld#"


def test_every_client_of_the_table_is_asked_for() -> None:
    assert len(CLIENTS) == len({client.name for client in CLIENTS}) == 29


@pytest.mark.parametrize("known", CLIENTS, ids=lambda known: known.name)
def test_a_client_gets_what_it_can_read(known: Client, client: FlaskClient) -> None:
    headers = {} if known.accept is None else {"Accept": known.accept}
    led = client.get(ENERGY.replace("/doc/", "/id/"), headers=headers)
    assert (led.status_code, led.headers["Location"]) == (303, ENERGY)
    answer = client.get(ENERGY, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, known.expected)
    assert "Accept" in answer.vary


@pytest.mark.parametrize("form", ["compacted", "expanded", "flattened"])
@pytest.mark.parametrize("path", [ENERGY, ENERGY + ".jsonld", "/def", "/shapes.jsonld"])
def test_a_form_of_json_ld_is_had_by_its_profile(client: FlaskClient, path: str, form: str) -> None:
    asked = client.get(path, headers={"Accept": f'application/ld+json;profile="{FORMS}{form}"'})
    assert asked.headers["Content-Type"] == f'application/ld+json; profile="{FORMS}{form}"'
    assert f'<{FORMS}{form}>; rel="profile"' in asked.headers["Link"]
    assert isinstance(asked.json, dict if form == "compacted" else list)


@pytest.mark.parametrize("accept", ["application/ld+json", f'application/ld+json;profile="{FORMS}streaming x:y"'])
def test_json_ld_is_compacted_where_no_form_that_is_here_is_named(client: FlaskClient, accept: str) -> None:
    answer = client.get(ENERGY, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert f'<{FORMS}compacted>; rel="profile"' in answer.headers["Link"]


@pytest.mark.parametrize("accept", ["image/png", "turtle", "text/turtle;q=0", "a/b;" * 20_000, '"' * 8192, "🐢"])
def test_who_asks_for_nothing_that_is_here_is_told_what_is(client: FlaskClient, accept: str) -> None:
    for path in (ENERGY, "/def", "/shapes"):
        answer = client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (406, "application/problem+json")
        assert answer.json
        assert answer.json["offered"] == [offer.media_type for offer in (*media.GRAPHS, media.HTML)]
        assert len(answer.json["detail"]) < 400


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60))
def test_no_header_is_an_error_of_ours(client: FlaskClient, accept: str) -> None:
    assert client.get("/shapes", headers={"Accept": accept}).status_code in (200, 406)
