"""What every description of the dataset says alike: its texts and licences, who answers for it, and its formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, Triple

from missiegraaf.config import Settings
from missiegraaf.formats.shorthand import Said, both, triples

CC0: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
CC_BY: Final = "https://creativecommons.org/licenses/by/4.0/"
DESCRIPTION: Final = (
    (
        "Topsectoren, thema's, missies, MMIP's, programma's, werkpakketten en learning communities van het Nederlandse "
        "missiegedreven innovatie- en human-capitalbeleid, als open linked data, met bij elk feit de bron."
    ),
    (
        "Topsectors, themes, missions, MMIPs, programmes, work packages and learning communities of Dutch "
        "mission-driven innovation and human-capital policy, as open linked data, each fact with its source."
    ),
)
KEYWORDS: Final = (
    ("human capital", "human capital"),
    ("learning communities", "learning communities"),
    ("missiegedreven innovatiebeleid", "mission-driven innovation policy"),
    ("topsectoren", "topsectors"),
)
# Of each suffix of a dump: its name, its media type, and its place in the EU's table of file types.
FORMATS: Final = {
    "jsonld": ("JSON-LD", "application/ld+json", "JSON_LD"),
    "nq": ("N-Quads", "application/n-quads", "RDF_N_QUADS"),
    "trig": ("TriG", "application/trig", "RDF_TRIG"),
    "ttl": ("Turtle", "text/turtle", "RDF_TURTLE"),
}


@dataclass(frozen=True)
class Names:
    """The IRIs of what a description speaks of, for a service that is reached at `address`.

    The dataset has one under the base IRI, the same wherever it is served; what the service offers has its address.
    """

    settings: Settings
    address: str

    @property
    def catalogue(self) -> str:
        """The catalogue."""
        return self.address + "catalogue"

    @property
    def void(self) -> str:
        """The description in VoID."""
        return self.address + ".well-known/void"

    @property
    def dataset(self) -> str:
        """The dataset, whichever version it has."""
        return self.settings.base_iri + "catalogue#dataset"

    @property
    def publisher(self) -> str:
        """Who publishes."""
        return self.settings.publisher_iri or self.catalogue + "#publisher"

    @property
    def contact(self) -> str:
        """Who answers questions."""
        return self.catalogue + "#contact"

    def service(self, path: str) -> str:
        """A service at this path."""
        return f"{self.address}{path}#service"

    def dump(self, name: str) -> str:
        """Where a file is."""
        return f"{self.address}dumps/{name}"


def agents(names: Names) -> list[Triple]:
    """Return who publishes, and how to reach who answers questions: by default at the service's own page."""
    settings = names.settings
    page = settings.contact_page or ("" if settings.contact_email else names.address)
    publisher: Said = {
        "a": "foaf:Agent",
        "dct:type": "publisher:" + settings.publisher_type,
        "foaf:name": Literal(settings.publisher),
        "foaf:homepage": settings.publisher_homepage or names.address,
    }
    contact: Said = {
        "a": ["vcard:Kind", "vcard:Organization"],
        "vcard:fn": Literal(settings.contact_name or settings.publisher),
        "vcard:hasEmail": f"mailto:{settings.contact_email}" if settings.contact_email else (),
        "vcard:hasURL": page,
    }
    return triples(names.publisher, publisher) + triples(names.contact, contact)


def standards(names: Names) -> list[Triple]:
    """Return the ontology and the shapes, with their licence."""
    titles = {"def": ("De ontologie", "The ontology"), "shapes": ("De regels in SHACL", "The shapes in SHACL")}
    said = [
        triples(names.settings.base_iri + name, {"a": "dct:Standard", "dct:title": both(*title), "dct:license": CC_BY})
        for name, title in titles.items()
    ]
    return [triple for part in said for triple in part]
