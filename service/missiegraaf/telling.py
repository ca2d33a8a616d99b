"""A Change of a record in plain words: which property of it, or of a part, had one value and has another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pyoxigraph import Literal as Text
from pyoxigraph import NamedNode, Triple

from missiegraaf.namespaces import RDF


@dataclass(frozen=True)
class Told:
    """One thing that a Change did: it added a value, removed one, or changed one.

    `part` is the name of the part of the record where it did, '' for the record itself; `property` the property's name.
    """

    kind: Literal["added", "removed", "changed"]
    part: str
    property: str
    before: str = ""
    after: str = ""


def told(
    record: str, removed: Iterable[Triple], added: Iterable[Triple], label: Callable[[NamedNode], str]
) -> list[Told]:
    """Return what a Change did to a record, in a fixed order; `label` names a thing, or gives ''."""
    places: dict[tuple[str, str, str], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for way, triples in enumerate((removed, added)):
        for triple in triples:
            subject: Any = triple.subject
            if triple.predicate.value == RDF + "type" and subject.value != record:
                continue  # the property that a part hangs on says as much
            property_ = label(triple.predicate) or triple.predicate.value
            language = (triple.object.language or "") if isinstance(triple.object, Text) else ""
            place = subject.value.removeprefix(record).removeprefix("#"), property_, language
            places[place][way].append(_value(triple.object, record, label))
    found = []
    for (part, property_, language), (gone, come) in sorted(places.items()):
        name = f"{property_} ({language})" if language else property_
        if len(gone) == len(come) == 1:
            found.append(Told("changed", part, name, gone[0], come[0]))
            continue
        found += [Told("removed", part, name, before=value) for value in sorted(gone)]
        found += [Told("added", part, name, after=value) for value in sorted(come)]
    return found


def _value(term: Any, record: str, label: Callable[[NamedNode], str]) -> str:
    if isinstance(term, NamedNode):
        return label(term) or term.value.removeprefix(record + "#")
    return str(getattr(term, "value", term))
