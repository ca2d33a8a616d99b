"""The change feed over HTTP: formats, caching, and what is told of what is not there."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Quad, RdfFormat, parse
from werkzeug.test import TestResponse

from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.formats import media
from missiegraaf.namespaces import ADMS, AS, BASE, DCT, LDES, RDF, TREE

from ...publishing.replay import nodes, objects
from .conftest import ATLANTIS

ATOM = "{http://www.w3.org/2005/Atom}"
NQ = {"Accept": "application/n-quads"}


def quads(answer: TestResponse) -> list[Quad]:
    assert answer.status_code == 200, answer.text
    return list(parse(answer.data, RdfFormat.N_QUADS))


def followed(client: FlaskClient) -> list[tuple[TestResponse, list[Quad]]]:
    """The root of the feed and its pages, as it leads to them."""
    root = client.get("/feed", headers=NQ)
    pages = [client.get(node.removeprefix("http://localhost"), headers=NQ) for node in nodes(quads(root))]
    return [(answer, quads(answer)) for answer in (root, *pages)]


def test_what_is_written_is_on_the_last_page_at_once(harvested: FlaskClient, written: int) -> None:
    last = followed(harvested)[-1][1]
    name = f"{BASE}version/{written}/doc/place/atlantis"
    said = {
        quad.predicate.value: getattr(quad.object, "value", "") for quad in last if str(quad.subject) == f"<{name}>"
    }
    assert said[RDF + "type"] == AS + "Delete"
    assert said[DCT + "isVersionOf"] == BASE + "id/place/atlantis"
    assert (said[BASE + "def#authorRole"], said[ADMS + "versionNotes"]) == ("editor", f"DELETE {ATLANTIS}")
    assert said[DCT + "isReplacedBy"] == BASE + "id/place/estonia"
    assert not [quad for quad in last if str(quad.graph_name) == f"<{name}>"]
    before = name.replace(f"/{written}/", f"/{written - 1}/")
    assert len([quad for quad in last if str(quad.graph_name) == f"<{before}>"]) == 5


def test_pages_that_are_full_never_change_and_the_last_one_is_asked_again(harvested: FlaskClient, written: int) -> None:
    (root, _), *pages = followed(harvested)
    assert len(pages) == 15
    assert root.headers["Missiegraaf-Version"] == str(written)
    for number, (answer, found) in enumerate(pages, 1):
        full = number < len(pages)
        assert objects(found, LDES + "immutable") == ["true"] * full
        assert ("immutable" in answer.headers["Cache-Control"]) == full
        again = harvested.get(f"/feed/{number}", headers=NQ | {"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
    members = [member for _, found in pages for member in objects(found, TREE + "member")]
    assert len(members) == len(set(members)) == 250 * 14 + len(objects(pages[-1][1], TREE + "member"))


@pytest.mark.parametrize("path", ["/feed", "/feed/1"])
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/trig"),
        ("application/trig", "application/trig"),
        ("application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9", "application/n-quads"),
        ("application/ld+json", "application/ld+json"),
    ],
)
def test_the_feed_speaks_what_harvesters_ask(harvested: FlaskClient, path: str, accept: str, media_type: str) -> None:
    answer = harvested.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    suffix = {"application/trig": "trig", "application/n-quads": "nq", "application/ld+json": "jsonld"}[media_type]
    by_suffix = harvested.get(f"{path}.{suffix}")
    assert by_suffix.data == answer.data
    assert set(parse(answer.data, media.RDF[suffix])) == set(quads(harvested.get(path, headers=NQ)))
    assert harvested.head(path, headers={"Accept": accept}).headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/feed/0", 404, "the last one is 15"),
        ("/feed/16", 404, "the last one is 15"),
        ("/feed/-1", 404, "the last one is 15"),
        ("/feed/1.5", 404, ".trig"),
        ("/feed/1.html", 404, ".trig"),
        ("/feed/one", 404, "the last one is 15"),
        ("/feed/99999999999999999999", 404, "the last one is 15"),
        ("/feed/%D9%A1%D9%A2%D9%A3", 404, "the last one is 15"),
        ("/feed?after=", 400, "expected the number of a version"),
        ("/feed?after=x", 400, "expected the number of a version"),
        ("/feed?after=-3", 400, "expected the number of a version"),
        ("/feed.xlsx", 404, ".trig"),
        ("/dumps/missiegraaf-1.nq.bz2", 404, "missiegraaf-1.nq.gz"),
        ("/dumps/missiegraaf-7.nq.gz", 404, "there are: 1"),
        ("/dumps/missiegraaf-.nq.gz", 404, "missiegraaf-latest.nq.gz"),
        ("/dumps/missiegraaf-99999999999999999999.nq.gz", 404, "missiegraaf-latest.nq.gz"),
        ("/dumps/facts.json", 404, "missiegraaf-latest.nq.gz"),
        ("/dumps/..%2F..%2Ftokens.sqlite", 404, ""),
        ("/feed/01", 404, "the last one is 15"),
        ("/version/99/doc/place/estonia", 404, "99"),
        ("/version/0/doc/place/estonia", 404, "0"),
        ("/version/1/doc/place/atlantis", 404, "atlantis"),
        ("/version/x/doc/place/estonia", 404, ""),
    ],
)
def test_what_is_not_there_is_told_with_what_is(harvested: FlaskClient, path: str, status: int, said: str) -> None:
    answer = harvested.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert said in answer.get_json()["detail"]


def test_who_has_a_dump_goes_on_where_it_ends(harvested: FlaskClient, written: int) -> None:
    answer = harvested.get("/feed?after=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/feed/15")
    assert harvested.get("/feed.nq?after=1").headers["Location"] == "/feed/15.nq"
    assert objects(quads(harvested.get("/feed/15", headers=NQ)), BASE + "def#version").count(str(written)) == 1


def test_who_was_away_too_long_is_sent_to_a_dump(settings: Settings, tmp_path: Path) -> None:
    own = shutil.copytree(settings.store, tmp_path / "store", symlinks=True)
    shutil.rmtree(own / "published" / "feed")
    app = create_app(Settings(store=str(own), readers=1, feed_pages=3))
    client = app.test_client()
    try:
        root = quads(client.get("/feed", headers=NQ))
        assert nodes(root) == [f"http://localhost/feed/{number}" for number in (13, 14, 15)]
        assert len(objects(root, LDES + "startingFrom")) == 1
        for path in ("/feed/12", "/feed?after=0"):
            answer = client.get(path)
            assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
            problem = answer.get_json()
            assert client.get(problem["dump"]).status_code == 302
            assert client.get(problem["next"]).status_code == 303
        assert client.get("/feed/13").status_code == 200
    finally:
        app.extensions["missiegraaf"].close()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_people_read_the_newest_changes_as_a_page_and_as_an_atom_feed(
    harvested: FlaskClient, written: int, language: str
) -> None:
    page = harvested.get(f"/feed?lang={language}", headers={"Accept": "text/html"})
    assert "it rose &lt;again&gt; &amp;" in page.text
    atom = harvested.get(f"/feed.atom?lang={language}")
    assert atom.mimetype == "application/atom+xml"
    found = ET.fromstring(atom.data)  # noqa: S314  # our own
    entries = found.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"{BASE}log#{n}" for n in range(written, 1, -1)]
    assert found.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")
    assert entries[1].findtext(f"{ATOM}summary") == "it rose <again> & \ufffd"
    for entry in entries:
        (link,) = entry.findall(f"{ATOM}link")
        assert harvested.get(link.attrib["href"]).status_code == 200


def test_a_version_of_a_record_is_read_again_as_it_was(harvested: FlaskClient, written: int) -> None:
    there = harvested.get(f"/version/{written - 1}/doc/place/atlantis", headers={"Accept": "application/n-triples"})
    assert there.status_code == 200
    assert len(there.data.splitlines()) == 5
    assert "immutable" in there.headers["Cache-Control"]
    assert harvested.get(f"/version/{written}/doc/place/atlantis").status_code == 404
    now = harvested.get("/v1/records/place/estonia", headers={"Accept": "application/n-triples"})
    then = harvested.get("/version/1/doc/place/estonia", headers={"Accept": "application/n-triples"})
    assert then.data == now.data


def test_a_service_that_does_not_publish_says_so(store: Path, tmp_path: Path) -> None:
    own = shutil.copytree(store, tmp_path / "store", symlinks=True)
    app = create_app(Settings(store=str(own), readers=1, publish=False))
    try:
        for path in ("/feed", "/feed/1", "/dumps/", "/dumps/latest", "/dumps/missiegraaf-1.nq.gz"):
            answer = app.test_client().get(path)
            assert (answer.status_code, "publishes no" in answer.get_json()["detail"]) == (404, True)
    finally:
        app.extensions["missiegraaf"].close()


def test_a_request_that_names_no_host_is_told_so(harvested: FlaskClient) -> None:
    """Addresses in an answer would lead nowhere (RFC 9112, 3.2)."""
    answer = harvested.get("/feed/1", headers={"Host": 'a"b'})
    assert (answer.status_code, "Host" in answer.get_json()["detail"]) == (400, True)
