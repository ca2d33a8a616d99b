"""`/id`, `/doc`, `/def`, `/shapes`: dereferencing what the graph names."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, Namespace, URIRef

from missiegraaf.formats import media

MG = Namespace("https://w3id.org/missiegraaf/def#")
ACE = URIRef("https://w3id.org/missiegraaf/id/learning-community/ace-mobility")
EXPANDED = {"Accept": f'application/ld+json;profile="{media.EXPANDED.profile}"'}
PARTNER = "/doc/organisation/hogeschool-rotterdam"


def graph(client: FlaskClient, path: str) -> Graph:
    answer = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/turtle")
    return Graph().parse(data=answer.data, format="turtle")


def test_a_thing_leads_to_its_document(client: FlaskClient) -> None:
    answer = client.get("/id/learning-community/ace-mobility")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/learning-community/ace-mobility")


def test_a_document_says_what_is_asserted_inferred_and_said_by_others(client: FlaskClient) -> None:
    community = graph(client, "/id/learning-community/ace-mobility")
    assert (ACE, RDF.type, MG.LearningCommunity) in community
    assert (ACE, RDF.type, MG.Agent) in community
    assert len(list(community.objects(ACE, MG.hasMember))) == 4
    partner = graph(client, PARTNER)
    me = URIRef("https://w3id.org/missiegraaf/id" + PARTNER.removeprefix("/doc"))
    assert ACE in partner.objects(me, MG.memberOf)
    assert ACE in partner.subjects(MG.hasMember, me)


def test_every_iri_that_a_document_shows_has_a_name(client: FlaskClient) -> None:
    """Parts of records are shown by what they hold, and addresses on the web by themselves."""
    for path in ("/doc/learning-community/ace-mobility", PARTNER, "/doc/theme/veiligheid", "/doc/source/seed-004"):
        found = graph(client, path)
        things = {term for triple in found for term in triple if isinstance(term, URIRef) and "missiegraaf/id/" in term}
        shown = (
            {thing for thing in things if "#" not in thing}
            | set(found.predicates())
            | set(found.objects(None, RDF.type))
        )
        names = (SKOS.prefLabel, DCTERMS.title, RDFS.label)
        assert {iri for iri in shown if not any(found.value(iri, name) for name in names)} == set(), path


@pytest.mark.parametrize("offer", media.GRAPHS, ids=lambda offer: offer.suffix)
def test_a_suffix_and_an_accept_header_give_the_same_graph(client: FlaskClient, offer: media.Offer) -> None:
    by_suffix = client.get(f"/doc/topsector/energie.{offer.suffix}")
    by_accept = client.get("/doc/topsector/energie", headers={"Accept": offer.media_type})
    assert by_suffix.mimetype == by_accept.mimetype == offer.media_type
    assert by_suffix.data == by_accept.data
    assert by_suffix.headers["ETag"] == by_accept.headers["ETag"]


def test_the_same_request_gives_the_same_bytes(client: FlaskClient) -> None:
    assert client.get(PARTNER + ".ttl").data == client.get(PARTNER + ".ttl").data


@pytest.mark.parametrize(
    "path", ["/id/topsector/x", "/doc/topsector/x", "/doc/x/y.ttl", "/nothing", "/doc/topsector/a%3Eb"]
)
def test_what_is_unknown_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_an_unsupported_accept_is_told_what_is_on_offer(client: FlaskClient) -> None:
    answer = client.get("/doc/topsector/energie", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.json
    assert answer.json["offered"] == [offer.media_type for offer in (*media.GRAPHS, media.HTML)]


@pytest.mark.parametrize(("language", "word"), [("nl", "bewijsplaats"), ("en", "evidence")])
def test_a_page_speaks_the_language_that_is_asked_for(client: FlaskClient, language: str, word: str) -> None:
    headers = {"Accept": "text/html", "Accept-Language": language}
    answer = client.get("/doc/learning-community/ace-mobility", headers=headers)
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert word in answer.text
    assert {"Accept", "Accept-Language"} <= set(answer.vary)


def test_a_page_shows_the_evidence_and_marks_what_is_inferred(client: FlaskClient) -> None:
    page = client.get("/doc/work-package/human-capital-2021-1.html?lang=en").text
    assert "Plan van aanpak, line" in page
    asserted, _, inferred = page.partition('<details class="inferred">')
    assert ">is part of</a>" in asserted
    assert ">dct:isPartOf</a>" not in asserted
    assert ">part of (Dublin Core)</a>" in inferred


def test_the_ontology_comes_as_its_file_and_as_a_page(client: FlaskClient) -> None:
    turtle = client.get("/def", headers={"Accept": "text/turtle"})
    assert turtle.text.startswith("# Missiegraaf: classes and properties.")
    assert len(Graph().parse(data=turtle.data, format="turtle")) == len(
        Graph().parse(data=client.get("/def.jsonld", headers=EXPANDED).data, format="json-ld")
    )
    assert client.get("/shapes.ttl").status_code == 200


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_of_the_ontology_is_made_from_the_ontology(client: FlaskClient, language: str) -> None:
    page = unescape(client.get(f"/def.html?lang={language}").text)
    ontology = Graph().parse(data=client.get("/def.ttl").data, format="turtle")
    terms = list(ontology.subjects(RDFS.isDefinedBy, URIRef(str(MG)[:-1])))
    assert len(terms) >= 150
    for term in terms:
        label, definition = (
            next(text for text in ontology.objects(term, p) if text.language == language)  # type: ignore[attr-defined]
            for p in (RDFS.label, SKOS.definition)
        )
        assert f'id="{term.removeprefix(str(MG))}"' in page
        assert f"<h3>{label} <a" in page
        assert f"<p>{definition}</p>" in page


def test_a_term_says_what_follows_from_it_and_what_holds_for_it(client: FlaskClient) -> None:
    page = client.get("/def.html?lang=en").text
    led_by = page.partition('id="ledBy"')[2].partition("<section")[0]
    assert re.findall(r">([\w:-]+)</a>", led_by) == [
        "engages", "lead", "participant", "leads", "mgs:Inferred-ledBy"
    ]  # fmt: skip
    topsector = page.partition('id="Topsector"')[2].partition("<section")[0]
    assert '>10</a>, such as <a href="/id/topsector/agri-food">' in topsector


def test_every_place_a_vocabulary_page_links_to_is_there(client: FlaskClient) -> None:
    pages = {name: client.get(f"/{name}.html?lang=nl").text for name in ("def", "shapes")}
    places = {name: set(re.findall(r' id="([^"]+)"', page)) for name, page in pages.items()}
    links = [
        (name or here, place)
        for here, page in pages.items()
        for name, place in re.findall(r'href="(?:/(def|shapes))?#([^"]+)"', page)
    ]
    assert len(links) >= 1500
    assert [(name, place) for name, place in links if place not in places[name]] == []


def test_links_name_the_thing_and_the_other_formats(client: FlaskClient) -> None:
    links = client.get("/doc/topsector/energie").headers["Link"]
    assert '<https://w3id.org/missiegraaf/id/topsector/energie>; rel="describes"' in links
    assert '</doc/topsector/energie.jsonld>; rel="alternate"; type="application/ld+json"' in links
