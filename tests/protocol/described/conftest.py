"""A service with two published versions, and what it says of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import Graph, Namespace, URIRef
from werkzeug.test import TestResponse

from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.facts import File
from missiegraaf.namespaces import BASE
from missiegraaf.sitemaps import sitemaps
from missiegraaf.statistics import gather

from ..conftest import Client

DCAT, DCT, VOID, SH = (
    Namespace(iri)
    for iri in (
        "http://www.w3.org/ns/dcat#",
        "http://purl.org/dc/terms/",
        "http://rdfs.org/ns/void#",
        "http://www.w3.org/ns/shacl#",
    )
)
CC0 = URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
CC_BY = URIRef("https://creativecommons.org/licenses/by/4.0/")
HERE = "http://localhost/"
DATASET = URIRef(BASE + "catalogue#dataset")
TIMES = {1: "2026-11-21T09:00:00Z", 2: "2026-11-22T10:30:00Z"}
FORMATS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}


def files(version: int) -> tuple[File, ...]:
    names = [(suffix, inferred) for suffix in ("nq", "trig", "ttl", "jsonld") for inferred in (False, True)]
    return tuple(
        File(
            f"missiegraaf-{version}{'-inferred' * inferred}.{suffix}.{end}",
            suffix,
            inferred,
            end,
            7,
            "a" * 64,
            9,
            "b" * 64,
        )
        for suffix, inferred in names
        for end in ("gz", "zst")
    )


@pytest.fixture(scope="module")
def published(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of which two versions are published; the numbers are those of what it holds."""
    own = Path(shutil.copytree(store, tmp_path_factory.mktemp("published") / "store", symlinks=True))
    dataset = embedded.read(own)
    facts = gather(dataset, BASE, 2, TIMES[2])
    for version, time in TIMES.items():
        folder = own / "published" / str(version)
        folder.mkdir(parents=True)
        told = replace(facts, version=version, time=time, files=files(version))
        (folder / "facts.json").write_text(told.to_json(), encoding="utf-8")
        for name, content in sitemaps(dataset, BASE, TIMES[1]).items():
            (folder / name).write_bytes(content)
    return own


@contextmanager
def started(store: Path, **settings: Any) -> Iterator[FlaskClient]:
    app = create_app(Settings(store=str(store), readers=1, **settings))
    app.test_client_class = Client
    with closing(app.extensions["missiegraaf"]):
        yield app.test_client()


@pytest.fixture(scope="module")
def harvested(published: Path) -> Iterator[FlaskClient]:
    with started(published) as client:
        yield client


TITLE = '</script><script>alert("x")</script>'
NAMED = {
    "address": "https://data.example/graaf/",
    "contact_email": "vragen@voorbeeld.example",
    "publisher": "Stichting Voorbeeld",
    "publisher_iri": "https://voorbeeld.example/id",
    "publisher_type": "Academia-ScientificOrganisation",
    "security_contact": "mailto:lek@voorbeeld.example",
    "title_nl": TITLE,
}


@pytest.fixture(scope="module")
def named(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A service that says who publishes it, and where."""
    own = shutil.copytree(published, tmp_path_factory.mktemp("named") / "store", symlinks=True)
    with started(own, **NAMED) as client:
        yield client


def graph(answer: TestResponse) -> Graph:
    assert answer.status_code == 200, answer.text
    return Graph().parse(data=answer.data, format=answer.mimetype, publicID=HERE)


@pytest.fixture(scope="module")
def catalogue(harvested: FlaskClient) -> Graph:
    return graph(harvested.get("/catalogue.ttl"))


@pytest.fixture(scope="module")
def void(harvested: FlaskClient) -> Graph:
    return graph(harvested.get("/.well-known/void.ttl"))
