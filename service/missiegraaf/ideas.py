"""How a finding may be mended: what to write otherwise, as shapes, forms and names have it. Nothing is tried here.

No idea states what no source states: none has evidence, a date that is not there already, or `basis:stated`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad
from rdflib import Graph, URIRef
from rdflib.namespace import SH

from missiegraaf import forms
from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats.minting import slug
from missiegraaf.forms import Field, Form
from missiegraaf.mends import Mend, added, linked, swapped, text_of
from missiegraaf.namespaces import LANGUAGES, RDF, SKOS, home_graph
from missiegraaf.validation import Result
from missiegraaf.validation.constraint import Constraint, Mention
from missiegraaf.values import Values

_LABEL: Final = SKOS + "prefLabel"  # a proper name may be the same in both languages


@dataclass(frozen=True)
class Ideas:
    """Mends for one finding: the first `likely` one that works will do; of the `alternatives` only one that is alone.

    Where several alternatives work, only an editor knows which is right.
    """

    likely: Sequence[Mend] = ()
    alternatives: Sequence[Mend] = ()


class Thinking:
    """Ideas about records that are given in the midst of a dataset."""

    def __init__(
        self,
        dataset: Dataset,
        given: frozenset[Quad],
        proposals: Mapping[str, Sequence[str]],
        shapes: Graph,
        base_iri: str,
    ) -> None:
        self._dataset, self._given, self._shapes, self._base = dataset, given, shapes, base_iri
        self._forms = forms.forms(base_iri)
        self._values = Values(dataset, proposals, base_iri)
        self._said: dict[tuple[str, str], list[Quad]] = defaultdict(list)
        self._pointing: dict[str, list[Quad]] = defaultdict(list)
        for quad in sorted(given, key=str):
            self._said[text_of(quad.subject), quad.predicate.value].append(quad)
            self._pointing[text_of(quad.object)].append(quad)
        self._subjects = {subject for subject, _ in self._said}

    def of(self, result: Result) -> Ideas:
        """Return what may mend a finding."""
        constraint = Constraint(self._shapes, URIRef(result.constraint))
        known = [self._forms[cls] for cls in result.classes if cls in self._forms]
        about = _About(result, constraint, forms.joined(known) if known else None)
        likely = [*self._otherwise(about), *self._unwanted(about), *self._label(about), *self._class(about)]
        likely += self._named_otherwise(about)
        alternatives = [
            *(*self._languages(about), *self._listed(about), *self._fixed(about), *self._fewer(about)),
            *(*self._fewer_classes(about), *self._linked(about), *self._moved(about)),
        ]
        return Ideas(likely, tuple(dict.fromkeys(mend for mend in alternatives if not self._claims(mend))))

    def _claims(self, mend: Mend) -> bool:
        """Tell whether a mend says that a source states something."""
        return any(quad.object == NamedNode(self._base + "id/basis/stated") for quad in mend.added)

    def _here(self, about: _About) -> list[Quad]:
        """What is said at the path of a finding: with its value, where it has one."""
        value, quads = about.result.value, self._said.get((about.result.focus_node, about.result.path or ""), [])
        return [quad for quad in quads if value is None or text_of(quad.object) == value]

    def _field(self, about: _About, path: str) -> Field | None:
        known = [*([about.form] if about.form else []), *self._forms.values()]
        return next((field for form in known for field in form.fields if field.path == path), None)

    def _otherwise(self, about: _About) -> Iterator[Mend]:
        """A value that is read as it was meant: near names, literals as people write them, things by their names."""
        if about.result.value is not None:
            field = self._field(about, about.result.path or "")
            for quad in self._here(about):
                yield from (swapped(quad, term) for term in self._values.meant(quad.object, about.constraint, field))

    def _unwanted(self, about: _About) -> Iterator[Mend]:
        """What may not be there, as what is only inferred, goes."""
        own = about.mentions if [*map(str, about.constraint.values(SH.maxCount))] == ["0"] else ()
        paths = [mention.path for mention in own if not mention.back]
        if quads := [quad for path in paths for quad in self._said.get((about.result.focus_node, path), ())]:
            yield Mend(frozenset(quads), frozenset())

    def _label(self, about: _About) -> Iterator[Mend]:
        """A name that is missing in one language is the same as in the other."""
        for mention in about.mentions:
            said = self._said.get((about.result.focus_node, mention.path), [])
            wanted = [str(tag) for tag in mention.values(SH.languageIn)]
            if mention.path == _LABEL and mention.values(SH.qualifiedMinCount) and len(said) == len(wanted) == 1:
                term = said[0].object
                if isinstance(term, Literal) and term.language in {*LANGUAGES} - {*wanted}:
                    yield added(said[0], Literal(term.value, language=wanted[0]))

    def _class(self, about: _About) -> Iterator[Mend]:
        """The class of the things whose IRIs have this form; of a part, that of what its record says with it."""
        result = about.result
        if result.path == RDF + "type":
            classes = [form.iri for form in self._forms.values() if f"/id/{form.kind}/" in result.focus_node]
            if "#" in result.focus_node:
                paths = {quad.predicate.value for quad in self._pointing[result.focus_node]}
                fields = (field for form in self._forms.values() for field in form.fields)
                classes = [field.part for field in fields if field.path in paths and field.part]
            said = self._here(about)
            if len(set(classes)) == 1 and len(said) < 2:
                term = NamedNode(classes[0])
                beside = said or self._about(result.focus_node)
                yield from (
                    [swapped(said[0], term)] if said else [linked(beside[0], RDF + "type", term)] if beside else []
                )

    def _named_otherwise(self, about: _About) -> Iterator[Mend]:
        """A thing whose IRI is not as those of its class are is renamed, with its parts, in all that is given."""
        old, form = about.result.focus_node, about.form
        if not about.constraint.values(SH.pattern) or about.mentions or form is None:
            return
        name = slug(re.split("[/#]", old)[-1])
        new = f"{self._base}id/{form.kind}/{name}"
        if form.is_part:
            records = {text_of(quad.subject).partition("#")[0] for quad in self._pointing[old]}
            new = f"{next(iter(records))}#{name}" if len(records) == 1 else ""
        renamed = {iri: new + iri[len(old) :] for iri in self._subjects if iri == old or iri.startswith(old + "#")}
        taken = any(self._is_known(iri) for iri in (*renamed, *renamed.values())) or self._subjects & {
            *renamed.values()
        }
        if name and new and not taken:
            yield self._renaming(renamed)

    def _renaming(self, renamed: Mapping[str, str]) -> Mend:
        def other(term: object) -> NamedNode:
            return NamedNode(renamed[text_of(term)])

        removed, added = set(), set()
        for quad in self._given:
            subject, value = text_of(quad.subject) in renamed, isinstance(quad.object, NamedNode)
            value = value and text_of(quad.object) in renamed
            if subject or value:
                removed.add(quad)
                new = other(quad.subject) if subject else quad.subject
                graph = NamedNode(home_graph(text_of(new), self._base))
                added.add(Quad(new, quad.predicate, other(quad.object) if value else quad.object, graph))
        return Mend(frozenset(removed), frozenset(added), tuple(sorted(renamed.items())))

    def _is_known(self, iri: str) -> bool:
        return next(self._dataset.quads_for_pattern(NamedNode(iri), None, None, DefaultGraph()), None) is not None

    def _about(self, subject: str) -> list[Quad]:
        return [quad for (known, _), quads in self._said.items() if known == subject for quad in quads]

    def _languages(self, about: _About) -> Iterator[Mend]:
        """A text in the one or the other language, where the constraint asks for a language."""
        asked = {str(p) for m in about.mentions for p in m.parameters} & {str(SH.languageIn), str(SH.uniqueLang)}
        datatypes = {str(datatype) for mention in about.mentions for datatype in mention.values(SH.datatype)}
        if asked or RDF + "langString" in datatypes:
            for quad in self._here(about):
                if isinstance(quad.object, Literal):
                    others = [tag for tag in LANGUAGES if tag != quad.object.language]
                    yield from (swapped(quad, Literal(quad.object.value.strip(), language=tag)) for tag in others)

    def _listed(self, about: _About) -> Iterator[Mend]:
        """Each value of a short list, for one that is wrong or missing; not where another may be what is wrong."""
        focus = about.result.focus_node
        asked = [m.path for m in about.mentions if not m.is_condition and not m.is_unwanted and not m.back]
        for mention in about.mentions:
            others = any(path != mention.path and self._said.get((focus, path)) for path in asked)
            if mention.back or others or not about.is_own(mention):
                continue
            field = self._field(about, mention.path)
            values = self._values.listed(mention, about.constraint.schemes(mention), field)
            said = self._said.get((about.result.focus_node, mention.path), [])
            if about.result.path == mention.path:
                said = self._here(about)
            for quad in said:
                yield from (swapped(quad, value) for value in values if value != quad.object)
            if not said and not mention.is_condition and (beside := self._about(about.result.focus_node)):
                yield from (linked(beside[0], mention.path, value) for value in values)

    def _fixed(self, about: _About) -> Iterator[Mend]:
        """The one value that a property must have."""
        for mention in about.mentions:
            said = self._said.get((about.result.focus_node, mention.path), [])
            field = self._field(about, mention.path)
            for value in mention.values(SH.hasValue) if about.is_own(mention) and not mention.is_condition else ():
                if isinstance(value, URIRef) and not mention.back:
                    term, beside = NamedNode(str(value)), said or self._about(about.result.focus_node)
                    if len(said) == 1 and field is not None and field.single:
                        yield swapped(said[0], term)
                    elif beside:
                        yield linked(beside[0], mention.path, term)

    def _fewer(self, about: _About) -> Iterator[Mend]:
        """One of several values, or of two equal links, goes."""
        constraint, result = about.constraint, about.result
        others = [str(path) for path in constraint.values(SH.disjoint)]
        if constraint.values(SH.maxCount) or others:
            quads = [q for path in others for q in self._said.get((result.focus_node, path), ())]
            same = [quad for quad in quads if text_of(quad.object) == result.value]
            yield from (Mend(frozenset([quad]), frozenset()) for quad in (*self._here(about), *same))

    def _fewer_classes(self, about: _About) -> Iterator[Mend]:
        """One of several classes goes, where the constraint is about nothing else."""
        said = self._said.get((about.result.focus_node, RDF + "type"), [])
        if about.constraint.values(SH["not"]) and not about.mentions and len(said) > 1:
            yield from (Mend(frozenset([quad]), frozenset()) for quad in said)

    def _linked(self, about: _About) -> Iterator[Mend]:
        """A part to which nothing points is one of its record."""
        part, (record, mark, _) = about.result.focus_node, about.result.focus_node.partition("#")
        beside = self._about(record) if mark else []
        for mention in about.mentions if beside else ():
            if mention.back and mention.values(SH.minCount) and not self._pointing[part]:
                yield linked(beside[0], mention.path, NamedNode(part))

    def _moved(self, about: _About) -> Iterator[Mend]:
        """Of two properties, one for things and one for literals, the other is meant."""
        asked = set(about.constraint.values(SH.nodeKind))
        pairs = [[str(p) for p in self._shapes.items(n)] for n in self._shapes.objects(None, SH.alternativePath)]
        for pair in sorted(pairs) if asked else ():
            if len(pair) == 2 and about.result.path in pair:
                (other,) = {*pair} - {about.result.path}
                rules = self._shapes.subjects(SH.path, URIRef(other))
                if {kind for rule in rules for kind in self._shapes.objects(rule, SH.nodeKind)} - asked:
                    for quad in self._here(about):
                        yield Mend(frozenset([quad]), linked(quad, other, quad.object).added)


@dataclass(frozen=True)
class _About:
    """A finding, with its constraint and the form of the thing."""

    result: Result
    constraint: Constraint
    form: Form | None

    @property
    def mentions(self) -> Sequence[Mention]:
        return self.constraint.mentions

    def is_own(self, mention: Mention) -> bool:
        """Tell whether a property is that of the finding, or one of several that it may be about."""
        return self.result.path in (None, mention.path)
