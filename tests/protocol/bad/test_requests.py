"""Requests around a document: whose record, whose token, how many findings, how many bytes."""

import http.client
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.namespace import SH

from missiegraaf import tokens
from missiegraaf.namespaces import BASE

from ..conftest import started
from .conftest import HEAD, RIGHT, TURTLE


def test_a_record_is_not_written_as_another(bad: FlaskClient, token: dict[str, str]) -> None:
    answer = bad.put("/v1/records/place/utopia", data=RIGHT, content_type=TURTLE, headers=token)
    assert (answer.status_code, f"expected {BASE}doc/place/atlantis" in answer.text) == (403, True)


def test_only_a_token_that_is_valid_writes(bad: FlaskClient, folder: Path) -> None:
    revoked, expired = (
        tokens.create(folder, "a former editor", "editor"),
        tokens.create(folder, "a guest", "editor", -1),
    )
    tokens.revoke(folder, "a former editor")
    for given in ("", "Bearer", "Bearer wrong", f"Bearer {revoked}", f"Bearer {expired}", f"Basic {revoked}"):
        answer = bad.put(
            "/v1/records/place/atlantis", data=RIGHT, content_type=TURTLE, headers={"Authorization": given}
        )
        assert (answer.status_code, "token" in answer.get_json()["detail"]) == (401, True), given
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


MANY = HEAD + "".join(f"place:no-{number} a mg:Place .\n" for number in range(350))


@pytest.mark.parametrize("accept", ["application/json", "text/plain", "application/sarif+json", TURTLE, "text/html"])
def test_of_many_findings_the_first_are_shown_and_all_are_counted(bad: FlaskClient, accept: str) -> None:
    if accept == "text/html":
        answer = bad.post("/validate?lang=en", data={"records": MANY, "format": "ttl"})
    else:
        answer = bad.post("/v1/validate?lang=en", data=MANY, content_type=TURTLE, headers={"Accept": accept})
    assert answer.status_code == 200
    count = 3 * 350
    if accept == "application/json":
        told = answer.get_json()
        assert (told["count"], len(told["results"])) == (count, 1000)
        assert [finding["line"] for finding in told["results"]] == sorted(f["line"] for f in told["results"])
    elif accept == "application/sarif+json":
        (run,) = json.loads(answer.data)["runs"]
        assert (run["properties"]["count"], len(run["results"])) == (count, 1000)
    elif accept == TURTLE:
        graph = Graph().parse(data=answer.data, format="turtle")
        assert len(set(graph.objects(None, SH.result))) == 1000
        assert f"resultCount {count}" in answer.text
    else:
        assert f"{count} findings, of which here the first 1000" in answer.text


def parts(megabytes: int) -> Iterator[bytes]:
    for _ in range(16 * megabytes):
        yield b"#" * 65_535 + b"\n"


def peak(parent: int) -> int:
    """The most memory that the processes of a service had, in MB."""
    children = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal() and parent_of(p) == parent]
    said = [Path(f"/proc/{pid}/status").read_text(encoding="utf-8") for pid in (parent, *children)]
    return max(int(text.partition("VmHWM:")[2].split()[0]) for text in said if "VmHWM" in text) // 1024


def parent_of(process: Path) -> int:
    with suppress(OSError):
        return int((process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return 0


def test_a_body_without_end_is_not_read(folder: Path, tmp_path: Path) -> None:
    own = shutil.copytree(folder, tmp_path / "store", symlinks=True)
    header = {"Authorization": f"Bearer {tokens.create(Path(own), 'somebody', 'editor')}", "Content-Type": TURTLE}
    with started("--store", str(own)) as (address, process):
        before = peak(process.pid)
        for method, path in (("POST", "/v1/validate"), ("PUT", "/v1/records/place/atlantis"), ("POST", "/validate")):
            for sent, status, expected in (
                ({"Content-Length": str(200 * 1024**2)}, 413, "at most 4 MB"),
                ({"Transfer-Encoding": "chunked"}, 411, "expected Content-Length"),
            ):
                connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
                chunked = "Transfer-Encoding" in sent
                with suppress(ConnectionError):  # it says no before all is sent
                    connection.request(method, path, parts(200), header | sent, encode_chunked=chunked)
                answer = connection.getresponse()
                problem: dict[str, Any] = json.loads(answer.read())
                assert (answer.status, problem["status"]) == (status, status), problem
                assert expected in problem["detail"]
                connection.close()
        assert peak(process.pid) < before + 50
