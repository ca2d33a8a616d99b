"""Triples by short names: for the descriptions that the service gives of itself and of its dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf.namespaces import ADMS, AS, DCT, LANGUAGES, LDES, OWL, RDF, SKOS, TREE, XSD

Value = str | Literal
Said = Mapping[str, Value | Iterable[Value]]

_NAMESPACES: Final = {
    "a": RDF + "type",
    "adms": ADMS,
    "as": AS,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": DCT,
    "eu": "http://publications.europa.eu/resource/authority/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "format": "http://www.w3.org/ns/formats/",
    "iana": "https://www.iana.org/assignments/media-types/",
    "ldes": LDES,
    "owl": OWL,
    "publisher": "http://purl.org/adms/publishertype/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "skos": SKOS,
    "spdx": "http://spdx.org/rdf/terms#",
    "tree": TREE,
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
}


def triples(subject: str, said: Said) -> list[Triple]:
    """Return what is said of a subject, property to values: a string is an IRI or a short name, empty is none."""
    found = []
    for name, values in said.items():
        listed = [values] if isinstance(values, str | Literal) else values
        found += [
            Triple(_iri(subject), _iri(name), value if isinstance(value, Literal) else _iri(value))
            for value in listed
            if value
        ]
    return found


def both(nl: str, en: str) -> tuple[Literal, ...]:
    """Return a text in Dutch and English."""
    return tuple(Literal(text, language=tag) for text, tag in zip((nl, en), LANGUAGES, strict=True))


def typed(value: object, datatype: str) -> Literal:
    """Return a literal of an XSD type."""
    return Literal(str(value), datatype=NamedNode(XSD + datatype))


def moment(text: str) -> tuple[Literal, ...]:
    """Return a date or a time as a literal, nothing where there is none."""
    return (typed(text, "dateTime" if "T" in text else "date"),) if text else ()


def _iri(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(_NAMESPACES[prefix] + local if prefix in _NAMESPACES else name)
