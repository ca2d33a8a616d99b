"""Sheets over HTTP and on the command line: a template, a check, a dry run, an import as one Change or nothing."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.namespace import RDF, SH
from werkzeug.test import TestResponse

from missiegraaf import forms, tokens
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.formats import media

from .conftest import Client, only_embedded, serving

BASE = "https://w3id.org/missiegraaf/"
SHEETS = Path(__file__).parents[1] / "sheets"
RIGHT, WRONG = ((SHEETS / f"{name}.csv").read_bytes() for name in ("right", "ten-mistakes"))
NORTH, SOUTH = (f"/v1/records/learning-community/fieldlab-{name}" for name in ("noord", "zuid"))
# Of these the second refers to the first, which has no English name.
DEPENDING = b"""learning community;naam (nl);naam (en);hangt samen met;bewijsstatus;bewijsplaats
fieldlab-oost;Fieldlab Oost;;;gedocumenteerd;source:seed-004
fieldlab-west;Fieldlab West;Fieldlab West;learning-community:fieldlab-oost;gedocumenteerd;source:seed-004
fieldlab-noord;Fieldlab Noord;Fieldlab North;;gedocumenteerd;source:seed-004
"""


@pytest.fixture(scope="module")
def client(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The application, which takes its time: a reader reads forms and shapes before its first sheet."""
    own = shutil.copytree(store, tmp_path_factory.mktemp("sheets") / "store", symlinks=True)
    app = create_app(Settings(store=str(own), query_seconds=60, readers=1))
    app.test_client_class = Client
    yield app.test_client()
    app.extensions["missiegraaf"].close()


def send(client: FlaskClient, content: bytes, headers: dict[str, str], **query: str) -> TestResponse:
    asked = {name.replace("_", "-"): value for name, value in query.items()}
    return client.post("/v1/import", data=content, headers=headers, query_string=asked, content_type="text/csv")


def validate(client: FlaskClient, content: bytes, accept: str = "application/json", **query: str) -> TestResponse:
    kind = query.pop("content_type", "text/csv")
    return client.post("/v1/validate", data=content, query_string=query, headers={"Accept": accept}, content_type=kind)


def outcomes(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code in (200, 400), answer.text
    return {str(row["record"]).rpartition("/")[2]: row["outcome"] for row in answer.get_json()["records"]}


def version(client: FlaskClient) -> int:
    return int(client.get("/health").get_json()["version"])


def test_every_class_has_a_template_that_the_page_links_to(client: FlaskClient) -> None:
    page, found = client.get("/validate?lang=nl").text, 0
    for form in forms.forms().values():
        for suffix in () if form.is_part else ("csv", "xlsx"):
            path = f"/templates/{form.key}.{suffix}?lang=nl"
            assert f'href="{path}"' in page
            found += 1
    assert found >= 86
    for offer in media.SHEETS:
        answer = client.get(f"/templates/learning-community.{offer.suffix}", query_string={"lang": "en"})
        assert (answer.status_code, answer.content_type) == (200, offer.content_type)
        assert answer.headers["ETag"]
        assert "learning-community" in answer.headers["Content-Disposition"]
    assert client.get("/templates/learning-community.csv?lang=en").data.startswith(
        b"\xef\xbb\xbfLearning community,name (nl)"
    )
    filled = client.get("/templates/learning-community.csv?lang=nl&filled=true").text
    assert filled.count("\r\n") >= 300
    for wrong in ("/templates/nothing.csv", "/templates/zone.ods", "/templates/claim.csv"):
        assert client.get(wrong).status_code == 404
    assert client.get("/templates/zone.csv?filled=yes").status_code == 400


def test_a_sheet_is_checked_as_other_records_are_and_each_finding_has_its_cell(client: FlaskClient) -> None:
    answer = validate(client, WRONG)
    found = answer.get_json()
    assert (answer.status_code, found["conforms"], found["count"]) == (200, False, 10)
    assert [f["cell"] for f in found["results"]][:3] == ["P1", "C2", "H2"]
    assert [(f["line"], f["column"]) for f in found["results"]][:3] == [(1, 16), (2, 3), (2, 8)]
    assert found["results"][2]["proposals"] == [f"{BASE}id/community-status/active"]
    assert validate(client, RIGHT).get_json()["conforms"]
    text = validate(client, WRONG, "text/plain", lang="nl").text
    assert "body.csv:H2: overtreding: 'aktief' is niet bekend" in text
    sarif = validate(client, WRONG, "application/sarif+json")
    places = [result["locations"][0] for result in json.loads(sarif.data)["runs"][0]["results"]]
    assert places[0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 16}
    assert places[0]["logicalLocations"] == [{"fullyQualifiedName": "P1"}]
    turtle = validate(client, WRONG, "text/turtle").text
    graph = Graph().parse(data=turtle, format="turtle")
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert str(graph.value(report, SH.conforms)) == "false"
    components = [str(component) for component in graph.objects(None, SH.sourceConstraintComponent)]
    assert sum(component.endswith("#unreadable-cell") for component in components) == 8


@pytest.mark.parametrize(("language", "cell"), [("nl", "cel H2"), ("en", "cell H2")])
def test_the_page_takes_a_sheet_and_names_the_cells(client: FlaskClient, language: str, cell: str) -> None:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in (["learning community", "lid"], ["ace-mobility", "Saxoin"]):
        book.active.append(row)
    book.active.title = "Blad1"
    book.save(target)
    for content, name, told in ((WRONG, "ten.csv", cell), (target.getvalue(), "x.XLSX", "Blad1!B2")):
        sent = {"records": "", "format": "ttl", "file": (io.BytesIO(content), name)}
        answer = client.post("/validate", query_string={"lang": language}, data=sent)
        assert (answer.status_code, told in answer.text) == (200, True), told
    pasted = client.post(
        "/validate", query_string={"lang": language}, data={"records": WRONG.decode(), "format": "csv"}
    )
    assert cell in pasted.text


def test_a_sheet_that_cannot_be_read_is_a_finding_and_a_class_that_is_not_there_a_bad_request(
    client: FlaskClient,
) -> None:
    for content, kind in ((b"a;b\n\0", "text/csv"), (b"nothing", media.XLSX.media_type), (b"a;b\n\xe9", "text/csv")):
        (finding,) = validate(client, content, content_type=kind).get_json()["results"]
        assert finding["constraint"].endswith("#unreadable-sheet")
        assert finding["message"]["nl"] != finding["message"]["en"]
    assert validate(client, RIGHT, **{"class": "lerning-community"}).status_code == 400
    assert validate(client, b"record;naam (nl)\nx;y\n", **{"class": "zone"}).get_json()["count"] > 0
    assert validate(client, RIGHT, content_type="application/vnd.ms-excel.sheet.macroEnabled.12").status_code == 415
    for kind in ("unreadable-sheet", "unreadable-cell", "not-imported"):
        assert f'id="{kind}"' in client.get("/problems", headers={"Accept": "text/html"}).text


@only_embedded
def test_a_dry_run_tells_what_would_be_and_writes_nothing(service: FlaskClient, editor: dict[str, str]) -> None:
    before = version(service)
    answer = send(service, RIGHT, editor, dry_run="true")
    assert answer.get_json()["counts"] == {"new": 2, "changed": 0, "unchanged": 0, "wrong": 0}
    assert outcomes(answer) == {"fieldlab-noord": "new", "fieldlab-zuid": "new"}
    wrong = send(service, WRONG, editor, dry_run="true")
    assert (wrong.status_code, wrong.get_json()["counts"]["wrong"]) == (200, 4)
    assert version(service) == before
    assert service.get(NORTH).status_code == 404


@only_embedded
def test_a_sheet_is_imported_as_one_change_and_again_changes_nothing(
    service: FlaskClient, editor: dict[str, str]
) -> None:
    before = version(service)
    answer = send(service, RIGHT, editor | {"Missiegraaf-Reason": "two field labs"})
    assert (answer.status_code, answer.headers["Missiegraaf-Version"]) == (200, str(before + 1))
    for path in (NORTH, SOUTH):
        (change,) = service.get(f"{path}/history").get_json()["changes"]
        assert (change["version"], change["reason"], change["removed"]) == (before + 1, "two field labs", [])
    again = send(service, RIGHT, editor)
    assert again.get_json()["counts"] == {"new": 0, "changed": 0, "unchanged": 2, "wrong": 0}
    assert (again.headers["Missiegraaf-Version"], version(service)) == (str(before + 1), before + 1)
    altered = RIGHT.replace(
        b"actief;juni 2023;source:seed-004;31-1-2020", b"gepland;juni 2023;source:seed-004;31-1-2020"
    )
    answer = send(service, altered, editor)
    (row,) = [row for row in answer.get_json()["records"] if row["outcome"] == "changed"]
    assert (row["row"], row["record"]) == (3, f"{BASE}id/learning-community/fieldlab-zuid")
    assert row["properties"] == [f"{BASE}def#claim", f"{BASE}def#communityStatus"]
    filled = service.get("/templates/learning-community.xlsx?filled=true").data
    answer = service.post("/v1/import", data=filled, headers=editor, content_type=media.XLSX.media_type)
    assert set(outcomes(answer).values()) == {"unchanged"}
    assert (len(outcomes(answer)) > 300, version(service)) == (True, before + 2)
    assert service.post(f"{SOUTH}/history/{before + 2}/undo", headers=editor).status_code == 204


@only_embedded
def test_where_a_row_is_wrong_nothing_is_imported_or_if_asked_what_is_right_without_it(
    service: FlaskClient, editor: dict[str, str]
) -> None:
    before = version(service)
    refused = send(service, DEPENDING, editor)
    assert (refused.status_code, refused.content_type) == (400, "application/problem+json")
    assert outcomes(refused) == {"fieldlab-oost": "wrong", "fieldlab-west": "new", "fieldlab-noord": "new"}
    assert [f["cell"] for f in refused.get_json()["results"]] == ["C2"]
    assert version(service) == before
    taken = send(service, DEPENDING, editor, only="right")
    # The one that refers to the wrong one cannot be there without it.
    assert outcomes(taken) == {"fieldlab-oost": "wrong", "fieldlab-west": "wrong", "fieldlab-noord": "new"}
    assert {f["cell"] for f in taken.get_json()["results"]} == {"C2", "D3"}
    assert (taken.status_code, version(service)) == (200, before + 1)
    assert service.get(NORTH).status_code == 200
    assert service.get("/v1/records/learning-community/fieldlab-west").status_code == 404
    assert send(service, WRONG, editor, only="right").status_code == 400  # the headers are wrong
    assert version(service) == before + 1


@only_embedded
def test_who_may_not_write_may_not_import_and_each_try_is_on_the_trail(
    service: FlaskClient, editor: dict[str, str], own_store: Path
) -> None:
    assert send(service, RIGHT, {}).status_code == 401
    assert send(service, RIGHT, {"Authorization": "Bearer nonsense"}).status_code == 401
    assert send(service, RIGHT, editor, only="wrong").status_code == 400
    assert send(service, RIGHT, editor, dry_run="1").status_code == 400
    assert service.post("/v1/import", data=b"{}", headers=editor, content_type="application/json").status_code == 415
    tried = [entry for entry in tokens.trail(own_store) if "/v1/import" in " ".join(map(str, entry))]
    assert len(tried) == 5


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "missiegraaf", *arguments]
    return subprocess.run(line, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120)


def test_from_a_template_to_an_import_on_the_command_line(own_store: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "zones.csv"
    done = command("template", "zone", "--format", "csv", "--filled", "--out", str(sheet), "--store", str(own_store))
    assert (done.returncode, done.stderr) == (0, "")
    assert sheet.read_text(encoding="utf-8-sig").startswith("Zone;naam (nl)")
    token = tokens.create(own_store, "an editor", "editor")
    with serving("--store", str(own_store), MISSIEGRAAF_READERS="1") as url:

        def run(name: Any, *options: str) -> subprocess.CompletedProcess[str]:
            return command("import", str(name), "--url", url, *options, MISSIEGRAAF_TOKEN=token)

        same = run(sheet)
        assert (same.returncode, same.stdout.splitlines()[-1]) == (0, "0 new, 0 changed, 6 unchanged, 0 wrong")
        dry = run(SHEETS / "right.csv", "--dry-run", "--lang", "nl")
        assert (dry.returncode, "2 nieuw" in dry.stdout) == (0, True)
        wrong = run(SHEETS / "ten-mistakes.csv", "--lang", "nl")
        assert wrong.returncode == 1
        assert "ten-mistakes.csv:H2: overtreding: 'aktief' is niet bekend" in wrong.stdout
        partly = tmp_path / "partly.csv"
        partly.write_bytes(DEPENDING)
        assert run(partly).returncode == 1
        assert run(partly, "--only-right").returncode == 0
        assert "2 wrong" in run(partly, "--only-right", "--dry-run").stdout
        assert command("import", str(sheet), "--url", url).returncode == 2
        assert command("import", str(sheet), "--url", url, MISSIEGRAAF_TOKEN="x").returncode == 2  # noqa: S106
        assert run(tmp_path / "zones.ods").returncode == 2


@pytest.mark.parametrize("style", ["text", "json", "sarif", "turtle"])
def test_a_sheet_is_checked_on_the_command_line(style: str) -> None:
    done = command("validate", str(SHEETS / "ten-mistakes.csv"), "--format", style)
    assert done.returncode == 1
    assert ("unreadable-cell" in done.stdout, done.stderr) == (True, "")


def test_a_sheet_that_does_not_name_its_class_is_checked_where_the_command_does(tmp_path: Path) -> None:
    hand = tmp_path / "hand.csv"
    hand.write_text("record;naam (nl);naam (en)\nhuman-capital;Zone;Zone\n", encoding="utf-8")
    assert command("validate", str(hand)).returncode == 2
    assert command("validate", str(hand), "--class", "zone").returncode == 0


def test_a_sheet_of_no_known_format_is_refused_on_the_command_line(tmp_path: Path) -> None:
    macros = tmp_path / "macros.xlsm"
    macros.write_bytes(b"PK")
    assert command("validate", str(macros)).returncode == 2
