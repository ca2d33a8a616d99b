"""Documents to the letter: their headers and links, their pages, IRIs however they are encoded, vocabularies."""

import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Triple, parse
from werkzeug.test import TestResponse

from missiegraaf import contexts, transaction
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.describe import PAGE
from missiegraaf.engine import embedded
from missiegraaf.formats import media
from missiegraaf.namespaces import BASE

from .conftest import Client, only_embedded

ENERGY = "/doc/topsector/energie"
DOCUMENTED = "/doc/evidence-status/documented"  # which thousands of records point at
KINDS = [next(group) for _, group in groupby(sorted(
    {quad.subject.value.removeprefix(f"{BASE}id/") for quad in transaction.read().quads
     if "/id/" in quad.subject.value and "#" not in quad.subject.value}
), key=lambda name: name.partition("/")[0])]  # fmt: skip


def links(answer: TestResponse) -> dict[str, list[str]]:
    """The targets of a response's links, by relation."""
    found: dict[str, list[str]] = {}
    for target, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["Link"]):
        found.setdefault(relation, []).append(target)
    return found


def triples(answer: TestResponse) -> set[Triple]:
    assert answer.status_code == 200
    return {quad.triple for quad in parse(answer.data, RdfFormat.N_TRIPLES)}


def walk(client: FlaskClient, path: str) -> Iterator[TestResponse]:
    """Every page, from one to the next."""
    while path:
        answer = client.get(path)
        yield answer
        path = next(iter(links(answer).get("next", [])), "")


# --- headers


def test_a_document_says_what_it_is_and_where_the_rest_is(client: FlaskClient) -> None:
    said = links(client.get(ENERGY, headers={"Accept": "text/turtle"}))
    assert said == {
        "describes": [f"{BASE}id/topsector/energie"],
        "canonical": [f"{BASE}doc/topsector/energie"],
        "describedby": ["/.well-known/void"],
        "license": ["https://creativecommons.org/publicdomain/zero/1.0/"],
        "alternate": [f"{ENERGY}.{offer.suffix}" for offer in (*media.GRAPHS, media.HTML)],
    }
    for path in ("/def", "/shapes", f"/def/{contexts.newest(BASE)[0]}"):
        said = links(client.get(path))
        assert said["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
        assert said["canonical"] == [BASE + path[1:]]
        assert all(client.get(other).status_code == 200 for other in said["alternate"])


def test_a_thing_says_where_it_is_described(client: FlaskClient) -> None:
    assert links(client.get(ENERGY.replace("doc", "id")))["describedby"] == [ENERGY]


@pytest.mark.parametrize("suffix", [offer.suffix for offer in (*media.GRAPHS, media.HTML)])
def test_who_has_a_representation_is_told_so(client: FlaskClient, suffix: str) -> None:
    first = client.get(f"{ENERGY}.{suffix}")
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    assert ("Last-Modified" in first.headers) == (suffix != "html")
    again = client.get(f"{ENERGY}.{suffix}", headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Vary"] == first.headers["Vary"]
    since = {"If-Modified-Since": first.headers.get("Last-Modified", "Sun, 22 Nov 2099 00:00:00 GMT")}
    assert client.get(f"{ENERGY}.{suffix}", headers=since).status_code == (200 if suffix == "html" else 304)
    assert client.get(f"{ENERGY}.{suffix}", headers=since | {"If-None-Match": '"x"'}).status_code == 200
    assert client.get(f"{ENERGY}.{suffix}", headers={"If-Match": '"x"'}).status_code == 412


def test_each_representation_has_its_own_tag(client: FlaskClient) -> None:
    accepts = [offer.content_type for offer in media.DOCUMENTS if offer not in (media.EXPANDED, media.FLATTENED)]
    tags = {client.get(ENERGY, headers={"Accept": accept}).headers["ETag"] for accept in accepts}
    assert len(tags) == len(media.GRAPHS) + 1


def test_head_is_get_without_its_body_and_options_tells_what_may_be_done(client: FlaskClient) -> None:
    for path in (
        ENERGY,
        ENERGY.replace("doc", "id"),
        "/def",
        "/shapes.rdf",
        f"/context/{contexts.versions()[-1]}.jsonld",
    ):
        get, head = client.get(path), client.head(path)
        assert (head.status_code, head.data, dict(head.headers)) == (get.status_code, b"", dict(get.headers))
        options = client.options(path)
        assert options.status_code == 200
        assert {"GET", "HEAD", "OPTIONS"} == set(options.headers["Allow"].split(", "))
        assert client.delete(path).status_code == 405


# --- pages


@pytest.mark.parametrize("in_memory", [True, False], ids=["memory", "disk"])
def test_the_pages_together_are_the_whole_description(store: Path, tmp_path: Path, in_memory: bool) -> None:
    own = shutil.copytree(store, tmp_path / "store", symlinks=True)
    chosen = {} if in_memory else {"in_memory_quads": 0}
    app = create_app(Settings(store=str(own), readers=2, **chosen))  # type: ignore[arg-type]  # a count of quads
    app.test_client_class = Client
    try:
        iri, asked = f"{BASE}id{DOCUMENTED.removeprefix('/doc')}", app.test_client()
        pages = list(walk(asked, DOCUMENTED + ".nt"))
        assert len(pages) >= 3
        union = set().union(*map(triples, pages))
        pointing = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p <{iri}> }}"
        counted = asked.get("/sparql", query_string={"query": pointing}, headers={"Accept": "text/csv"}).text
        inbound = {triple for triple in union if str(triple.object) == f"<{iri}>"}
        assert len(inbound) == int(counted.split()[1])
        for page in pages:
            pointing_here = [triple for triple in triples(page) if str(triple.object) == f"<{iri}>"]
            assert len(pointing_here) <= PAGE
        record = {triple for triple in triples(pages[0]) if str(triple.subject) == f"<{iri}>"}
        assert record >= {triple for triple in union if str(triple.subject) == f"<{iri}>"}
        assert links(pages[1])["first"] == [DOCUMENTED + ".nt?page=1"] == links(pages[1])["prev"]
        assert links(pages[1])["last"] == [f"{DOCUMENTED}.nt?page={len(pages)}"]
        assert links(pages[1])["canonical"] == [f"{BASE}{DOCUMENTED[1:]}?page=2"]
    finally:
        app.extensions["missiegraaf"].close()


def test_a_page_for_people_leads_to_the_others(client: FlaskClient) -> None:
    first = client.get(DOCUMENTED + ".html?lang=en").text
    assert f'rel="next" href="{DOCUMENTED}?page=2&amp;lang=en"' in first
    assert 'rel="prev"' not in first
    second = client.get(DOCUMENTED + ".html?lang=en&page=2").text
    assert f'rel="prev" href="{DOCUMENTED}?page=1&amp;lang=en"' in second
    assert set(re.findall(r'href="(/id/[^"]+)"', first)) != set(re.findall(r'href="(/id/[^"]+)"', second))


@pytest.mark.parametrize("suffix", ["ttl", "html"])
def test_a_page_that_is_not_there_is_not_found(client: FlaskClient, suffix: str) -> None:
    last = int(re.findall(r"page=(\d+)>; rel=\"last\"", client.get(f"{DOCUMENTED}.{suffix}").headers["Link"])[0])
    beyond = client.get(f"{DOCUMENTED}.{suffix}?page={last + 1}")
    assert (beyond.status_code, beyond.json["detail"]) == (  # type: ignore[index]
        404, f"there is no page {last + 1}; the last one is {last}"
    )  # fmt: skip
    assert client.get(f"{ENERGY}.{suffix}?page=1").status_code == 200
    assert "the last one is 1" in client.get(f"{ENERGY}.{suffix}?page=999999999").text


@pytest.mark.parametrize("page", ["", "0", "-1", "1.0", "x", "٣", "1" * 10, "1" * 5000, "1&page=2"])
def test_what_is_no_page_number_is_told_so(client: FlaskClient, page: str) -> None:
    answer = client.get(f"{ENERGY}.ttl?page={page}")
    assert answer.status_code == 400
    assert "expected one whole number, from 1" in answer.text


# --- time


def test_last_modified_is_the_time_of_the_newest_change(service: FlaskClient, admin: dict[str, str]) -> None:
    before = service.get(ENERGY + ".ttl")
    assert before.headers["Last-Modified"] == "Sat, 21 Nov 2026 00:00:00 GMT"
    update = 'INSERT DATA { place:estonia skos:altLabel "Eesti Vabariik"@et }'
    assert service.post("/update", data={"update": update}, headers=admin).status_code == 204
    after = service.get(ENERGY + ".ttl")
    if "Last-Modified" in after.headers:  # within the second of a Change nobody is told when it was
        assert after.last_modified > before.last_modified  # type: ignore[operator]
    since = {"If-Modified-Since": before.headers["Last-Modified"]}
    assert service.get(ENERGY + ".ttl", headers=since).status_code == 200
    assert service.get(ENERGY + ".ttl", headers={"If-None-Match": before.headers["ETag"]}).status_code == 304


# --- IRIs


def test_however_a_path_is_encoded_it_names_one_thing(client: FlaskClient) -> None:
    for path in ("/id/topsector/%65nergie", "/id/%74opsector/energie", "/id/topsector/energi%65"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, ENERGY)


@pytest.mark.parametrize(
    "path",
    [
        "/id/organisation/caf%C3%A9",
        "/id/organisation/caf%c3%a9",
        "/id/organisation/café",
        "/id/organisation/a%2541",
        "/id/organisation/a%20b",
        "/id/organisation/a%00b",
        "/id/organisation/%FF",
        "/id/organisation/a%2Fb",
        "/id/topsector/energie.",
        "/id/topsector/energie%2E",
        "/id/topsector/..",
        "/id/../shapes",
        "/id/topsector/%2E%2E",
        "/doc/topsector/energie.pdf",
        "/doc/topsector/energie.ttl.html",
        "/doc/topsector/energie/",
        "/doc/topsector/",
        "/id/topsector/energie%3Fx",
        "/id/topsector/energie%23x",
        "/id/topsector/a%7Bb%7C%5E%60",
    ],
)
def test_what_names_nothing_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code in ((200, 404) if path.endswith("energie/") else (404,))


def test_slashes_too_many_lead_to_the_path_without_them(client: FlaskClient) -> None:
    answer = client.get("/id//topsector///energie")
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/id/topsector/energie")


PIECES = st.one_of(
    st.text(max_size=8),
    st.binary(max_size=6).map(lambda found: "".join(f"%{byte:02x}" for byte in found)),
    st.sampled_from(
        ["..", ".", "%2e%2E", "%2F", "%5C", "//", "energie", "topsector", ".ttl", "%", "%G", ";", "@", "'", '"', "{}"]
    ),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["id", "doc", "def", "shapes", "context"]), st.lists(PIECES, max_size=4), st.sampled_from(["/", ""])
)
def test_no_path_is_an_error_of_ours(client: FlaskClient, start: str, pieces: list[str], between: str) -> None:
    path = f"/{start}/" + between.join(pieces).replace("?", "").replace("#", "")
    answer = client.get(path)
    assert answer.status_code in (200, 303, 308, 400, 404)
    assert "\n" not in answer.headers.get("Location", "")


def test_a_thing_whose_name_is_not_ascii_is_found(tmp_path: Path) -> None:
    names = {"café": "caf%C3%A9", "a%20b": "a%20b", "notes.html": "notes.html", "π.ttl": "%CF%80.ttl"}
    extra = "".join(f'<{BASE}id/term/{name}> <http://www.w3.org/2004/02/skos/core#prefLabel> "x" .\n' for name in names)
    (tmp_path / "more.nt").write_text(extra, encoding="utf-8")
    read = transaction.read([tmp_path / "more.nt"])
    with embedded.lock(tmp_path):
        transaction.load(tmp_path, read, trusted=True)
    app = create_app(Settings(store=str(tmp_path), readers=1))
    app.test_client_class = Client
    try:
        for name, encoded in names.items():
            led = app.test_client().get(f"/id/term/{encoded}")
            assert (led.status_code, led.headers["Location"]) == (303, f"/doc/term/{encoded}"), name
            answer = app.test_client().get(led.headers["Location"], headers={"Accept": "application/n-triples"})
            assert f"<{BASE}id/term/{name}>" in {str(triple.subject) for triple in triples(answer)}
            assert links(answer)["describes"] == [f"{BASE}id/term/{encoded}"]
            assert app.test_client().get(f"/doc/term/{encoded}.ttl").mimetype == "text/turtle"
    finally:
        app.extensions["missiegraaf"].close()


def test_every_kind_of_thing_is_in_the_table() -> None:
    assert len(KINDS) >= 60


@only_embedded
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_document_comes_in_every_format(client: FlaskClient, name: str) -> None:
    graphs = []
    for offer in (*media.GRAPHS, media.HTML):
        by_suffix = client.get(f"/doc/{name}.{offer.suffix}")
        by_accept = client.get(f"/doc/{name}", headers={"Accept": offer.media_type})
        assert by_suffix.status_code == by_accept.status_code == 200
        assert by_suffix.data == by_accept.data or offer == media.HTML  # which links to itself in the other language
        assert by_suffix.mimetype == by_accept.mimetype == offer.media_type
        if offer in (media.TURTLE, media.N_TRIPLES, media.RDF_XML):
            graphs.append({quad.triple for quad in parse(by_suffix.data, offer.rdf)})
    assert graphs[0] == graphs[1] == graphs[2] != set()
