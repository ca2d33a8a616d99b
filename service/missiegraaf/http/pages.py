"""The start page, the kinds of problem, and whether the service is well."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response, render_template

from missiegraaf.describe import select, sizes
from missiegraaf.engine.reader import Job
from missiegraaf.errors import MissiegraafError, NotFound, NotPublished
from missiegraaf.formats import media
from missiegraaf.http import respond
from missiegraaf.namespaces import LANGUAGES
from missiegraaf.schema_org import structured

blueprint = Blueprint("pages", __name__)

_JSON = media.Offer("application/json", "json")
# The classes of a visitor's first questions, with their names in the plural.
_CLASSES = {
    "LearningCommunity": ("learning communities", "learning communities"),
    "Topsector": ("topsectoren", "topsectors"),
    "Theme": ("thema's", "themes"),
    "Mission": ("missies", "missions"),
    "MMIP": ("MMIP's", "MMIPs"),
    "Programme": ("programma's", "programmes"),
    "WorkPackage": ("werkpakketten", "work packages"),
    "Organisation": ("organisaties", "organisations"),
    "Observation": ("gepubliceerde cijfers", "published figures"),
    "Source": ("bronnen", "sources"),
}
_COUNTS = "SELECT ?class (COUNT(DISTINCT ?thing) AS ?n) WHERE { VALUES ?class { %s } ?thing a ?class } GROUP BY ?class"


@blueprint.get("/")
def home() -> Response:
    """What this is, what is in it, and where to begin."""
    service = respond.service()
    asserted, inferred = sizes(service.readers, service.settings.base_iri)
    size = {"asserted": asserted, "inferred": inferred, "version": service.version}
    page = render_template("home.html", counts=_counts(respond.language()), size=size, structured=_structured())
    return respond.content(page, media.HTML, by_language=True, version=service.version)


@blueprint.get("/problems")
def problems() -> Response:
    """The kinds of problem that an answer may name in its `type`."""
    known = sorted(_below(MissiegraafError), key=lambda error: (error.status, error.title))
    listed = [(error.kind(), error.status, error.title, error.__doc__) for error in known]
    return respond.content(render_template("problems.html", problems=listed), media.HTML, by_language=True)


@blueprint.get("/health")
def health() -> Response:
    """Answer 200 where a reader answers a query; and the version of what it reads."""
    respond.service().readers.read(Job("ASK {}", {"boolean": media.JSON, "solutions": None, "graph": None}))
    body = {"status": "ok", "version": respond.service().version}
    response = respond.content(json.dumps(body) + "\n", _JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _structured() -> str:
    """The dataset for search engines; nothing before a version is published."""
    service = respond.service()
    try:
        newest = service.published.newest()
    except (NotFound, NotPublished):
        return ""
    return structured(newest, service.settings, respond.address(), respond.language())


def _counts(language: str) -> list[tuple[str, str, int]]:
    """For each class its IRI, its name and the number of its things."""
    service = respond.service()
    iris = {f"{service.settings.base_iri}def#{name}": names for name, names in _CLASSES.items()}
    found = select(service.readers, _COUNTS % " ".join(f"<{iri}>" for iri in iris))
    counts = {row["class"]: int(row["n"]) for row in found}
    return [(iri, names[LANGUAGES.index(language)], counts.get(iri, 0)) for iri, names in iris.items()]


def _below(root: type[MissiegraafError]) -> Iterator[type[MissiegraafError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _below(kind)
