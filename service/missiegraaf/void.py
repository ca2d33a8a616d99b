"""What is in the dataset, in numbers: VoID, and the SPARQL 1.1 Service Description with the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from pyoxigraph import Literal, Triple

from missiegraaf import files
from missiegraaf.about import CC0, DESCRIPTION, Names, agents
from missiegraaf.authorities import completed
from missiegraaf.config import Settings
from missiegraaf.facts import Facts
from missiegraaf.formats import media
from missiegraaf.formats.shorthand import Said, both, moment, triples, typed

# What a document is served in, as the W3C names formats.
_JSON_LD: Final = "http://www.w3.org/ns/formats/JSON-LD"  # the engine has another IRI for it
_FEATURES: Final = [_JSON_LD if offer is media.JSON_LD else offer.rdf.iri for offer in media.GRAPHS]


def void(facts: Facts, settings: Settings, address: str) -> list[Triple]:
    """Return the description of a version in VoID, as `/.well-known/void` gives it: numbers, partitions, linksets."""
    names = Names(settings, address)
    document: Said = {
        "a": "void:DatasetDescription",
        "dct:title": both(f"Wat er in {settings.title_nl} staat", f"What is in {settings.title_en}"),
        "dct:modified": moment(facts.time),
        "foaf:primaryTopic": names.dataset,
        "foaf:topic": names.dataset,
    }
    dataset: Said = {
        "a": "void:Dataset",
        "dct:title": both(settings.title_nl, settings.title_en),
        "dct:description": both(*DESCRIPTION),
        "dct:creator": names.publisher,
        "dct:issued": moment(facts.issued),
        "dct:license": CC0,
        "dct:modified": moment(facts.time),
        "dct:publisher": names.publisher,
        "dcat:version": Literal(str(facts.version)),
        "foaf:homepage": address,
        "void:dataDump": [names.dump(file.name) for file in facts.files],
        "void:documents": typed(facts.records, "integer"),
        "void:exampleResource": facts.examples,
        "void:feature": _FEATURES,
        "void:rootResource": facts.roots,
        "void:sparqlEndpoint": address + "sparql",
        "void:subset": [*(_linkset(names, start) for start in facts.links), names.void + "#inferred"],
        "void:uriSpace": Literal(settings.base_iri),
        "void:vocabulary": _vocabularies(facts, settings),
    }
    inferred: Said = {"a": "void:Dataset", "void:triples": typed(facts.inferred, "integer")}
    parts = [
        triples(names.void, document),
        triples(names.dataset, dataset),
        triples(names.void + "#inferred", inferred),
    ]
    parts += [agents(names), _numbers(names.dataset, facts, names), *_linksets(facts, names)]
    return completed(triple for part in parts for triple in part)


def service_description(
    endpoint: str, settings: Settings, number: int, address: str, facts: Facts | None = None
) -> list[Triple]:
    """Return the description of the endpoint at this URL, whose default graph has so many triples.

    Clauses 2 and 3 of SPARQL 1.1 Service Description: a GET on the endpoint without a query returns it. `facts` of
    the version that is asked, if it is published, tell what is in the graph.
    """
    service, dataset, graph = (endpoint + part for part in ("#service", "#dataset", "#default-graph"))
    formats = [offer.results.iri for offer in media.SOLUTIONS] + _FEATURES
    names = Names(settings, address)
    said: Said = {
        "a": "sd:Service",
        "dct:title": both(settings.title_nl, settings.title_en),
        "dct:description": both(_limits(settings, "nl"), _limits(settings, "en")),
        "dct:publisher": names.publisher,
        "dct:license": CC0 if facts else (),
        "dcat:servesDataset": names.dataset if facts else (),
        "sd:defaultDataset": dataset,
        "sd:endpoint": endpoint,
        "sd:feature": "sd:BasicFederatedQuery" if settings.service_allowed else (),
        "sd:resultFormat": formats,
        "sd:supportedLanguage": "sd:SPARQL11Query",
    }
    parts = [
        triples(service, said),
        triples(dataset, {"a": "sd:Dataset", "sd:defaultGraph": graph}),
        triples(graph, {"a": "sd:Graph", "void:triples": typed(number, "integer")}),
        agents(names),
    ]
    if facts:
        described: Said = {"a": "void:Dataset", "foaf:isPrimaryTopicOf": names.void}
        parts += [triples(names.dataset, described), _numbers(graph, facts, names)]
    return completed(triple for part in parts for triple in part)


def _numbers(name: str, facts: Facts, names: Names) -> list[Triple]:
    """The numbers of a version and its partitions, which have the same names wherever they are told."""
    prefixes = files.prefixes(names.settings.base_iri)
    classes = {iri: f"{names.void}#class-{_short(iri, prefixes)}" for iri in facts.classes}
    properties = {iri: f"{names.void}#property-{_short(iri, prefixes)}" for iri in facts.properties}
    said: Said = {
        "void:classes": typed(len(classes), "integer"),
        "void:classPartition": classes.values(),
        "void:distinctObjects": typed(facts.objects, "integer"),
        "void:distinctSubjects": typed(facts.subjects, "integer"),
        "void:entities": typed(facts.records, "integer"),
        "void:properties": typed(len(properties), "integer"),
        "void:propertyPartition": properties.values(),
        "void:triples": typed(facts.asserted + facts.inferred, "integer"),
    }
    found = triples(name, said)
    for iri, partition in classes.items():
        found += triples(partition, {"void:class": iri, "void:entities": typed(facts.classes[iri], "integer")})
    for iri, partition in properties.items():
        found += triples(partition, {"void:property": iri, "void:triples": typed(facts.properties[iri], "integer")})
    return found


def _linksets(facts: Facts, names: Names) -> Iterator[list[Triple]]:
    for start, number in facts.links.items():
        linkset = _linkset(names, start)
        said: Said = {
            "a": "void:Linkset",
            "void:subjectsTarget": names.dataset,
            "void:objectsTarget": linkset + "-target",
            "void:triples": typed(number, "integer"),
        }
        yield triples(linkset, said)
        yield triples(linkset + "-target", {"a": "void:Dataset", "void:uriSpace": Literal(start)})


def _linkset(names: Names, start: str) -> str:
    site = urlsplit(start)
    return f"{names.void}#links-{quote(site.scheme + '-' + (site.netloc + site.path).strip('/'), safe='')}"


def _vocabularies(facts: Facts, settings: Settings) -> list[str]:
    """The namespaces of the classes and properties that the prefix list knows."""
    used = {*facts.classes, *facts.properties}
    known = files.prefixes(settings.base_iri).values()
    return sorted(space for space in known if any(iri.startswith(space) for iri in used))


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    """A name for a term in a fragment: its short name, where the prefix list gives it one."""
    known = [(space, prefix) for prefix, space in prefixes.items() if iri.startswith(space)]
    space, prefix = max(known, default=("", ""))
    return quote(f"{prefix}-{iri.removeprefix(space)}" if prefix else iri, safe="")


def _limits(settings: Settings, language: str) -> str:
    seconds, size, rows = f"{settings.query_seconds:g}", settings.result_megabytes, settings.result_rows
    if language == "nl":
        most = f" en {size} MB opleveren" if size else ""
        most += f", hoogstens {rows} rijen of triples" if rows else ""
        return f"Een vraag mag {seconds} seconden duren{most}; daarna volgt een fout, nooit een deel van het antwoord."
    most = f" and give {size} MB" if size else ""
    most += f", at most {rows} rows or triples" if rows else ""
    return f"A query may take {seconds} seconds{most}; beyond that comes an error, never part of the answer."
