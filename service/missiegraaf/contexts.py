"""The JSON-LD contexts: one for each version of the ontology, made of it and of the prefix list, never changed after.

A context names the prefixes, and for each property of the ontology what its values are: things, or literals of one
type. `ontology/context/<version>.jsonld` has each as it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pyoxigraph import NamedNode, Triple

from missiegraaf import files
from missiegraaf.errors import NotFound
from missiegraaf.namespaces import OWL, RDF, RDFS, XSD


def made(triples: Iterable[Triple], prefixes: Mapping[str, str], namespace: str) -> str:
    """Return the context of an ontology, given its triples, as JSON; `namespace` is that of its terms."""
    types: dict[str, str] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
            subject, said, value = triple.subject.value, triple.predicate.value, triple.object.value
            if said == RDF + "type" and value == OWL + "ObjectProperty":
                types[subject] = "@id"
            elif said == RDFS + "range" and value.startswith(XSD) and value != XSD + "string":
                types[subject] = value
    own = next(prefix for prefix, iri in prefixes.items() if iri == namespace)
    terms = {
        f"{own}:{iri.removeprefix(namespace)}": {"@id": iri, "@type": kind}
        for iri, kind in sorted(types.items())
        if iri.startswith(namespace)
    }
    context = {"@version": 1.1, **dict(sorted(prefixes.items())), **terms}
    return json.dumps({"@context": context}, ensure_ascii=False, indent=1) + "\n"


def versions() -> list[str]:
    """Return the versions of which there is a context, the newest last."""
    names = [path.stem for path in (files.folder("ontology") / "context").glob("*.jsonld")]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


@cache
def text(version: str, base_iri: str) -> str:
    """Return a context as it is sent. Raises NotFound (404), naming the versions there are."""
    if version not in versions():
        raise NotFound(f"there is no context {version!r}; there are: {', '.join(versions())}")
    return files.text(files.folder("ontology") / "context" / f"{version}.jsonld", base_iri)


@cache
def newest(base_iri: str) -> tuple[str, Mapping[str, Any]]:
    """Return the newest version, which is that of the ontology, and its terms."""
    version = versions()[-1]
    return version, json.loads(text(version, base_iri))["@context"]
