"""The ontology by its IRIs, of each version too, and the contexts of JSON-LD."""

from flask.testing import FlaskClient

from missiegraaf import contexts
from missiegraaf.formats import media
from missiegraaf.namespaces import BASE

from .test_documents import ENERGY, links, triples


def test_the_version_of_the_ontology_resolves_in_every_format(client: FlaskClient) -> None:
    version = contexts.newest(BASE)[0]
    graph = triples(client.get("/def.nt"))
    said = {str(t.predicate).rpartition("#")[2].rpartition("/")[2][:-1]: str(t.object) for t in graph
            if str(t.subject) == f"<{BASE}def>"}  # fmt: skip
    assert said["versionIRI"] == f"<{BASE}def/{version}>"
    assert said["versionInfo"] == f'"{version}"'
    assert [said["license"][1:-1]] == links(client.get("/def"))["license"]
    for offer in (*media.GRAPHS, media.HTML):
        for path, accept in ((f"/def/{version}.{offer.suffix}", "*/*"), (f"/def/{version}", offer.media_type)):
            answer = client.get(path, headers={"Accept": accept})
            assert (answer.status_code, answer.mimetype) == (200, offer.media_type)
    assert triples(client.get(f"/def/{version}.nt")) == graph
    assert '</def>; rel="latest-version"' in client.get(f"/def/{version}").headers["Link"]
    for unknown in ("/def/9.9", "/def/9.9.ttl", "/def/x"):
        answer = client.get(unknown)
        assert (answer.status_code, answer.json["detail"].rpartition("there are: ")[2]) == (404, version)  # type: ignore[index]


def test_every_term_that_is_used_is_found_at_its_namespace(client: FlaskClient) -> None:
    query = f"SELECT DISTINCT ?t {{ {{ ?s ?t ?o }} UNION {{ ?s a ?t }} FILTER(STRSTARTS(STR(?t), '{BASE}def#')) }}"
    used = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"}).text.split()[1:]
    told = {str(t.subject)[1:-1] for t in triples(client.get("/def.nt"))}
    assert len(used) >= 100
    assert set(used) <= told


def test_a_context_never_changes(client: FlaskClient) -> None:
    version = contexts.newest(BASE)[0]
    answer = client.get(f"/context/{version}.jsonld", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/ld+json")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Vary" not in answer.headers
    assert client.get(ENERGY + ".jsonld").json["@context"].endswith(f"/context/{version}.jsonld")  # type: ignore[index]
    for unknown in ("/context/9.9.jsonld", f"/context/{version}", "/context/..jsonld"):
        missing = client.get(unknown)
        assert missing.status_code == 404
        assert f"there are: {version}" in missing.text
