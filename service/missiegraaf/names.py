"""What things are called: a text for each, and the thing for such a text. Functions of a dataset, in one language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode

from missiegraaf.drafts import Unknown
from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats.parsing import is_iri
from missiegraaf.forms import Field
from missiegraaf.namespaces import DCT, LANGUAGES, RDF, RDFS, SKOS

NAMES: Final = (SKOS + "prefLabel", DCT + "title", RDFS + "label")
_LISTED: Final = 400  # things that a list of choices may have
_NEAR: Final = 8  # things that are proposed for a text
_SHORT: Final = re.compile(r"(?:^|\()([\w-]+):([^\s()]+)\)?$")  # form:fieldlab, and Fieldlab (form:fieldlab)


@dataclass(frozen=True)
class Names:
    """The names in a dataset. A thing is shown as `Fieldlab (form:fieldlab)`, which is read back as that thing."""

    dataset: Dataset
    prefixes: Mapping[str, str]
    language: str
    _labels: dict[NamedNode, str] = field(default_factory=dict)
    _choices: dict[tuple[tuple[str, ...], ...], list[tuple[str, str]] | None] = field(default_factory=dict)

    def label(self, thing: NamedNode) -> str:
        """Return the name of a thing in the language, else in any, else ''."""
        if thing not in self._labels:
            self._labels[thing] = self._label(thing)
        return self._labels[thing]

    def _label(self, thing: NamedNode) -> str:
        found: dict[str, str] = {}
        for name in NAMES:
            for quad in self.dataset.quads_for_pattern(thing, NamedNode(name), None, DefaultGraph()):
                if isinstance(quad.object, Literal):
                    found.setdefault(quad.object.language or "", quad.object.value)
        return found.get(self.language) or next((found[key] for key in sorted(found)), "")

    def short(self, thing: NamedNode) -> str:
        """Return an IRI with a prefix of the list, else in full."""
        fitting = [(len(namespace), p) for p, namespace in self.prefixes.items() if thing.value.startswith(namespace)]
        length, prefix = max(fitting, default=(0, ""))
        name = f"{prefix}:{thing.value[length:]}"
        return name if fitting and _SHORT.fullmatch(name) else thing.value

    def show(self, thing: NamedNode) -> str:
        """Return the text for a thing."""
        label, short = self.label(thing), self.short(thing)
        return f"{label} ({short})" if label and short != thing.value else short

    def read(self, text: str, asked: Field) -> NamedNode:
        """Return the thing that a text shows or names, of the classes of a field. Raises Unknown."""
        text = text.strip()
        found = self.exactly(text, asked) or self._in_any_case(text, asked.classes)
        if len(found) == 1:
            return found[0]
        near = found[:_NEAR] or self.like(text, asked.classes)
        raise Unknown(tuple(map(self.show, near)), several=bool(found))

    def exactly(self, text: str, asked: Field) -> list[NamedNode]:
        """Return the thing that a text shows, else those of the classes of a field with exactly this name."""
        named = _SHORT.search(text)
        iri = self.prefixes[named[1]] + named[2] if named and named[1] in self.prefixes else text
        if iri.startswith(("http://", "https://")) and is_iri(iri):
            return [NamedNode(iri)]
        literals = [Literal(text), *(Literal(text, language=language) for language in LANGUAGES)]
        found = {
            quad.subject
            for name in NAMES
            for literal in literals
            for quad in self.dataset.quads_for_pattern(None, NamedNode(name), literal, DefaultGraph())
            if self._fits(quad.subject, asked.classes)
        }
        return sorted(found, key=str)  # type: ignore[arg-type]

    def choices(self, asked: Field) -> list[tuple[str, str]] | None:
        """Return the values that a field takes, each with its label, in that order; None where they are many."""
        key = asked.schemes, asked.classes
        if key not in self._choices:
            self._choices[key] = self._chosen(asked)
        return self._choices[key]

    def _chosen(self, asked: Field) -> list[tuple[str, str]] | None:
        if asked.kind == "concept":
            lists = (self._subjects(SKOS + "inScheme", scheme) for scheme in asked.schemes)
            return self._labelled({thing: thing.value for things in lists for thing in things})
        if not asked.classes:
            return None
        things = {thing for cls in asked.classes for thing in islice(self._subjects(RDF + "type", cls), _LISTED + 1)}
        return None if len(things) > _LISTED else self._labelled({thing: self.show(thing) for thing in things})

    def _labelled(self, values: Mapping[NamedNode, str]) -> list[tuple[str, str]]:
        named = ((value, self.label(thing) or self.short(thing)) for thing, value in values.items())
        return sorted(named, key=lambda choice: (choice[1].casefold(), choice[0]))

    def _subjects(self, predicate: str, thing: str) -> Iterator[NamedNode]:
        quads = self.dataset.quads_for_pattern(None, NamedNode(predicate), NamedNode(thing), DefaultGraph())
        return (quad.subject for quad in quads if isinstance(quad.subject, NamedNode))

    def _in_any_case(self, text: str, classes: Collection[str]) -> list[NamedNode]:
        """The things with this name however it is written in capitals."""
        wanted = text.casefold()
        return sorted({thing for thing, label in self._all(classes) if label.casefold() == wanted}, key=str)

    def like(self, text: str, classes: Collection[str] = ()) -> list[NamedNode]:
        """Return the things whose names have the text in them, else those with the most similar names."""
        wanted = text.casefold()
        known = {label.casefold(): thing for thing, label in sorted(self._all(classes), key=lambda found: found[1])}
        having = [label for label in known if wanted in label]
        similar = sorted(having, key=len) or difflib.get_close_matches(wanted, known, _NEAR)
        return list(dict.fromkeys(known[label] for label in similar))[:_NEAR]

    def _all(self, classes: Collection[str]) -> Iterator[tuple[NamedNode, str]]:
        for name in NAMES:
            for quad in self.dataset.quads_for_pattern(None, NamedNode(name), None, DefaultGraph()):
                if isinstance(quad.object, Literal) and self._fits(quad.subject, classes):
                    yield quad.subject, quad.object.value  # type: ignore[misc]

    def _fits(self, thing: object, classes: Collection[str]) -> bool:
        """Tell whether a thing is of one of the classes; where there are none, whether it is a record."""
        if not isinstance(thing, NamedNode) or not classes:
            return isinstance(thing, NamedNode) and "#" not in thing.value
        types = self.dataset.quads_for_pattern(thing, NamedNode(RDF + "type"), None, DefaultGraph())
        return any(quad.object.value in classes for quad in types)  # type: ignore[union-attr]
