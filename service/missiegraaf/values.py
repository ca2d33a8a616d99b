"""What a value that is wrong was meant to be, and which values a property may have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode
from rdflib import URIRef
from rdflib.namespace import SH

from missiegraaf import files, forms
from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats import lexical
from missiegraaf.formats.parsing import is_iri
from missiegraaf.forms import Field
from missiegraaf.names import Names
from missiegraaf.namespaces import LANGUAGES, RDF, SKOS
from missiegraaf.validation.constraint import Constraint, Mention

_SHORT: Final = 12  # values of a list of which each is thought of
_ALIKE: Final = 0.8  # of names, as difflib measures it, where one is taken for the other
_SOURCES: Final = ("Source", "Passage")  # what is said there is known to whoever has read it
_ADDRESS: Final = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?")


@dataclass(frozen=True)
class Values:
    """Values in a dataset; `proposals` has things of like name for those that are unknown."""

    dataset: Dataset
    proposals: Mapping[str, Sequence[str]]
    base_iri: str

    def meant(self, term: object, constraint: Constraint, asked: Field | None) -> Iterator[NamedNode | Literal]:
        """Yield what a wrong value may have been meant as, the likeliest first."""
        if isinstance(term, NamedNode):
            proposed = self.proposals.get(term.value, ())
            near = difflib.get_close_matches(_name(term.value), [*map(_name, proposed)], len(proposed) or 1, _ALIKE)
            # A thing of another number is another one, and not a misspelling.
            alike = (iri for iri in proposed if _name(iri) in near and _wording(iri) != _wording(term.value))
            yield from map(NamedNode, alike)
            yield from self._alike(term, constraint, asked)
        elif isinstance(term, Literal):
            yield from self._as_thing(term.value.strip(), constraint, asked)
            yield from self._as_literal(term, constraint, asked)

    def listed(self, mention: Mention, schemes: Collection[str], asked: Field | None) -> list[NamedNode]:
        """Return the values of a list, where it is a short one."""
        given = [NamedNode(str(value)) for value in mention.values(SH["in"]) if isinstance(value, URIRef)]
        if mention.is_condition or not given:
            lists = schemes or (asked.schemes if asked and asked.kind == "concept" else ())
            given = [thing for scheme in sorted(lists) for thing in self._subjects(SKOS + "inScheme", scheme)]
        return sorted(given, key=str) if len(given) <= _SHORT else []

    def _alike(self, term: NamedNode, constraint: Constraint, asked: Field | None) -> Iterator[NamedNode]:
        """Things of the right class with the name that this one has, and names of the ontology that are like it."""
        classes = _classes(constraint, asked)
        if term.value.startswith(self.base_iri + "def#"):
            known = [thing.value for cls in classes for thing in self._subjects(RDF + "type", cls)]
            names = {iri.rpartition("#")[2]: iri for iri in sorted(known)}
            near = difflib.get_close_matches(term.value.rpartition("#")[2], names, 1, _ALIKE)
            yield from (NamedNode(names[name]) for name in near)
        if classes & {self.base_iri + "def#" + cls for cls in _SOURCES}:
            return
        kinds = (form.kind for cls, form in forms.forms(self.base_iri).items() if cls in classes)
        for kind in sorted(kinds):
            other = NamedNode(f"{self.base_iri}id/{kind}/{term.value.rpartition('/')[2]}")
            if other != term and self._is_known(other):
                yield other
        if asked and classes:
            for language in LANGUAGES:
                yield from self._called(self._names[language].label(term), replace(asked, classes=tuple(classes)))

    def _as_thing(self, text: str, constraint: Constraint, asked: Field | None) -> Iterator[NamedNode]:
        """The thing that a text names, and the address that it is."""
        kind = asked.kind if asked else ""
        is_thing = any(str(value) == str(SH.IRI) for value in constraint.values(SH.nodeKind))
        if kind == "address" and _ADDRESS.fullmatch(text):
            address = text if text.startswith("http") else "https://" + text
            yield from [NamedNode(address)] if is_iri(address) else []
        elif asked and kind == "concept":
            schemes = {scheme for mention in constraint.mentions for scheme in constraint.schemes(mention)}
            for scheme in sorted(schemes or asked.schemes):
                for thing in sorted(self._subjects(SKOS + "inScheme", scheme), key=str):
                    labels = {self._names[language].label(thing).casefold() for language in LANGUAGES}
                    if text.casefold() in labels | {thing.value.rpartition("/")[2]}:
                        yield thing
        if asked and (kind in ("thing", "concept") or is_thing):
            yield from self._called(text, asked)

    def _as_literal(self, term: Literal, constraint: Constraint, asked: Field | None) -> Iterator[Literal]:
        """The literal as its datatype writes it, without stray spaces, and in small letters."""
        datatypes = {str(datatype) for mention in constraint.mentions for datatype in mention.values(SH.datatype)}
        if asked and asked.kind == "text":
            datatypes.add(asked.datatype)
        texts = dict.fromkeys([term.value.strip(), term.value.strip().lower(), "".join(term.value.split()).lower()])
        found = list[Literal]()
        for datatype in sorted(datatypes - {RDF + "langString"}):
            for text in texts:
                try:
                    found.append(lexical.literal(text, datatype))
                except ValueError:
                    continue
        tag = {"language": term.language} if term.language else {"datatype": term.datatype}
        plain = texts if constraint.values(SH.pattern) else list(texts)[:1]
        found += [Literal(text, **tag) for text in plain]
        yield from (literal for literal in dict.fromkeys(found) if literal != term)

    def _called(self, text: str, asked: Field) -> list[NamedNode]:
        """The thing with exactly this name: others are looked for where somebody waits for a list, since it costs."""
        found = self._names[LANGUAGES[0]].exactly(text, asked) if text else []
        return found if len(found) == 1 else []

    @cached_property
    def _names(self) -> Mapping[str, Names]:
        prefixes = files.prefixes(self.base_iri)
        return {language: Names(self.dataset, prefixes, language) for language in LANGUAGES}

    def _subjects(self, predicate: str, thing: str) -> Iterator[NamedNode]:
        quads = self.dataset.quads_for_pattern(None, NamedNode(predicate), NamedNode(thing), DefaultGraph())
        return (quad.subject for quad in quads if isinstance(quad.subject, NamedNode))

    def _is_known(self, thing: NamedNode) -> bool:
        return next(self.dataset.quads_for_pattern(thing, None, None, DefaultGraph()), None) is not None


def _classes(constraint: Constraint, asked: Field | None) -> set[str]:
    """The classes of which a value must be, by the constraint, else by the form."""
    given = {str(cls) for mention in constraint.mentions for cls in mention.values(SH["class"])}
    return given or set(asked.classes if asked else ())


def _name(iri: str) -> str:
    return iri.rpartition("/")[2]


def _wording(iri: str) -> str:
    return re.sub("[0-9]+", "", _name(iri))
