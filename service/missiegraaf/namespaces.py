"""The IRIs and language tags that the code itself needs. The prefix list for people is `ontology/prefixes.ttl`."""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/missiegraaf/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCT: Final = "http://purl.org/dc/terms/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
PROV: Final = "http://www.w3.org/ns/prov#"
ADMS: Final = "http://www.w3.org/ns/adms#"
AS: Final = "https://www.w3.org/ns/activitystreams#"
LDES: Final = "https://w3id.org/ldes#"
TREE: Final = "https://w3id.org/tree#"
QB: Final = "http://purl.org/linked-data/cube#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

LANGUAGES: Final = ("nl", "en")


def record_graph(subject: str, base_iri: str = BASE) -> str | None:
    """Return the name of the graph that a subject's triples stand in, None where it is no record.

    `id/<kind>/<slug>#part` stands in `doc/<kind>/<slug>`.
    """
    record, _, _ = subject.partition("#")
    start = base_iri + "id/"
    kind, _, slug = record.removeprefix(start).partition("/")
    if not record.startswith(start) or not kind or not slug or "/" in slug:
        return None
    return f"{base_iri}doc/{kind}/{slug}"


def home_graph(subject: str, base_iri: str = BASE) -> str:
    """Return the name of the graph in which what is asserted of a subject stands: its record's, or the ontology's."""
    return record_graph(subject, base_iri) or base_iri + "def"


def record_of(graph: str, base_iri: str = BASE) -> str:
    """Return the thing whose record is a graph; the ontology is its own."""
    name = graph.removeprefix(base_iri + "doc/")
    return graph if name == graph else f"{base_iri}id/{name}"
