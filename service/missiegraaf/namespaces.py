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
PROV: Final = "http://www.w3.org/ns/prov#"
QB: Final = "http://purl.org/linked-data/cube#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

LANGUAGES: Final = ("nl", "en")
