"""Things by what people call them: label, `kind:name`, name or IRI; and what to call a thing so that it is found."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

from pyoxigraph import DefaultGraph, NamedNode

from missiegraaf import files
from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import UnreadableCell
from missiegraaf.formats.parsing import is_iri
from missiegraaf.forms import Field
from missiegraaf.namespaces import LANGUAGES

_NEAR: Final = 3  # names that are proposed for an unknown one
_SEARCHED: Final = 50  # unknown ones of a sheet, of which names are proposed
_CURIE: Final = re.compile(r"([a-z]+(?:-[a-z]+)*):(\S+)")


class Names:
    """The names of the things of a dataset; `own` are the records that a sheet brings along."""

    def __init__(self, dataset: Dataset, base_iri: str, own: Collection[str] = ()) -> None:
        self._dataset, self._base_iri, self._own = dataset, base_iri, own
        self._indexes: dict[tuple[tuple[str, ...], tuple[str, ...]], _Index] = {}
        self._searched = 0

    def find(self, text: str, field: Field) -> NamedNode:
        """Return the thing that a text names among those that a field takes.

        Raises UnreadableCell for a text that names nothing, with what it may mean, or more than one thing.
        """
        index = self._index(field)
        named = index.labels.get(text.casefold()) or index.slugs.get(text.casefold()) or set()
        if len(named) == 1:
            return NamedNode(next(iter(named)))
        if len(named) > 1:
            raise self._several(text, named)
        iri = self.iri(text)
        if iri and self.known(iri):
            return NamedNode(iri)
        raise self._unknown(text, field, index)

    def iri(self, text: str) -> str | None:
        """Return the IRI that a text writes in full, or as `kind:name`; None for neither."""
        full = text.removeprefix("<").removesuffix(">")
        if full.startswith(("http://", "https://")):
            return full if is_iri(full) else None
        found = _CURIE.fullmatch(text)
        iri = f"{self._base_iri}id/{found[1]}/{found[2]}" if found else ""
        return iri if found and is_iri(iri) else None

    def known(self, iri: str) -> bool:
        """Tell whether anything is said of a thing, here or in the sheet."""
        there = self._dataset.quads_for_pattern(NamedNode(iri), None, None, DefaultGraph())
        return iri in self._own or next(there, None) is not None

    def written(self, iri: str, field: Field, language: str) -> str:
        """Return the label of a thing in a language, where that names it alone, else `kind:name` or its IRI."""
        index = self._index(field)
        label = index.by_iri.get(iri, {}).get(language, "")
        return label if index.labels.get(label.casefold()) == {iri} else self.short(iri)

    def short(self, iri: str) -> str:
        """Return `kind:name` for a record, and any other IRI in full."""
        local = iri.removeprefix(self._base_iri + "id/")
        found = _CURIE.fullmatch(local.replace("/", ":", 1)) if local != iri else None
        return found[0] if found else iri

    def all(self, field: Field, language: str) -> list[str]:
        """Return what a field takes, as `written`, sorted."""
        return sorted((self.written(iri, field, language) for iri in self._index(field).by_iri), key=str.casefold)

    def label(self, iri: str, field: Field, language: str) -> str:
        """Return the label of a thing, else `short`."""
        return self._index(field).by_iri.get(iri, {}).get(language) or self.short(iri)

    def _several(self, text: str, named: Collection[str]) -> UnreadableCell:
        near = tuple(sorted(named)[:_NEAR])
        listed = ", ".join(map(self.short, near))
        return UnreadableCell(
            f"{text!r} is the name of several things; expected one of {listed}",
            f"{text!r} is de naam van verschillende dingen; verwacht een van {listed}",
            near,
        )

    def _unknown(self, text: str, field: Field, index: _Index) -> UnreadableCell:
        near = self._near(text, index)
        said = {
            language: " ".join(
                (
                    {"nl": "bedoelde u", "en": "did you mean"}[language],
                    ", ".join(f'"{self.label(iri, field, language)}" ({self.short(iri)})' for iri in near) + "?",
                )
            )
            if near
            else {
                "nl": "verwacht de naam van iets dat er is, of soort:naam",
                "en": "expected the name of something that is there, or kind:name",
            }[language]
            for language in LANGUAGES
        }
        return UnreadableCell(
            f"{text!r} is not known as {field.name['en']}; {said['en']}",
            f"{text!r} is niet bekend als {field.name['nl']}; {said['nl']}",
            near,
        )

    def _near(self, text: str, index: _Index) -> tuple[str, ...]:
        self._searched += 1
        if self._searched > _SEARCHED:
            return ()
        wanted = text.rpartition(":")[2].rpartition("/")[2].casefold()
        known = {**index.slugs, **index.labels}
        names = {name for asked in (text.casefold(), wanted) for name in difflib.get_close_matches(asked, known, _NEAR)}
        best = sorted(names, key=lambda name: (-difflib.SequenceMatcher(None, text.casefold(), name).ratio(), name))
        return tuple(dict.fromkeys(iri for name in best for iri in sorted(known[name])))[:_NEAR]

    def _index(self, field: Field) -> _Index:
        key = (field.schemes, field.classes) if field.kind == "concept" else ((), field.classes)
        if key not in self._indexes:
            self._indexes[key] = _Index(self._dataset, self._base_iri, *key)
        return self._indexes[key]


class _Index:
    """Labels and last parts of IRIs, of the concepts of schemes, of the things of classes, or of all records."""

    def __init__(self, dataset: Dataset, base_iri: str, schemes: tuple[str, ...], classes: tuple[str, ...]) -> None:
        self.labels: dict[str, set[str]] = defaultdict(set)
        self.slugs: dict[str, set[str]] = defaultdict(set)
        self.by_iri: dict[str, dict[str, str]] = defaultdict(dict)
        which = f"?x ?named ?label FILTER(STRSTARTS(STR(?x), '{base_iri}id/') && !CONTAINS(STR(?x), '#'))"
        if schemes:
            which = f"VALUES ?scheme {{ {_listed(schemes)} }} ?x skos:inScheme ?scheme ; ?named ?label"
        elif classes:
            which = f"VALUES ?top {{ {_listed(classes)} }} ?class rdfs:subClassOf* ?top . ?x a ?class ; ?named ?label"
        query = f"SELECT DISTINCT ?x ?label {{ VALUES ?named {{ skos:prefLabel dct:title }} {which} }}"
        rows: Any = dataset.query(query, prefixes=files.prefixes(base_iri))
        for thing, label in rows:
            self.labels[label.value.casefold()].add(thing.value)
            self.slugs[thing.value.rpartition("/")[2].casefold()].add(thing.value)
            self.by_iri[thing.value].setdefault(label.language, label.value)


def _listed(iris: tuple[str, ...]) -> str:
    return " ".join(f"<{iri}>" for iri in iris)
