"""The catalogue keeps its profiles, and tells of each file, version and licence, and of who answers for it."""

from __future__ import annotations

import json
import re

import pyshacl
import pytest
from flask.testing import FlaskClient
from rdflib import OWL, RDF, Graph, Namespace, URIRef

from missiegraaf.namespaces import BASE

from ...conftest import beside
from .conftest import CC0, CC_BY, DATASET, DCAT, DCT, HERE, NAMED, SH, TIMES, TITLE, files, graph

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
