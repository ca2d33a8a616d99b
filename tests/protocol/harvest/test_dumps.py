"""Dumps over HTTP: whole, in part, and found from `latest`."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from missiegraaf import dumps, export
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.formats import media
from missiegraaf.namespaces import BASE

from ..conftest import Client


def test_a_dump_is_the_graph_of_its_version_and_is_found_from_latest(
    harvested: FlaskClient, settings: Settings
) -> None:
    answer = harvested.get("/dumps/missiegraaf-latest-inferred.nq.gz")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/dumps/missiegraaf-1-inferred.nq.gz")
    assert answer.headers["Cache-Control"] == "no-cache"
    answer = harvested.get(answer.headers["Location"])
    assert (answer.mimetype, "Content-Encoding" in answer.headers) == ("application/gzip", False)
    asserted, inferred = export.lines(embedded.read(Path(settings.store)), BASE)
    lines = [line for line in (*asserted, *inferred) if b"/atlantis" not in line]  # which came later
    assert gzip.decompress(answer.data) == b"".join(sorted(lines))
    assert "immutable" in answer.headers["Cache-Control"]
    sums = harvested.get("/dumps/missiegraaf-1.sha256").text.splitlines()
    assert f"{hashlib.sha256(answer.data).hexdigest()}  missiegraaf-1-inferred.nq.gz" in sums
    assert len(sums) == 16


def test_latest_is_in_the_format_that_is_asked(harvested: FlaskClient) -> None:
    tags = set()
    for accept, name in (("*/*", "nq"), ("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        answer = harvested.get("/dumps/latest", headers={"Accept": accept})
        assert answer.headers["Location"] == f"/dumps/missiegraaf-1.{name}"
        assert "Accept" in answer.headers["Vary"]
        packed = harvested.get(answer.headers["Location"] + ".gz").data
        for encoding in ("identity", "gzip", "gzip;q=0"):
            found = harvested.get(answer.headers["Location"], headers={"Accept-Encoding": encoding})
            assert (found.status_code, found.mimetype) == (200, media.by_suffix(name, dumps.FORMATS).media_type)
            assert (
                found.headers.get("Content-Encoding", "identity") == encoding.removesuffix(";q=0")
                or encoding[-1] == "0"
            )
            assert found.data == (packed if "Content-Encoding" in found.headers else gzip.decompress(packed))
            assert found.headers["Content-Length"] == str(len(found.data))
            again = {"Accept-Encoding": encoding, "If-None-Match": found.headers["ETag"]}
            assert harvested.get(answer.headers["Location"], headers=again).status_code == 304
            tags.add((name, "Content-Encoding" in found.headers, found.headers["ETag"]))
            assert "Accept-Encoding" in found.headers["Vary"]
    assert len(tags) == 6
    assert harvested.get("/dumps/latest", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("range_", "status", "length"),
    [
        ("bytes=0-99", 206, 100),
        ("bytes=-100", 206, 100),
        ("bytes=100-", 206, -100),
        ("bytes=0-99999999999", 206, 0),
        ("bytes=99999999999-", 416, None),
        ("bytes=5-1", 416, None),
        ("bytes=0-1,4-5", 200, 0),
        ("items=0-5", 200, 0),
        ("nonsense", 200, 0),
    ],
)
def test_a_dump_is_sent_in_part(harvested: FlaskClient, range_: str, status: int, length: int | None) -> None:
    """RFC 9110, 14.2: a range that is outside is 416; a unit that is not known is ignored, and so may several be."""
    whole = harvested.get("/dumps/missiegraaf-1.ttl.zst")
    assert whole.headers["Accept-Ranges"] == "bytes"
    answer = harvested.get("/dumps/missiegraaf-1.ttl.zst", headers={"Range": range_})
    assert answer.status_code == status
    if length is None:
        assert answer.headers["Content-Range"] == f"bytes */{len(whole.data)}"
        return
    assert len(answer.data) == (length if length > 0 else len(whole.data) + length)
    assert answer.data in whole.data
    assert answer.headers["ETag"] == whole.headers["ETag"]
    head = harvested.head("/dumps/missiegraaf-1.ttl.zst", headers={"Range": range_})
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(whole.data)))


def test_a_dump_that_changed_meanwhile_is_sent_whole(harvested: FlaskClient) -> None:
    """If-Range (RFC 9110, 13.1.5), and what a cache asks."""
    path = "/dumps/missiegraaf-1.nq.zst"
    tag = harvested.head(path).headers["ETag"]
    for if_range, status in ((tag, 206), ('"another"', 200)):
        assert harvested.get(path, headers={"Range": "bytes=0-9", "If-Range": if_range}).status_code == status
    assert harvested.get(path, headers={"If-None-Match": tag}).status_code == 304
    modified = harvested.head(path).headers["Last-Modified"]
    assert harvested.get(path, headers={"If-Modified-Since": modified}).status_code == 304


@pytest.mark.parametrize(("language", "word"), [("nl", "Uitgepakt"), ("en", "Unpacked")])
def test_the_list_of_dumps_leads_to_each(harvested: FlaskClient, language: str, word: str) -> None:
    page = harvested.get(f"/dumps/?lang={language}")
    assert (page.status_code, page.mimetype, word in page.text) == (200, "text/html", True)
    assert page.text.count('<a href="/dumps/missiegraaf-1') == 17


def test_a_store_that_is_named_from_the_working_directory_gives_its_dumps(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make serve` names it."""
    shutil.copytree(settings.store, tmp_path / "store", symlinks=True)
    monkeypatch.chdir(tmp_path)
    app = create_app(Settings(store="store", readers=1))
    app.test_client_class = Client
    try:
        for name in ("missiegraaf-1.ttl.gz", "missiegraaf-1.ttl"):
            assert app.test_client().get(f"/dumps/{name}").status_code == 200
        (tmp_path / "store/published/1/missiegraaf-1.ttl.gz").unlink()  # another version has just taken its place
        for name in ("missiegraaf-1.ttl.gz", "missiegraaf-1.ttl"):
            assert app.test_client().get(f"/dumps/{name}").status_code == 404
    finally:
        app.extensions["missiegraaf"].close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": "*"}, 200),
        ({"If-Match": '"another"'}, 412),
        ({"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 412),
        ({"Range": "bytes=0-3", "If-Range": 'W/"TAG"'}, 200),
        ({"Range": "bytes=0-3", "If-Range": '"TAG"'}, 206),
        ({"Range": "bytes=0-3", "If-Range": "Sun, 21 Nov 2027 00:00:00 GMT"}, 200),
        ({"Range": "bytes=0-3", "If-Range": "DATE"}, 206),
    ],
)
def test_a_dump_is_sent_as_its_conditions_say(harvested: FlaskClient, headers: dict[str, str], status: int) -> None:
    head = harvested.head("/dumps/missiegraaf-1.ttl.gz").headers
    known = {"TAG": head["ETag"].strip('"'), "DATE": head["Last-Modified"]}
    for name, value in known.items():
        headers = {key: text.replace(name, value) for key, text in headers.items()}
    answer = harvested.get("/dumps/missiegraaf-1.ttl.gz", headers=headers)
    assert answer.status_code == status
    if status == 412:
        assert (answer.mimetype, "immutable" in answer.headers.get("Cache-Control", "")) == (
            "application/problem+json",
            False,
        )


def test_a_dump_is_kept_under_the_name_of_what_comes(harvested: FlaskClient) -> None:
    for name in ("missiegraaf-1.ttl", "missiegraaf-1.ttl.gz"):
        answer = harvested.get(f"/dumps/{name}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Disposition"].endswith(f"filename={name}")
