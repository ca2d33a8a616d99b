"""`missiegraaf validate`: the report as text, JSON, SARIF and Turtle, with places and in two languages."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rdflib import RDF, SH, Graph, Literal, URIRef

from missiegraaf import files
from missiegraaf.namespaces import BASE

PREFIXES = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in files.prefixes().items())
# A mission without a label in English; the record says on its third line what it is.
RECORD = """
mission:example a mg:Mission ;
    skos:prefLabel "Een voorbeeld"@nl ;
    mg:evidence source:seed-004 ;
    mg:evidenceStatus evidence-status:documented ;
    mg:policyPeriod period:2019-2023 ;
    mg:theme theme:veiligheid .
"""
LINE = PREFIXES.count("\n") + 3


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "missions.ttl"
    path.write_text(PREFIXES + RECORD, encoding="utf-8")
    return path


def validate(record: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "missiegraaf", "validate", str(record), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def in_json(record: Path) -> subprocess.CompletedProcess[str]:
    return validate(record, "--format", "json")


@pytest.fixture
def result(in_json: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one finding, as JSON has it."""
    (found,) = json.loads(in_json.stdout)["results"]
    return dict(found)


def test_json_keeps_the_contract(record: Path, in_json: subprocess.CompletedProcess[str]) -> None:
    assert in_json.returncode == 1
    report = json.loads(in_json.stdout)
    assert report["conforms"] is False
    (result,) = report["results"]
    members = "file line column focusNode path value severity constraint message fix example"
    assert set(result) == set(members.split())
    assert result["file"] == str(record)
    assert (result["line"], result["column"]) == (LINE, 5)
    assert result["focusNode"] == "https://w3id.org/missiegraaf/id/mission/example"
    assert result["path"] == "http://www.w3.org/2004/02/skos/core#prefLabel"
    assert set(result["message"]) == set(result["fix"]) == {"nl", "en"}
    assert result["example"] == '"Technology Pact"@en'


@pytest.mark.parametrize(("lang", "severity"), [("nl", "overtreding"), ("en", "violation")])
def test_text_says_where_what_and_how_to_mend(record: Path, result: dict[str, Any], lang: str, severity: str) -> None:
    done = validate(record, "--lang", lang)
    assert f"{record}:{LINE}:5: {severity}: {result['message'][lang]}" in done.stdout
    assert f"    -> {result['fix'][lang]}" in done.stdout
    assert f"{ {'nl': 'bijvoorbeeld', 'en': 'for example'}[lang] }: {result['example']}" in done.stdout


def test_sarif_has_a_place_for_each_result(record: Path) -> None:
    log = json.loads(validate(record, "--format", "sarif").stdout)
    (result,) = log["runs"][0]["results"]
    assert log["version"] == "2.1.0"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == LINE
    assert result["properties"]["example"] == '"Technology Pact"@en'


def test_turtle_is_a_validation_report_with_the_texts_of_the_shapes(record: Path, result: dict[str, Any]) -> None:
    graph = Graph().parse(data=validate(record, "--format", "turtle").stdout, format="turtle")
    (node,) = graph.subjects(RDF.type, SH.ValidationResult)
    for member, predicate in (("message", SH.resultMessage), ("fix", URIRef(BASE + "shapes#fix"))):
        texts = [text for text in graph.objects(node, predicate) if isinstance(text, Literal)]
        assert {text.language: str(text) for text in texts} == result[member]
        assert len(texts) == 2
    assert (None, SH.conforms, Literal(False)) in graph


def test_a_record_in_order_conforms(record: Path, tmp_path: Path) -> None:
    mended = tmp_path / "missions.ttl"
    mended.write_text(record.read_text().replace('"@nl ;', '"@nl, "An example"@en ;'), encoding="utf-8")
    done = validate(mended)
    assert (done.returncode, done.stdout) == (0, "conforms: 0 findings\n")


def test_a_file_that_cannot_be_read_is_code_two_and_a_finding(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("a b", encoding="utf-8")
    done = validate(broken, "--format", "json")
    assert done.returncode == 2
    assert "broken.ttl:1:" in done.stderr
    report = json.loads(done.stdout)
    assert (report["conforms"], report["count"], report["results"][0]["line"]) == (False, 1, 1)
    graph = Graph().parse(data=validate(broken, "--format", "turtle").stdout, format="turtle")
    (node,) = graph.subjects(RDF.type, SH.ValidationResult)
    assert {text.language for text in graph.objects(node, SH.resultMessage) if isinstance(text, Literal)} == {
        "nl",
        "en",
    }
    assert (None, SH.conforms, Literal(False)) in graph


def test_fix_makes_the_mends_that_work_says_what_it_did_and_leaves_the_rest(tmp_path: Path) -> None:
    path, right = (
        tmp_path / "missions.ttl",
        RECORD.replace(" ;\n    mg:evidence ", ', "Een voorbeeld"@en ;\n    mg:evidence '),
    )
    path.write_text(
        "# a heading\n" + PREFIXES + RECORD.replace("theme:veiligheid", "theme:veilighei"), encoding="utf-8"
    )
    before, shown = path.read_bytes(), validate(path, "--diff")
    assert (shown.returncode, path.read_bytes()) == (0, before)
    assert "-    mg:theme theme:veilighei ." in shown.stdout
    assert "+    mg:theme theme:veiligheid ." in shown.stdout
    done = validate(path, "--fix")
    assert (done.returncode, done.stdout) == (0, "conforms: 0 findings\n"), done.stderr
    assert path.read_text(encoding="utf-8") == "# a heading\n" + PREFIXES + right
    assert "2 mends made" in done.stderr
    assert '+    skos:prefLabel "Een voorbeeld"@nl, "Een voorbeeld"@en ;' in done.stderr
    assert [*tmp_path.iterdir()] == [path]


def test_fix_changes_nothing_where_it_cannot_and_says_so(tmp_path: Path) -> None:
    graph = Graph().parse(data=PREFIXES + RECORD.replace("theme:veiligheid", "theme:veilighei"), format="turtle")
    path = tmp_path / "missions.jsonld"
    path.write_text(graph.serialize(format="json-ld"), encoding="utf-8")
    before = path.read_bytes()
    done = validate(path, "--fix")
    assert (done.returncode, path.read_bytes()) == (1, before)
    assert "2 mends cannot be written into this text; expected Turtle" in done.stderr
    broken = tmp_path / "broken.ttl"
    broken.write_text("a b", encoding="utf-8")
    done = validate(broken, "--fix")
    assert (done.returncode, broken.read_text()) == (2, "a b")
    assert "broken.ttl:1:" in done.stderr
