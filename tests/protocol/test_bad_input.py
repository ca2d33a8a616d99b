"""Bad input: each gets an answer that says what was expected, fetches nothing and changes nothing."""

import http.client
import io
import json
import shutil
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.namespace import RDF, SH

from missiegraaf import cli, export, tokens
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.namespaces import BASE

from .conftest import Client, started

HEAD = f"""@prefix mg: <{BASE}def#> . @prefix place: <{BASE}id/place/> . @prefix passage: <{BASE}id/passage/> .
@prefix evidence-status: <{BASE}id/evidence-status/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
RIGHT = f"""{HEAD}place:atlantis a mg:Place ; skos:prefLabel "Atlantis"@en, "Atlantis"@nl ;
    mg:evidence passage:seed-003-11-11 ; mg:evidenceStatus evidence-status:documented .
"""
ATLANTIS = f"{BASE}id/place/atlantis"
QUAD = f"<{ATLANTIS}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{BASE}def#Place>"
XML = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:mg="{BASE}def#">%s</rdf:RDF>'
LAUGHS = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
ELSEWHERE = "http://127.0.0.1:%d/"  # where somebody listens
TURTLE, JSON_LD, RDF_XML = "text/turtle", "application/ld+json", "application/rdf+xml"
SUFFIXES = {TURTLE: "ttl", JSON_LD: "jsonld", RDF_XML: "rdf", "application/trig": "trig", "application/n-quads": "nq"}


@dataclass(frozen=True)
class Document:
    """What is sent, what the answer says, and the status of a PUT of it as a new record."""

    content: str | bytes
    says: str
    media_type: str = TURTLE
    put: int = 400


DOCUMENTS = {
    "entities that multiply": Document(LAUGHS + XML % "<mg:Place>&c;</mg:Place>", "DOCTYPE", RDF_XML),
    "entities within": Document(XML % f"{LAUGHS}<mg:Place>&c;</mg:Place>", "DOCTYPE", RDF_XML),
    "an entity elsewhere": Document(f'<!DOCTYPE r [<!ENTITY % a SYSTEM "{ELSEWHERE}"> %a;]>', "DOCTYPE", RDF_XML),
    "a DTD elsewhere": Document(f'<!DOCTYPE rdf:RDF SYSTEM "{ELSEWHERE}">' + XML % "", "DOCTYPE", RDF_XML),
    "a context elsewhere": Document(f'{{"@context": "{ELSEWHERE}", "@id": "x"}}', "not fetched", JSON_LD),
    "an imported context": Document(f'{{"@context": {{"@import": "{ELSEWHERE}"}}, "@id": "x"}}', "@context", JSON_LD),
    "invalid UTF-8": Document(RIGHT.encode().replace(b"Atlantis", b"Atl\xff"), "3:48: invalid start byte; expected"),
    "UTF-16": Document(RIGHT.encode("utf-16"), "expected text in UTF-8"),
    "UTF-16 without a mark": Document(RIGHT.encode("utf-16-le"), "a NUL character; expected text in UTF-8"),
    "XML in UTF-16": Document((LAUGHS + XML % "").encode("utf-16"), "expected text in UTF-8", RDF_XML),
    "a NUL": Document(RIGHT.replace("Atlantis", "Atl\0", 1), "3:48: a NUL character; expected"),
    "a NUL in an escape": Document(RIGHT.replace("Atlantis", r"Atl\u0000", 1), "a control character", put=403),
    "half a character": Document(RIGHT.replace("Atlantis", r"Atl\uD800", 1), "not a valid unicode character"),
    "nothing": Document("", "says nothing; expected"),
    "only prefixes": Document(HEAD, "says nothing; expected"),
    "no JSON": Document("", "a value was expected", JSON_LD),
    "an empty RDF/XML": Document(XML % "", "says nothing; expected", RDF_XML),
    "brackets, deep": Document(f"<{ATLANTIS}> <e:p> " + "[" * 10_000 + "]" * 10_000 + " .", "[ is not a valid"),
    "parts, deep": Document(f"<{ATLANTIS}> <e:p> " + "[ <e:p> " * 10_000 + "1" + "]" * 10_000 + " .", "blank node"),
    "lists, deep": Document(f"<{ATLANTIS}> <e:p> " + "(" * 10_000 + ")" * 10_000 + " .", "a blank node"),
    "triple terms, deep": Document(
        f"<{ATLANTIS}> <e:p> " + "<<( <e:a> <e:b> " * 10_000 + "1" + ")>>" * 10_000 + " .", "deeper than 200 levels"
    ),
    "a triple term": Document(f"<{ATLANTIS}> <e:p> <<( <e:a> <e:b> 1 )>> .", "a triple term", put=403),
    "objects, deep": Document('{"e:p":' * 10_000 + "1" + "}" * 10_000, "deeper than 200 levels", JSON_LD),
    "arrays, deep": Document('{"e:p":' + "[" * 10_000 + "]" * 10_000 + "}", "deeper than 200 levels", JSON_LD),
    "another record's graph": Document(f"{QUAD} <{BASE}doc/place/estonia> .", "expected <", "application/n-quads", 415),
    "the graph of the log": Document(f"<{BASE}log> {{ {QUAD} }}", f"stands in <{BASE}log>", "application/trig", 415),
    "a document's IRI": Document(f"<{BASE}doc/place/estonia> a <{BASE}def#Place> .", "is no record", put=403),
    "the ontology's IRI": Document(f"<{BASE}def#Place> a <{BASE}def#Place> .", "is no record", put=403),
    "somebody else's IRI": Document("<http://e.example/a> a <http://e.example/b> .", "is no record", put=403),
    "an IRI with a space": Document("<http://e.example/a b> a <http://e.example/b> .", "Invalid IRI"),
}


@dataclass(frozen=True)
class Rules:
    """Shapes that are sent along: the status of the answer, and what it says."""

    shapes: str
    status: int
    says: str


PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e.example/> .\n"
OF_THINGS = f"{PREFIXES} e:s a sh:NodeShape ; sh:targetClass e:Thing ; "
THING = f"""@prefix e: <http://e.example/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
e:a a e:Thing ; e:name "{"a" * 60}!" ; owl:imports <{ELSEWHERE}> ; sh:shapesGraph <{ELSEWHERE}> .
"""


def query(text: str) -> str:
    return f'{OF_THINGS} sh:sparql [ sh:select """{text}""" ] .'


RULES = {
    "nonsense": Rules("nonsense", 400, "the shapes cannot be read: shapes.ttl:1:1"),
    "none": Rules("", 400, "no shape in it has a target; expected"),
    "without a target": Rules(f"{PREFIXES} e:s a sh:NodeShape ; sh:nodeKind sh:IRI .", 400, "expected sh:targetClass"),
    "without a path": Rules(f"{OF_THINGS} sh:property [ sh:minCount 1 ] .", 400, "no sh:path; expected one"),
    "JavaScript": Rules(f"{OF_THINGS} sh:js [ sh:jsFunctionName 'f' ] .", 400, "sh:js is not carried out here"),
    "an import": Rules(
        f"{OF_THINGS} <http://www.w3.org/2002/07/owl#imports> <{ELSEWHERE}> .", 400, "nothing is fetched"
    ),
    "entailment": Rules(f"{OF_THINGS} sh:entailment <{ELSEWHERE}> .", 400, "sh:entailment is not carried out here"),
    "rules that infer": Rules(f"{OF_THINGS} sh:rule [ sh:object 1 ] .", 400, "sh:rule is not carried out here"),
    "recursion": Rules(f"{OF_THINGS} sh:not e:s .", 400, "e.example/s refers to itself; expected no recursion"),
    "recursion, far": Rules(
        f"{OF_THINGS} sh:property [ sh:path e:p ; sh:or ( [ sh:node e:s ] ) ] .", 400, "expected no recursion"
    ),
    "depth": Rules(f"{OF_THINGS} sh:not {'[ sh:not ' * 5000} e:x {']' * 5000} .", 400, "nest too deep; expected less"),
    "a path without end": Rules(
        f"{OF_THINGS} sh:property [ sh:minCount 1 ; sh:path _:p ] . _:p sh:inversePath _:p .", 400, "the shapes cannot"
    ),
    "SERVICE": Rules(query(f"SELECT $this {{ SERVICE SILENT <{ELSEWHERE}> {{ ?a ?b ?c }} }}"), 400, "has SERVICE"),
    "FROM": Rules(
        query("SELECT $this FROM <ELSEWHERE> { ?a ?b ?c }".replace("ELSEWHERE", ELSEWHERE)), 400, "has FROM; expected"
    ),
    "FROM a file": Rules(query("SELECT $this FROM <file:///etc/hostname> { ?a ?b ?c }"), 400, "has FROM; expected"),
    "a pattern that goes on": Rules(
        f"{OF_THINGS} sh:property [ sh:path e:name ; sh:pattern '^(a+)+$' ] .", 503, "ended"
    ),
    "a query that goes on": Rules(
        query("SELECT $this { ?a ?b ?c . ?d ?e ?f FILTER(?a = ?f && ?c = ?e) }"), 503, "ended"
    ),
    "no pattern": Rules(f"{OF_THINGS} sh:property [ sh:path e:name ; sh:pattern '(((' ] .", 400, "cannot be used"),
}


def test_no_case_was_overlooked() -> None:
    assert (len(DOCUMENTS), len(RULES)) == (30, 18)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of a server that nobody may ask; it is looked at afterwards."""
    asked = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.client_address)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening.server_address[1]
        listening.shutdown()
        thread.join()
    assert asked == []


@pytest.fixture(scope="module")
def folder(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(store, tmp_path_factory.mktemp("bad") / "store", symlinks=True))


@pytest.fixture(scope="module")
def token(folder: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(folder, 'an editor', 'editor')}"}


@pytest.fixture(scope="module")
def bad(folder: Path) -> Iterator[FlaskClient]:
    """A service whose readers may open connections, as one that allows some SERVICE has; it must stay as it is."""
    app = create_app(Settings(store=str(folder), query_seconds=5, readers=1, service_allowed="http://e.example/sparql"))
    app.test_client_class = Client
    held = app.extensions["missiegraaf"]
    before = export.dump(held.writer.store, "nq", BASE)
    yield app.test_client()
    assert export.dump(held.writer.store, "nq", BASE) == before
    assert held.version == 1
    held.close()


def filled(content: str | bytes, port: int) -> bytes:
    """The content with the address where somebody listens."""
    data = content.encode() if isinstance(content, str) else content
    return data.replace(ELSEWHERE.encode(), (ELSEWHERE % port).encode())


def alive(client: FlaskClient) -> bool:
    return bool(client.post("/v1/validate", data=RIGHT, content_type=TURTLE).get_json()["conforms"])


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_document_that_cannot_be_used_is_the_one_finding(bad: FlaskClient, case: str, elsewhere: int) -> None:
    document = DOCUMENTS[case]
    sent = {"data": filled(document.content, elsewhere), "content_type": document.media_type}
    answer = bad.post("/v1/validate", headers={"Accept": "application/json"}, **sent)
    assert answer.status_code == 200, answer.text
    (finding,) = answer.get_json()["results"]
    assert document.says in finding["message"]["en"]
    assert document.says in finding["message"]["nl"]
    assert (answer.get_json()["conforms"], finding["severity"]) == (False, "Violation")
    report = Graph().parse(data=bad.post("/v1/validate", headers={"Accept": TURTLE}, **sent).data, format="turtle")
    assert len(set(report.subjects(RDF.type, SH.ValidationResult))) == 1


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_document_that_cannot_be_used_is_not_put(
    bad: FlaskClient, case: str, elsewhere: int, token: dict[str, str]
) -> None:
    document = DOCUMENTS[case]
    content = filled(document.content, elsewhere)
    answer = bad.put("/v1/records/place/atlantis", data=content, content_type=document.media_type, headers=token)
    assert answer.status_code == document.put, answer.text
    problem = answer.get_json()
    assert problem["status"] == answer.status_code
    assert "expected" in problem["detail"] or document.says in problem["detail"] or problem["results"]
    assert bad.get("/v1/records/place/atlantis").status_code == 404


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_file_that_cannot_be_used_is_code_two(
    case: str, elsewhere: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = DOCUMENTS[case]
    path = tmp_path / f"records.{SUFFIXES[document.media_type]}"
    path.write_bytes(filled(document.content, elsewhere))
    assert cli.main(["validate", str(path), "--format", "json"]) == 2
    out, err = capsys.readouterr()
    (finding,) = json.loads(out)["results"]
    assert finding["message"]["en"].removeprefix("This cannot be read: ") in err
    assert "expected" in err or document.says in err


@pytest.mark.parametrize("case", RULES)
def test_shapes_that_cannot_be_used_are_refused(bad: FlaskClient, case: str, elsewhere: int) -> None:
    texts = {"records": filled(THING, elsewhere), "shapes": filled(RULES[case].shapes, elsewhere)}
    files = {name: (io.BytesIO(text), f"{name}.ttl", TURTLE) for name, text in texts.items()}
    answer = bad.post("/v1/validate", data=files, headers={"Accept": "application/json"})
    assert answer.status_code == RULES[case].status, answer.text
    assert RULES[case].says in json.dumps(answer.get_json())
    assert alive(bad)


def test_links_in_data_are_only_data(bad: FlaskClient, elsewhere: int) -> None:
    texts = {"records": filled(THING, elsewhere), "shapes": f"{OF_THINGS} sh:nodeKind sh:IRI .".encode()}
    files = {name: (io.BytesIO(text), f"{name}.ttl", TURTLE) for name, text in texts.items()}
    assert bad.post("/v1/validate", data=files).get_json() == {"conforms": True, "results": [], "count": 0}


def test_a_byte_order_mark_is_no_character(bad: FlaskClient) -> None:
    answer = bad.post("/v1/validate", data="\ufeff" + RIGHT.replace(', "Atlantis"@nl', ""), content_type=TURTLE)
    (finding,) = answer.get_json()["results"]
    assert (finding["line"], finding["column"]) == (3, 29)


def test_a_relative_iri_is_relative_to_the_base_of_the_graph(bad: FlaskClient) -> None:
    answer = bad.post("/v1/validate", data="<id/place/atlantis> a <def#Place> .", content_type=TURTLE)
    assert {finding["focusNode"] for finding in answer.get_json()["results"]} == {ATLANTIS}


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
