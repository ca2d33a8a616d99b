"""Records and shapes to check over HTTP, and how they are sent."""

import io
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

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


def validate(client: FlaskClient, content: str | bytes, accept: str = "application/json", **sent: Any) -> TestResponse:
    headers = {"Accept": accept} | sent.pop("headers", {})
    return client.post("/v1/validate", data=content, headers=headers, **{"content_type": "text/turtle"} | sent)


def results(client: FlaskClient, content: str | bytes, **sent: Any) -> list[dict[str, Any]]:
    answer = validate(client, content, **sent)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["results"]
    return found


def form(shapes: str, records: str = THINGS) -> dict[str, Any]:
    files = {"records": records, "shapes": shapes}
    return {name: (io.BytesIO(text.encode()), f"{name}.ttl", "text/turtle") for name, text in files.items()}
