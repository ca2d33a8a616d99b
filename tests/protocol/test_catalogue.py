"""What a harvester reads: the catalogue, the numbers, the sitemap, and what the service says of itself."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag
from urllib.robotparser import RobotFileParser

import pyshacl
import pytest
from flask.testing import FlaskClient
from rdflib import OWL, RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from werkzeug.test import TestResponse

from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.facts import File
from missiegraaf.namespaces import BASE
from missiegraaf.sitemaps import sitemaps
from missiegraaf.statistics import gather

from ..conftest import beside
from .conftest import Client, only_embedded

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


@pytest.mark.parametrize("path", ["/catalogue", "/.well-known/void"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_by_suffix_and_by_accept_is_one_graph(harvested: FlaskClient, path: str, suffix: str) -> None:
    by_suffix = harvested.get(f"{path}.{suffix}")
    by_accept = harvested.get(path, headers={"Accept": FORMATS[suffix]})
    assert by_suffix.mimetype == by_accept.mimetype == FORMATS[suffix]
    assert by_suffix.data == by_accept.data
    assert isomorphic(graph(by_suffix), graph(harvested.get(f"{path}.nt")))


@pytest.mark.parametrize("path", ["/catalogue.ttl", "/.well-known/void.nt", "/sitemap.xml"])
def test_a_description_is_asked_for_only_where_it_is_newer(harvested: FlaskClient, path: str) -> None:
    answer = harvested.get(path)
    assert answer.headers["Missiegraaf-Version"] == "2"
    assert answer.last_modified == datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    assert harvested.head(path).headers["Content-Length"] == str(len(answer.data))
    before = "Sun, 22 Nov 2026 10:29:59 GMT"
    for headers, status in (
        ({"If-None-Match": answer.headers["ETag"]}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": answer.headers["Last-Modified"]}, 304),
        ({"If-Modified-Since": before}, 200),
        ({"If-Modified-Since": answer.headers["Last-Modified"], "If-None-Match": '"other"'}, 200),
    ):
        assert harvested.get(path, headers=headers).status_code == status, headers


# The shapes that DCAT-AP and Geonovum publish for their profiles, in the sets in which they are asked.
SETS = {
    "dcat-ap-3.0.1": ["shapes.ttl"],
    "dcat-ap-3.0.1 recommended": ["shapes_recommended.ttl"],
    "dcat-ap-nl-3.0": ["dcat-ap-SHACL.ttl", "dcat-ap-nl-SHACL.ttl"],
    "dcat-ap-nl-3.0 classes": ["dcat-ap-nl-SHACL-klassebereik.ttl"],
    "dcat-ap-nl-3.0 lists": ["dcat-ap-nl-SHACL-klassebereik-codelijsten.ttl"],
    "dcat-ap-nl-3.0 recommended": ["dcat-ap-nl-SHACL-aanbevolen.ttl"],
}


def shapes(name: str) -> Graph:
    found = Graph()
    for file in SETS[name]:
        found.parse(beside("suites") / "catalogue-shapes" / name.partition(" ")[0] / file)
    found.remove((None, OWL.imports, None))
    # Two shapes of the endpoint's description are named in Geonovum's file and not defined, which pySHACL refuses.
    undefined = [(s, o) for s, o in found.subject_objects(SH.property) if (o, SH.path, None) not in found]
    assert len(undefined) == (2 if name == "dcat-ap-nl-3.0" else 0)
    for subject, shape in undefined:
        found.remove((subject, SH.property, shape))
    return found


@pytest.mark.parametrize("name", SETS)
def test_the_catalogue_keeps_every_rule_and_recommendation_of_its_profiles(catalogue: Graph, name: str) -> None:
    rules = shapes(name)
    targets = {node for kind in rules.objects(None, SH.targetClass) for node in catalogue.subjects(RDF.type, kind)}
    assert len(targets) > 3
    _, report, _ = pyshacl.validate(catalogue, shacl_graph=rules, inference="none", advanced=True)
    assert [
        tuple(str(report.value(found, p)) for p in (SH.resultSeverity, SH.focusNode, SH.resultPath, SH.resultMessage))
        for found in report.objects(None, SH.result)
    ] == []


def test_a_rule_that_is_broken_is_found(catalogue: Graph) -> None:
    broken = Graph() + catalogue
    broken.remove((DATASET, DCAT.theme, None))
    conforms, _, _ = pyshacl.validate(broken, shacl_graph=shapes("dcat-ap-nl-3.0"), inference="none", advanced=True)
    assert not conforms


def test_each_dump_is_a_distribution_with_all_there_is_to_know(catalogue: Graph) -> None:
    spdx = Namespace("http://spdx.org/rdf/terms#")
    distributions = set(catalogue.subjects(RDF.type, DCAT.Distribution))
    assert len(distributions) == 32
    for distribution in distributions:
        url = str(catalogue.value(distribution, DCAT.downloadURL))
        assert url.startswith(HERE + "dumps/missiegraaf-")
        assert catalogue.value(distribution, DCAT.byteSize).toPython() == 7
        checksum = catalogue.value(distribution, spdx.checksum)
        assert str(catalogue.value(checksum, spdx.checksumValue)) == "a" * 64
        assert set(catalogue.objects(distribution, DCT.license)) == {CC0}
        assert {title.language for title in catalogue.objects(distribution, DCT.title)} == {"nl", "en"}
    named = [str(catalogue.value(d, DCAT.downloadURL)) for d in catalogue.objects(DATASET, DCAT.distribution)]
    assert sorted(named) == sorted(f"{HERE}dumps/{file.name}" for file in files(2))


def test_versions_are_a_series_in_which_one_leads_to_the_other(catalogue: Graph) -> None:
    series, first, last = (URIRef(f"{BASE}catalogue#{name}") for name in ("versions", "version-1", "version-2"))
    assert set(catalogue.subjects(DCAT.inSeries, series)) == {first, last}
    assert (catalogue.value(series, DCAT.first), catalogue.value(series, DCAT.last)) == (first, last)
    assert list(catalogue.subject_objects(DCAT.prev)) == [(last, first)]
    assert {str(v): str(catalogue.value(v, DCAT.version)) for v in (first, last)} == {str(first): "1", str(last): "2"}
    assert catalogue.value(DATASET, DCAT.hasCurrentVersion) == last


def test_data_and_ontology_have_their_licences(catalogue: Graph, void: Graph) -> None:
    assert catalogue.value(DATASET, DCT.license) == void.value(DATASET, DCT.license) == CC0
    assert {catalogue.value(URIRef(BASE + name), DCT.license) for name in ("def", "shapes")} == {CC_BY}


def test_the_numbers_are_those_of_the_graph(harvested: FlaskClient, void: Graph) -> None:
    def asked(query: str) -> list[list[str]]:
        answer = harvested.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
        return [line.split(",") for line in answer.text.splitlines()[1:]]

    (number,) = asked("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert [str(void.value(DATASET, VOID.triples))] == number
    for part, key, count, query in (
        (VOID.classPartition, VOID["class"], VOID.entities, "?x a ?key"),
        (VOID.propertyPartition, VOID.property, VOID.triples, "?x ?key ?y"),
    ):
        told = [[str(void.value(p, key)), str(void.value(p, count))] for p in void.objects(DATASET, part)]
        assert sorted(told) == sorted(asked(f"SELECT ?key (COUNT(*) AS ?n) {{ {query} }} GROUP BY ?key"))
        assert len(told) > 80
    links = {linkset: void.value(linkset, VOID.triples).toPython() for linkset in void.subjects(RDF.type, VOID.Linkset)}
    (number,) = asked(f"SELECT (COUNT(*) AS ?n) {{ ?s <{BASE}def#webPage> ?o }}")
    assert [str(sum(links.values()))] == number
    assert set(links) < set(void.objects(DATASET, VOID.subset))


def test_each_link_to_the_service_leads_somewhere(harvested: FlaskClient, catalogue: Graph, void: Graph) -> None:
    terms = {str(term) for triple in (*catalogue, *void) for term in triple if isinstance(term, URIRef)}
    own = {iri.replace(BASE, HERE, 1) for iri in terms if iri.startswith((BASE, HERE))}
    paths = sorted({urldefrag(iri).url.removeprefix(HERE.rstrip("/")) for iri in own})
    asked = [path for path in paths if not path.startswith(("/dumps", "/feed"))]  # those have tests of their own
    assert len(asked) > 60
    for path in asked:
        answer = harvested.get(path, headers={"Accept": "text/turtle, text/html;q=0.5"}, follow_redirects=True)
        assert answer.status_code == 200, path


@only_embedded
def test_the_service_description_has_the_same_numbers(harvested: FlaskClient, client: FlaskClient, void: Graph) -> None:
    told, untold = (graph(c.get("/sparql", headers={"Accept": "text/turtle"})) for c in (harvested, client))
    endpoint = URIRef(HERE + "sparql#default-graph")
    assert told.value(endpoint, VOID.triples) == void.value(DATASET, VOID.triples)
    assert set(told.objects(endpoint, VOID.classPartition)) == set(void.objects(DATASET, VOID.classPartition))
    assert not list(untold.objects(endpoint, VOID.classPartition))  # of a version that is not published


def test_a_page_tells_the_same_in_both_languages(harvested: FlaskClient) -> None:
    for language, words in (("nl", "vermeld en afgeleid"), ("en", "asserted and inferred")):
        page = harvested.get("/catalogue", query_string={"lang": language}, headers={"Accept": "text/html"})
        assert words in page.text
        assert page.headers["Content-Language"] == language
        assert [f.name for v in TIMES for f in files(v) if f'<a href="/dumps/{f.name}"' not in page.text] == []


@pytest.mark.parametrize("path", ["/", "/catalogue"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_search_engines_find_the_dataset_on_the_page(harvested: FlaskClient, path: str, language: str) -> None:
    page = harvested.get(path, query_string={"lang": language}, headers={"Accept": "text/html"}).text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    told = json.loads(block)
    assert (told["@type"], told["@id"], told["license"], told["version"]) == ("Dataset", str(DATASET), str(CC0), "2")
    assert {file["contentUrl"] for file in told["distribution"]} == {f"{HERE}dumps/{f.name}" for f in files(2)}


def test_no_text_ends_the_block_that_search_engines_read(named: FlaskClient) -> None:
    page = named.get("/catalogue", headers={"Accept": "text/html"}).text
    blocks = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert [json.loads(block)["name"] for block in blocks] == [TITLE]


def test_a_sitemap_lists_documents_that_are_there(harvested: FlaskClient) -> None:
    answer = harvested.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    pages = re.findall(r"<loc>(.*?)</loc><lastmod>(.*?)</lastmod>", answer.text)
    assert len(pages) > 3000
    assert {time for _, time in pages} == {TIMES[1]}
    assert all(page.startswith(HERE) for page, _ in pages)
    for page, _ in pages[:: len(pages) // 20]:
        assert harvested.get(page.removeprefix(HERE.rstrip("/"))).status_code == 200
    assert harvested.get("/sitemap-1.xml").status_code == 404


def test_robots_find_the_sitemap_and_leave_the_queries_alone(harvested: FlaskClient) -> None:
    answer = harvested.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == [HERE + "sitemap.xml"]
    for path in ("", "doc/theme/energietransitie-duurzaamheid", "def", "catalogue", "dumps/", "feed"):
        assert robots.can_fetch("*", HERE + path), path
    for path in ("sparql?query=x", "edit/theme", "update", "graphs?default", "v1/records/a/b", "history/a/b", "import"):
        assert not robots.can_fetch("*", HERE + path), path


def test_security_says_whom_to_tell_and_until_when(harvested: FlaskClient, named: FlaskClient) -> None:
    assert harvested.get("/.well-known/security.txt").status_code == 404
    answer = named.get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == NAMED["security_contact"]
    assert fields["Canonical"] == NAMED["address"] + ".well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=100) < left < timedelta(days=365)


def test_what_is_offered_has_the_address_at_which_it_is_reached(named: FlaskClient) -> None:
    told = graph(named.get("/catalogue.ttl"))
    assert (URIRef("https://data.example/graaf/catalogue"), RDF.type, DCAT.Catalog) in told
    assert not [term for triple in told for term in triple if str(term).startswith(HERE)]
    assert "Sitemap: https://data.example/graaf/sitemap.xml" in named.get("/robots.txt").text
    assert "<loc>https://data.example/graaf/doc/" in named.get("/sitemap.xml").text


def test_nobody_is_made_up_and_who_is_named_is_told(catalogue: Graph, named: FlaskClient) -> None:
    assert not [o for o in catalogue.objects() if str(o).startswith(("mailto:", "tel:"))]
    told = graph(named.get("/catalogue.ttl"))
    publisher = told.value(DATASET, DCT.publisher)
    assert str(publisher) == NAMED["publisher_iri"]
    assert str(told.value(publisher, DCT.type)).endswith(NAMED["publisher_type"])
    assert URIRef("mailto:" + NAMED["contact_email"]) in set(told.objects())
    assert pyshacl.validate(told, shacl_graph=shapes("dcat-ap-nl-3.0"), inference="none", advanced=True)[0]


PATHS = ("/catalogue", "/catalogue.ttl", "/.well-known/void", "/sitemap.xml", "/sitemap-1.xml")


@only_embedded
@pytest.mark.parametrize("path", PATHS)
def test_before_a_version_is_published_it_is_asked_to_wait(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_service_that_does_not_publish_has_none(own_store: Path) -> None:
    with started(own_store, publish=False) as client:
        assert [client.get(path).status_code for path in PATHS] == [404] * len(PATHS)
        assert "Sitemap" not in client.get("/robots.txt").text


@pytest.mark.parametrize("path", ["/catalogue.xlsx", "/.well-known/void.html", "/sitemap-0.xml"])
def test_what_is_not_on_offer_is_not_found(harvested: FlaskClient, path: str) -> None:
    assert harvested.get(path).status_code == 404


def test_a_format_that_is_not_on_offer_is_refused(harvested: FlaskClient) -> None:
    answer = harvested.get("/.well-known/void", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json["offered"]) == (406, list(FORMATS.values()))
