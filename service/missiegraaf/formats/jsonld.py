"""Graphs as JSON-LD 1.1: compacted with a context that is elsewhere, or expanded; in both each node once, in order."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from missiegraaf.namespaces import RDF, XSD


def compacted(triples: Iterable[Triple], context: Mapping[str, Any], address: str) -> bytes:
    """Return a graph compacted with a context, named by its address; the same bytes for the same triples.

    Each node is an object of `@graph`, so that it is flattened too. The context's terms are prefixes, or IRIs in short
    with the `@type` of their values.
    """
    return _bytes(_Compaction(triples, context).document(address))


def expanded(triples: Iterable[Triple]) -> bytes:
    """Return a graph expanded and flattened, without a context; the same bytes for the same triples."""
    return _bytes(_Compaction(triples, {}).nodes())


def _bytes(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


class _Compaction:
    def __init__(self, triples: Iterable[Triple], context: Mapping[str, Any]) -> None:
        self.properties: dict[str, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
        self.compact, schemes = bool(context), set()
        for triple in triples:
            self.properties[_id(triple.subject)][triple.predicate.value].add(triple.object)
            nodes = (triple.subject, triple.predicate, triple.object, getattr(triple.object, "datatype", None))
            schemes |= {term.value.partition(":")[0] for term in nodes if isinstance(term, NamedNode)}
        prefixes = {name: iri for name, iri in context.items() if isinstance(iri, str)}
        self.taken = sorted(schemes & prefixes.keys())  # an IRI that begins as a prefix would be read as one
        self.prefixes = {iri: name for name, iri in prefixes.items() if name not in schemes}
        self.types = {term["@id"]: term["@type"] for term in context.values() if isinstance(term, dict)}

    def document(self, address: str) -> dict[str, Any]:
        context: Any = [address, dict.fromkeys(self.taken)] if self.taken else address
        return {"@context": context, "@graph": self.nodes()}

    def nodes(self) -> list[dict[str, Any]]:
        found = []
        for subject in sorted(self.properties):
            node: dict[str, Any] = {"@id": self.short(subject)}
            for predicate, objects in sorted(self.properties[subject].items()):
                types = sorted(self.short(_id(o)) for o in objects if predicate == RDF + "type" and _is_node(o))
                others = [o for o in objects if not (types and _is_node(o))]
                if types:
                    node["@type"] = self.unwrapped(types)
                if others:
                    node[self.short(predicate)] = self.unwrapped(self.values(predicate, others))
            found.append(node)
        return found

    def values(self, predicate: str, objects: Iterable[Any]) -> list[Any]:
        expected = self.types.get(predicate)
        ordered = sorted(objects, key=lambda term: (isinstance(term, Literal), str(term)))
        return [self.value(term, expected) for term in ordered]

    def value(self, term: Any, expected: str | None) -> Any:
        if not isinstance(term, Literal):
            return self.short(_id(term)) if expected == "@id" else {"@id": self.short(_id(term))}
        datatype = term.datatype.value
        if term.language:
            return {"@language": term.language, "@value": term.value}
        if datatype == expected or (datatype == XSD + "string" and self.compact and expected is None):
            return term.value
        return {"@value": term.value} | ({} if datatype == XSD + "string" else {"@type": self.short(datatype)})

    def short(self, iri: str) -> str:
        """An IRI by its longest prefix, where that is read back as it (JSON-LD 1.1 API, 5.2.2)."""
        end = len(iri)
        while self.prefixes and (end := max(iri.rfind("/", 0, end), iri.rfind("#", 0, end))) >= 0:
            if (name := self.prefixes.get(iri[: end + 1])) is not None:
                return iri if iri.startswith("//", end + 1) else f"{name}:{iri[end + 1 :]}"
        return iri

    def unwrapped(self, values: list[Any]) -> Any:
        return values[0] if self.compact and len(values) == 1 else values


def _id(term: Any) -> str:
    return f"_:{term.value}" if isinstance(term, BlankNode) else str(term.value)


def _is_node(term: Any) -> bool:
    return isinstance(term, NamedNode | BlankNode)
