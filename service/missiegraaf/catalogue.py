"""What the service says of itself: the SPARQL 1.1 Service Description."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf.config import Settings
from missiegraaf.formats import media
from missiegraaf.namespaces import DCT, RDF, XSD

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
VOID: Final = "http://rdfs.org/ns/void#"


def service_description(endpoint: str, settings: Settings, triples: int) -> list[Triple]:
    """Return the description of the endpoint at this URL, whose default graph has so many triples.

    Clauses 2 and 3 of SPARQL 1.1 Service Description: a GET on the endpoint without a query returns it.
    """
    service, dataset, graph = (NamedNode(endpoint + part) for part in ("#service", "#dataset", "#default-graph"))
    description = [
        Triple(service, NamedNode(RDF + "type"), NamedNode(SD + "Service")),
        Triple(service, NamedNode(SD + "endpoint"), NamedNode(endpoint)),
        Triple(service, NamedNode(SD + "supportedLanguage"), NamedNode(SD + "SPARQL11Query")),
        Triple(service, NamedNode(SD + "defaultDataset"), dataset),
        Triple(service, NamedNode(DCT + "publisher"), Literal(settings.publisher)),
        Triple(service, NamedNode(DCT + "title"), Literal(settings.title_nl, language="nl")),
        Triple(service, NamedNode(DCT + "title"), Literal(settings.title_en, language="en")),
        Triple(service, NamedNode(DCT + "description"), Literal(_limits(settings, "nl"), language="nl")),
        Triple(service, NamedNode(DCT + "description"), Literal(_limits(settings, "en"), language="en")),
        Triple(dataset, NamedNode(RDF + "type"), NamedNode(SD + "Dataset")),
        Triple(dataset, NamedNode(SD + "defaultGraph"), graph),
        Triple(graph, NamedNode(RDF + "type"), NamedNode(SD + "Graph")),
        Triple(graph, NamedNode(VOID + "triples"), Literal(str(triples), datatype=NamedNode(XSD + "integer"))),
    ]
    codecs = [offer.results for offer in media.SOLUTIONS] + [offer.rdf for offer in media.GRAPHS]
    formats = [Triple(service, NamedNode(SD + "resultFormat"), NamedNode(codec.iri)) for codec in codecs]
    return description + formats


def _limits(settings: Settings, language: str) -> str:
    seconds, size, rows = f"{settings.query_seconds:g}", settings.result_megabytes, settings.result_rows
    if language == "nl":
        most = f" en {size} MB opleveren" if size else ""
        most += f", hoogstens {rows} rijen of triples" if rows else ""
        return f"Een vraag mag {seconds} seconden duren{most}; daarna volgt een fout, nooit een deel van het antwoord."
    most = f" and give {size} MB" if size else ""
    most += f", at most {rows} rows or triples" if rows else ""
    return f"A query may take {seconds} seconds{most}; beyond that comes an error, never part of the answer."
