"""The catalogue: the dataset, its dumps and versions, and the services that give it (DCAT-AP-NL 3, DCAT-AP 3.0.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from pyoxigraph import Literal, Triple

from missiegraaf.about import CC0, DESCRIPTION, FORMATS, KEYWORDS, Names, agents, standards
from missiegraaf.authorities import completed
from missiegraaf.config import Settings
from missiegraaf.facts import COMPRESSIONS, Facts, File
from missiegraaf.formats.shorthand import Said, both, moment, triples, typed

_LANGUAGES: Final = ("eu:language/NLD", "eu:language/ENG")
_THEMES: Final = tuple(f"eu:data-theme/{code}" for code in ("ECON", "EDUC", "GOVE", "TECH"))
_WORDS: Final = [word for pair in KEYWORDS for word in both(*pair)]
# Path of a service, the standard that it keeps, its title before that of the dataset, and what it does.
_SERVICES: Final = (
    (
        "sparql",
        "https://www.w3.org/TR/sparql11-protocol/",
        ("SPARQL", "SPARQL"),
        ("Vragen in SPARQL 1.1 aan de nieuwste versie.", "Queries in SPARQL 1.1 on the newest version."),
    ),
    (
        "feed",
        "https://w3id.org/ldes/specification",
        ("Wijzigingen", "Changes"),
        ("Elke wijziging van een record, als gebeurtenis.", "Each change of a record, as an event."),
    ),
    (
        "dumps/",
        "https://www.rfc-editor.org/rfc/rfc9110",
        ("Bestanden", "Files"),
        ("Elke bewaarde versie als geheel, in bestanden.", "Each version that is kept as a whole, in files."),
    ),
)


def catalogue(kept: Sequence[Facts], settings: Settings, address: str) -> list[Triple]:
    """Return the catalogue of a service at this address, with its versions that are kept, the newest first.

    It has what there is to say of each term of others in it.
    """
    return completed(triple for part in _Catalogue(kept, settings, address).parts() for triple in part)


class _Catalogue:
    def __init__(self, kept: Sequence[Facts], settings: Settings, address: str) -> None:
        self.kept, self.newest, self.settings, self.address = kept, kept[0], settings, address
        self.names, self.titles = Names(settings, address), (settings.title_nl, settings.title_en)
        self.series = settings.base_iri + "catalogue#versions"

    def parts(self) -> Iterator[list[Triple]]:
        yield from (self.itself(), agents(self.names), standards(self.names), self.dataset(), self.versions())
        for facts in self.kept:
            yield self.version(facts)
            yield from (self.distribution(facts, file) for file in facts.files)
        for newer, older in pairwise(map(self.iri, self.kept)):
            yield triples(newer, {"dcat:prev": older, "dcat:previousVersion": older})
        for path, standard, title, description in _SERVICES:
            yield self.service(path, standard, title, description)
        for page in (self.address, self.names.catalogue):
            yield triples(page, {"a": "foaf:Document"})

    def iri(self, facts: Facts) -> str:
        """The name of a version."""
        return f"{self.settings.base_iri}catalogue#version-{facts.version}"

    def described(self, file: File) -> str:
        """The name of a file as a distribution."""
        return f"{self.names.catalogue}#{file.name}"

    def titled(self, nl: str, en: str) -> tuple[Literal, ...]:
        return both(nl % self.titles[0], en % self.titles[1])

    def itself(self) -> list[Triple]:
        return self.resource(
            self.names.catalogue,
            {
                "a": "dcat:Catalog",
                "dct:title": self.titled("Catalogus van %s", "Catalogue of %s"),
                "dct:description": both(
                    "De gegevens van deze dienst, en waar.", "The data of this service, and where."
                ),
                "dct:creator": self.names.publisher,
                "dct:issued": moment(self.newest.issued),
                "dct:license": CC0,
                "dct:modified": moment(self.newest.time),
                "dct:spatial": "eu:country/NLD",
                "dcat:dataset": [self.names.dataset, *map(self.iri, self.kept)],
                "dcat:service": [self.names.service(path) for path, *_ in _SERVICES],
                "dcat:themeTaxonomy": "eu:data-theme",
                "foaf:homepage": self.address,
            },
        )

    def dataset(self) -> list[Triple]:
        """The dataset as it is now, under the name that it keeps."""
        said: Said = {
            "a": "void:Dataset",
            "dct:title": both(*self.titles),
            "dct:accrualPeriodicity": "eu:frequency/IRREG",
            "dct:issued": moment(self.newest.issued),
            "dcat:hasCurrentVersion": self.iri(self.newest),
            "dcat:hasVersion": map(self.iri, self.kept),
            "foaf:isPrimaryTopicOf": self.names.void,
        }
        return self.content(self.names.dataset, self.newest) + triples(self.names.dataset, said)

    def version(self, facts: Facts) -> list[Triple]:
        said: Said = {
            "dct:title": self.titled(f"%s, versie {facts.version}", f"%s, version {facts.version}"),
            "dct:accrualPeriodicity": "eu:frequency/NEVER",
            "dct:issued": moment(facts.time),
            "dcat:inSeries": self.series,
            "dcat:isVersionOf": self.names.dataset,
        }
        return self.content(self.iri(facts), facts) + triples(self.iri(facts), said)

    def content(self, name: str, facts: Facts) -> list[Triple]:
        """What the dataset and each of its versions have in common."""
        period = f"{self.settings.base_iri}catalogue#period-{facts.version}"
        days: Said = {
            "a": "dct:PeriodOfTime",
            "dcat:startDate": moment(facts.first_day),
            "dcat:endDate": moment(facts.last_day),
        }
        said: Said = {
            "a": "dcat:Dataset",
            "dct:description": both(*DESCRIPTION),
            "dct:accessRights": "eu:access-right/PUBLIC",
            "dct:conformsTo": [self.settings.base_iri + path for path in ("def", "shapes")],
            "dct:creator": self.names.publisher,
            "dct:identifier": Literal(name),
            "dct:license": CC0,
            "dct:modified": moment(facts.time),
            "dct:spatial": "eu:country/NLD",
            "dct:temporal": period if facts.first_day else (),
            "adms:status": f"eu:dataset-status/{'COMPLETED' if facts is self.newest else 'DEPRECATED'}",
            "dcat:distribution": map(self.described, facts.files),
            "dcat:keyword": _WORDS,
            "dcat:landingPage": self.address,
            "dcat:theme": _THEMES,
            "dcat:version": Literal(str(facts.version)),
            "foaf:page": self.names.catalogue,
        }
        return self.resource(name, said) + (triples(period, days) if facts.first_day else [])

    def versions(self) -> list[Triple]:
        return self.resource(
            self.series,
            {
                "a": "dcat:DatasetSeries",
                "dct:title": self.titled("Versies van %s", "Versions of %s"),
                "dct:description": both("De versies die worden bewaard.", "The versions that are kept."),
                "dct:accrualPeriodicity": "eu:frequency/IRREG",
                "dct:issued": moment(self.newest.issued),
                "dct:modified": moment(self.newest.time),
                "dct:spatial": "eu:country/NLD",
                "dcat:first": self.iri(self.kept[-1]),
                "dcat:last": self.iri(self.newest),
            },
        )

    def distribution(self, facts: Facts, file: File) -> list[Triple]:
        name, media_type, file_type = FORMATS[file.suffix]
        url, described, label = self.names.dump(file.name), self.described(file), f"{name}, {file.compression}"
        said: Said = {
            "a": "dcat:Distribution",
            "dct:title": both(f"Versie {facts.version}: {label}", f"Version {facts.version}: {label}"),
            "dct:description": both(
                "Wat de records vermelden" + (", en wat eruit volgt." if file.inferred else "."),
                "What the records assert" + (", and what follows from it." if file.inferred else "."),
            ),
            "dct:conformsTo": self.settings.base_iri + "def",
            "dct:format": "eu:file-type/" + file_type,
            "dct:issued": moment(facts.time),
            "dct:language": _LANGUAGES,
            "dct:license": CC0,
            "dct:modified": moment(facts.time),
            "dcatap:availability": "eu:planned-availability/TEMPORARY",
            "dcat:accessService": self.names.service("dumps/"),
            "dcat:accessURL": url,
            "dcat:byteSize": typed(file.length, "nonNegativeInteger"),
            "dcat:compressFormat": "iana:" + COMPRESSIONS[file.compression],
            "dcat:downloadURL": url,
            "dcat:mediaType": "iana:" + media_type,
            "spdx:checksum": described + "-checksum",
        }
        checksum: Said = {
            "a": "spdx:Checksum",
            "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
            "spdx:checksumValue": typed(file.sha256, "hexBinary"),
        }
        return triples(described, said) + triples(described + "-checksum", checksum)

    def service(self, path: str, standard: str, title: tuple[str, str], description: tuple[str, str]) -> list[Triple]:
        name, endpoint = self.names.service(path), self.address + path
        return self.resource(
            name,
            {
                "a": "dcat:DataService",
                "dct:title": self.titled(f"{title[0]}: %s", f"{title[1]}: %s"),
                "dct:description": both(*description),
                "dct:accessRights": "eu:access-right/PUBLIC",
                "dct:conformsTo": standard,
                "dct:creator": self.names.publisher,
                "dct:identifier": Literal(name),
                "dct:license": CC0,
                "dcat:endpointDescription": endpoint,
                "dcat:endpointURL": endpoint,
                "dcat:keyword": _WORDS,
                "dcat:landingPage": self.address,
                "dcat:servesDataset": self.names.dataset,
                "dcat:theme": _THEMES,
            },
        )

    def resource(self, name: str, said: Said) -> list[Triple]:
        """What is said of one of them, with who answers for it and in which languages it is."""
        responsible: Said = {
            "dct:language": _LANGUAGES,
            "dct:publisher": self.names.publisher,
            "dcat:contactPoint": self.names.contact,
        }
        return triples(name, said) + triples(name, responsible)
