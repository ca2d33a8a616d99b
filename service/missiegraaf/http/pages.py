"""The start page, the kinds of problem, and whether the service is well."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response, render_template

from missiegraaf.engine.reader import Job, Offers
from missiegraaf.errors import MissiegraafError
from missiegraaf.formats import media
from missiegraaf.http import respond

blueprint = Blueprint("pages", __name__)

_JSON = media.Offer("application/json", "json")
# The classes of a visitor's first questions, largest first.
_COUNTS = """SELECT ?class ?label (COUNT(DISTINCT ?thing) AS ?n) WHERE {
  VALUES ?class { mg:LearningCommunity mg:Organisation mg:Topsector mg:Theme mg:Mission mg:MMIP mg:Programme
                  mg:WorkPackage mg:Observation mg:Source }
  ?thing a ?class .
  ?class rdfs:label ?label FILTER(LANG(?label) = "%s")
} GROUP BY ?class ?label ORDER BY DESC(?n)"""


@blueprint.get("/")
def home() -> Response:
    """What this is, what is in it, and where to begin."""
    page = render_template("home.html", counts=_counts(respond.language()), about=respond.service().about)
    return respond.content(page, media.HTML, by_language=True)


@blueprint.get("/problems")
def problems() -> Response:
    """The kinds of problem that an answer may name in its `type`."""
    known = sorted(_kinds(MissiegraafError), key=lambda kind: (kind.status, kind.title))
    listed = [(kind("").kind, kind.status, kind.title, (kind.__doc__ or "").strip()) for kind in known]
    return respond.content(render_template("problems.html", problems=listed), media.HTML, by_language=True)


@blueprint.get("/health")
def health() -> Response:
    """Answer 200 where a reader answers a query; the version and size of what it reads."""
    respond.service().readers.read(Job("ASK {}", {"boolean": media.JSON, "solutions": None, "graph": None}))
    about = respond.service().about
    body = {"status": "ok", "version": about["version"], "asserted": about["asserted"], "inferred": about["inferred"]}
    response = respond.content(json.dumps(body) + "\n", _JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _counts(language: str) -> list[tuple[str, str, int]]:
    service = respond.service()
    prefixes = {"mg": service.settings.base_iri + "def#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}
    offers: Offers = {"solutions": media.JSON, "boolean": None, "graph": None}
    found = json.loads(service.readers.read(Job(_COUNTS % language, offers, prefixes=prefixes)))
    return [
        (row["class"]["value"], row["label"]["value"], int(row["n"]["value"])) for row in found["results"]["bindings"]
    ]


def _kinds(root: type[MissiegraafError]) -> Iterator[type[MissiegraafError]]:
    for kind in root.__subclasses__():
        if not {"report", "conflicts"} & set(kind.__init__.__code__.co_varnames):
            yield kind
        yield from _kinds(kind)
