"""Records checked over HTTP: in the midst of the graph, with the place of each finding, and nothing stored."""

import html
import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node
from werkzeug.test import TestResponse

from .conftest import only_embedded

BASE = "https://w3id.org/missiegraaf/"
HEAD = f"""@prefix mg: <{BASE}def#> .
@prefix place: <{BASE}id/place/> .
@prefix passage: <{BASE}id/passage/> .
@prefix source: <{BASE}id/source/> .
@prefix evidence-status: <{BASE}id/evidence-status/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
RIGHT = (
    HEAD
    + """
place:atlantis a mg:Place ;
    skos:prefLabel "Atlantis"@en, "Atlantis"@nl ;
    mg:evidence passage:seed-003-11-11 ;
    mg:evidenceStatus evidence-status:documented .
"""
)


def validate(client: FlaskClient, content: str | bytes, accept: str = "application/json", **sent: Any) -> TestResponse:
    headers = {"Accept": accept} | sent.pop("headers", {})
    return client.post("/v1/validate", data=content, headers=headers, **{"content_type": "text/turtle"} | sent)


def results(client: FlaskClient, content: str | bytes, **sent: Any) -> list[dict[str, Any]]:
    answer = validate(client, content, **sent)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["results"]
    return found


SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e.example/> .
e:Thing a sh:NodeShape ; sh:targetClass e:Thing ; sh:property e:Thing-name, e:Thing-place .
e:Thing-name sh:path e:name ; sh:minCount 1 ; sh:message "nameless"@en .
e:Thing-place sh:path e:place ; sh:class <https://w3id.org/missiegraaf/def#Place> ; sh:message "no place"@en .
"""
THINGS = """@prefix e: <http://e.example/> . @prefix place: <https://w3id.org/missiegraaf/id/place/> .
e:a a e:Thing ; e:name "a" ; e:place place:estonia .
e:b a e:Thing ;
    e:place place:estoni .
[] a e:Thing ; e:name "c" .
"""


def form(shapes: str, records: str = THINGS) -> dict[str, Any]:
    files = {"records": records, "shapes": shapes}
    return {name: (io.BytesIO(text.encode()), f"{name}.ttl", "text/turtle") for name, text in files.items()}


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
def test_the_report_comes_in_the_format_that_is_asked(client: FlaskClient) -> None:
    wrong = RIGHT.replace(', "Atlantis"@nl', "")
    sarif = json.loads(validate(client, wrong, "application/sarif+json").data)
    assert sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 9
    for language, verdict in (("nl", "niet in orde"), ("en", "does not conform")):
        text = validate(client, wrong, "text/plain", query_string={"lang": language}).text
        assert verdict in text
    assert validate(client, wrong, "image/png").status_code == 406


def texts(graph: Graph, node: Node, predicate: URIRef) -> dict[str, str]:
    found = [text for text in graph.objects(node, predicate) if isinstance(text, Literal)]
    assert len({text.language for text in found}) == len(found), "one text a language"
    return {text.language or "": str(text) for text in found}


def in_rdf(graph: Graph) -> tuple[bool, list[dict[str, Any]], int]:
    """What an sh:ValidationReport says: whether there is no result, each result as JSON has it, and the count."""
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    linked = set(graph.objects(report, SH.result))
    assert linked == set(graph.subjects(RDF.type, SH.ValidationResult)), "a result outside the report"

    def text(node: Node, predicate: URIRef) -> str | None:
        value = graph.value(node, predicate)
        return None if value is None or isinstance(value, BNode) else str(value)

    found = [
        {
            "focusNode": text(node, SH.focusNode) or "",
            "path": text(node, SH.resultPath),
            "value": text(node, SH.value),
            "severity": str(graph.value(node, SH.resultSeverity)).removeprefix(str(SH)),
            "message": texts(graph, node, SH.resultMessage),
            "fix": texts(graph, node, URIRef(f"{BASE}shapes#fix")),
        }
        for node in linked
    ]
    assert all(graph.value(node, SH.sourceConstraintComponent) for node in linked)
    assert all(graph.value(node, SH.focusNode) is not None for node in linked)
    conforms, count = graph.value(report, SH.conforms), graph.value(report, URIRef(f"{BASE}shapes#resultCount"))
    assert isinstance(conforms, Literal)
    assert isinstance(count, Literal)
    return conforms.toPython(), sorted(found, key=str), count.toPython()


ALIKE = RIGHT.replace('"Atlantis"@en, "Atlantis"@nl', '"Estonia"@en, "Estland"@nl')  # a constraint in SPARQL
# Of every place in the graph something could be said, but only one is given.
OF_ALL = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
<e:s> a sh:NodeShape ; sh:targetClass <{BASE}def#Place> ; sh:message "no"@en ;
    sh:sparql [ sh:select "SELECT $this ?path WHERE {{ $this ?path ?any }}" ; sh:message "{{?path}} here"@nl ] .
"""
SAID = {
    "nothing": (RIGHT, None, 0),
    "a name that is missing": (RIGHT.replace(', "Atlantis"@nl', ""), None, 1),
    "a name that another has": (ALIKE, None, 4),
    "a warning": (
        THINGS.replace("e:b a", "e:b e:name 'b' ; a"),
        SHAPES.replace('no place"@en', 'no place"@en ; sh:severity sh:Warning'),
        1,
    ),
    "what cannot be read": ("nonsense", None, 1),
    "rules that find things elsewhere": (RIGHT, OF_ALL, 4),
    "rules with one message": (THINGS, SHAPES, 2),
}


LANGUAGES = {"a warning": ["en"], "rules with one message": ["en"]}


@only_embedded
@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json", "application/rdf+xml"])
@pytest.mark.parametrize("case", SAID)
def test_the_report_in_rdf_says_what_the_one_in_json_says(client: FlaskClient, case: str, media_type: str) -> None:
    records, shapes, count = SAID[case]

    def answer(accept: str) -> TestResponse:
        if shapes is None:
            return validate(client, records, accept)
        return client.post("/v1/validate", data=form(shapes, records), headers={"Accept": accept})

    told = answer("application/json").get_json()
    conforms, found, number = in_rdf(Graph().parse(data=answer(media_type).data, format=media_type))
    members = ("focusNode", "path", "value", "severity", "message", "fix")
    expected = sorted(({name: result[name] for name in members} for result in told["results"]), key=str)
    assert found == expected
    assert conforms == (not told["results"])  # SHACL, 3.6.1.1: a warning is a result
    assert told["conforms"] == all(result["severity"] != "Violation" for result in told["results"])
    assert number == told["count"] == len(found) == count
    assert [sorted(result["message"]) for result in found] == [LANGUAGES.get(case, ["en", "nl"])] * count


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
    ("language", "where", "verdict"), [("nl", "regel 9", "niet in orde: 1"), ("en", "line 9", "does not")]
)
def test_the_page_says_what_is_wrong_and_keeps_the_draft(
    client: FlaskClient, language: str, where: str, verdict: str
) -> None:
    wrong = RIGHT.replace('"Atlantis"@en, "Atlantis"@nl', '"Atlantis <sunken>"@en')
    answer = client.post("/validate", query_string={"lang": language}, data={"records": wrong, "format": "ttl"})
    assert answer.status_code == 200
    for text in (where, verdict, "&#34;Atlantis &lt;sunken&gt;&#34;@en", 'href="/shapes#', f'lang="{language}"'):
        assert text in answer.text, text
    (finding,) = results(client, wrong)
    assert str(escape(finding["message"][language])) in answer.text


@only_embedded
def test_the_page_takes_a_file_and_proposes_names(client: FlaskClient) -> None:
    wrong = RIGHT.replace("passage:seed-003-11-11", "passage:seed-003-11-1")
    lines = Graph().parse(data=wrong, format="turtle").serialize(format="nt")
    file = (io.BytesIO(lines.encode()), "atlantis.nt")
    answer = client.post("/validate?lang=en", data={"records": "", "format": "ttl", "file": file})
    assert "Did you mean" in answer.text
    assert 'href="/id/passage/seed-003-11-11"' in answer.text
    assert "conforms: 0 findings" in client.post("/validate?lang=en", data={"records": RIGHT, "format": "ttl"}).text
    assert client.post("/validate", data={"records": RIGHT, "format": "xlsx"}).status_code == 400


@only_embedded
def test_the_page_is_there_in_both_languages(client: FlaskClient) -> None:
    for language, heading in (("nl", "Records nakijken"), ("en", "Check records")):
        answer = client.get("/validate", query_string={"lang": language})
        assert (answer.status_code, heading in answer.text) == (200, True)
        assert answer.headers["ETag"]


@only_embedded
def test_other_rules_may_be_asked_of_other_data_in_the_midst_of_the_graph(client: FlaskClient) -> None:
    answer = client.post("/v1/validate", data=form(SHAPES), headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found = {(f["message"]["en"], f["line"], f["focusNode"]) for f in answer.get_json()["results"]}
    assert found == {("nameless", 3, "http://e.example/b"), ("no place", 4, "http://e.example/b")}


THING = "@prefix sh: <http://www.w3.org/ns/shacl#> . <e:s> a sh:NodeShape ; sh:targetClass <http://e.example/Thing> ; "
UNUSABLE = [
    "nonsense",
    THING + "sh:property [ sh:path 'no path' ; sh:minCount 1 ] .",
    THING + "sh:sparql [ sh:select 'SELECT nonsense' ] .",
]


@only_embedded
@pytest.mark.parametrize("shapes", UNUSABLE)
def test_shapes_that_cannot_be_used_are_told_and_the_service_goes_on(client: FlaskClient, shapes: str) -> None:
    answer = client.post("/v1/validate", data=form(shapes), headers={"Accept": "application/json"})
    assert answer.status_code == 400, answer.text
    assert "the shapes" in answer.get_json()["detail"]
    assert validate(client, RIGHT).status_code == 200


@only_embedded
def test_a_rule_without_end_is_ended(client: FlaskClient) -> None:
    endless = (
        f'{THING} sh:sparql [ sh:select "SELECT $this WHERE {{ ?a ?b ?c . ?d ?e ?f FILTER(?a = ?f && ?c = ?e) }}" ] .'
    )
    answer = client.post("/v1/validate", data=form(endless), headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert validate(client, RIGHT).status_code == 200


@only_embedded
def test_a_form_has_its_files(client: FlaskClient) -> None:
    for data in ({}, {"records": "no file"}, form(SHAPES) | {"more": (io.BytesIO(b""), "m.ttl", "text/turtle")}):
        sent = client.post("/v1/validate", data=data, content_type="multipart/form-data")
        assert sent.status_code == 400


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


TWO = RIGHT.replace(', "Atlantis"@nl', "").replace("documented", "documentd") + "# the end\n"


def mend_buttons(page: str) -> list[str]:
    return re.findall(r'<button [^>]*form="records-form"[^>]*value="mend:(\w+)"', page)


@only_embedded
@pytest.mark.parametrize(("language", "said"), [("nl", "Herstel dit"), ("en", "Mend this")])
def test_a_button_makes_one_mend_in_the_text_and_another_makes_all(
    client: FlaskClient, language: str, said: str
) -> None:
    def post(records: str, do: str, **sent: Any) -> str:
        data = {"records": records, "format": "ttl", "do": do} | sent
        answer = client.post("/validate", query_string={"lang": language}, data=data)
        assert answer.status_code == 200
        return answer.text

    def draft(page: str) -> str:
        (found,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
        return html.unescape(found)

    page = post(TWO, "check")
    every, *keys = mend_buttons(page)
    assert (every, len(keys), page.count(said)) == ("all", 2, 2)
    assert draft(post(TWO, "mend:all")) == RIGHT + "# the end\n"
    mended = {draft(post(TWO, f"mend:{key}")) for key in keys}
    assert mended == {TWO.replace("documentd", "documented"), TWO.replace('"@en', '"@en, "Atlantis"@nl')}
    # What is no longer there is not mended.
    assert draft(post(RIGHT, f"mend:{keys[0]}")) == RIGHT
    from_file = post("", "check", file=(io.BytesIO(TWO.encode()), "atlantis.ttl"))
    assert (mend_buttons(from_file), draft(from_file)) == ([every, *keys], TWO)
    assert mend_buttons(post("", "check", file=(io.BytesIO(b"#" * 300_000 + TWO.encode()), "long.ttl"))) == []
