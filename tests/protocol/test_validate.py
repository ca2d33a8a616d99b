"""Records checked over HTTP: in the midst of the graph, with the place of each finding, and nothing stored."""

import pytest
from flask.testing import FlaskClient
from rdflib import Graph

from .checks import BASE, RIGHT, results, validate
from .conftest import only_embedded


@only_embedded
@pytest.mark.parametrize(
    ("media_type", "format_"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/n-quads", "nquads"),
        ("application/trig", "trig"),
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
    ],
)
def test_a_right_record_conforms_in_every_format(client: FlaskClient, media_type: str, format_: str) -> None:
    graph = Graph().parse(data=RIGHT, format="turtle")
    content = graph.serialize(format=format_) if format_ != "nquads" else graph.serialize(format="nt")
    answer = validate(client, content, content_type=media_type)
    assert answer.get_json() == {"conforms": True, "results": [], "count": 0}, answer.text
    assert client.get("/id/place/atlantis").status_code == 404


@only_embedded
def test_a_finding_has_its_place_and_says_what_is_wrong_in_both_languages(client: FlaskClient) -> None:
    wrong = RIGHT.replace('"Atlantis"@en, "Atlantis"@nl', '"Atlantis"@en')
    (finding, *_) = results(client, wrong)
    line = next(n for n, text in enumerate(wrong.split("\n"), 1) if "prefLabel" in text)
    assert (finding["line"], finding["column"], finding["file"]) == (line, 5, "body.ttl")
    assert finding["focusNode"] == f"{BASE}id/place/atlantis"
    assert finding["severity"] == "Violation"
    assert all(finding["message"][tag] and finding["fix"][tag] for tag in ("nl", "en"))
    assert client.get("/shapes", headers={"Accept": "text/turtle"}).text.count(finding["constraint"].rpartition("#")[2])


def test_a_reference_to_an_unknown_thing_comes_with_those_of_like_name(client: FlaskClient) -> None:
    found = results(client, RIGHT.replace("passage:seed-003-11-11", "passage:seed-003-11-1"))
    (finding,) = [finding for finding in found if finding["value"] == f"{BASE}id/passage/seed-003-11-1"]
    assert f"{BASE}id/passage/seed-003-11-11" in finding["proposals"]
    assert (finding["line"], finding["column"]) == (10, 17)  # where the value stands
    assert "tried" not in finding  # the evidence of other lines is not a misspelling of these


@only_embedded
def test_a_stored_record_is_replaced_for_the_check_and_its_neighbours_are_looked_at(client: FlaskClient) -> None:
    stored = client.get("/v1/records/theme/veiligheid", headers={"Accept": "text/turtle"}).text
    assert results(client, stored) == [f for f in results(client, stored) if f["severity"] != "Violation"]
    other_class = stored.replace("mg:SocietalChallenge", "mg:Place")
    assert other_class != stored
    broken = {f["focusNode"] for f in results(client, other_class) if f["severity"] == "Violation"}
    assert any(not iri.startswith(f"{BASE}id/theme/veiligheid") for iri in broken)


@only_embedded
@pytest.mark.parametrize(
    ("content", "line"),
    [
        (RIGHT.replace("mg:evidence passage", "mg:evidence ; passage"), 10),
        (RIGHT.replace('"Atlantis"@en', '"Atlantis'), 9),
        ("nonsense", 1),
        (b"\xff\xfe\x00", 1),
    ],
)
def test_what_cannot_be_read_is_a_finding(client: FlaskClient, content: str | bytes, line: int) -> None:
    (finding,) = results(client, content)
    assert (finding["severity"], finding["line"]) == ("Violation", line)
    assert finding["constraint"].endswith("problems#unreadable-file")


@only_embedded
@pytest.mark.parametrize(
    "content",
    [
        f"<{BASE}doc/place/atlantis> a <{BASE}def#Place> .",
        "<http://example.org/x> a <http://example.org/y> .",
        RIGHT + "place:atlantis mg:evidence [] .",
        f'<{BASE}id/place/x> <http://www.w3.org/2004/02/skos/core#altLabel> "x"@nl--ltr .',
    ],
)
def test_what_has_no_place_in_a_record_is_a_finding(client: FlaskClient, content: str) -> None:
    (finding,) = results(client, content)
    assert "expected" in finding["message"]["en"] or "give it an IRI" in finding["message"]["en"]


@only_embedded
def test_what_is_not_rdf_is_refused(client: FlaskClient) -> None:
    assert validate(client, "a,b", content_type="application/pdf").status_code == 415
    entities = '<!DOCTYPE x [<!ENTITY a "b">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    (finding,) = results(client, entities, content_type="application/rdf+xml")
    assert "entity" in finding["message"]["en"]
    assert validate(client, b"#" * (5 * 1024**2)).status_code == 413


@only_embedded
def test_a_check_changes_nothing(client: FlaskClient) -> None:
    before = client.get("/health").get_json()
    validate(client, RIGHT)
    assert client.get("/health").get_json() == before


@only_embedded
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("evidence-status:documented", "evidence-status:documentd"),
        ("mg:evidenceStatus", "mg:hasPart place:denmark ; mg:evidenceStatus"),
    ],
)
def test_a_mend_that_is_told_has_been_tried(client: FlaskClient, right: str, wrong: str) -> None:
    text = RIGHT.replace(right, wrong)
    (finding,) = [finding for finding in results(client, text) if "tried" in finding]
    graph = Graph().parse(data=text, format="turtle")
    graph -= Graph().parse(data=finding["tried"]["remove"], format="nt")
    graph += Graph().parse(data=finding["tried"]["add"] or "", format="nt")
    assert results(client, graph.serialize(format="turtle")) == []


@only_embedded
def test_no_mend_is_told_where_none_is_known(client: FlaskClient) -> None:
    (finding,) = results(
        client, RIGHT.replace("mg:evidenceStatus evidence", "mg:within source:seed-004 ; mg:evidenceStatus evidence")
    )
    assert "tried" not in finding
    assert finding["example"] == "place:netherlands"
