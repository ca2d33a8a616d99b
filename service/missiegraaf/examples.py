"""An example of a right value for what a constraint found wrong, as the forms have them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property, partial
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import Graph, URIRef
from rdflib import Literal as Text
from rdflib.namespace import SH
from rdflib.term import Node

from missiegraaf import files, forms
from missiegraaf.formats.minting import local, slug
from missiegraaf.formats.parsing import is_iri
from missiegraaf.formats.terms import Terms
from missiegraaf.forms import Field, Form
from missiegraaf.namespaces import RDF, SKOS
from missiegraaf.validation import Result
from missiegraaf.validation.constraint import Constraint, Mention

_LABEL: Final = SKOS + "prefLabel"


class Examples:
    """Examples for the results on shapes; forms and prefixes are those of a base IRI."""

    def __init__(self, shapes: Graph, base_iri: str) -> None:
        self._base, self._constraint = base_iri, cache(partial(Constraint, shapes))
        self._forms = forms.forms(base_iri)
        self._terms = Terms(files.prefixes(base_iri))

    def of(self, result: Result) -> str | None:
        """Return a right value as Turtle writes it with the project's prefixes; None where there is none to give.

        That of the property where the finding is, else of the first that the constraint asks for. Where the IRI of the
        thing is wrong it is such an IRI; where its class is, a class. What has to go has no example.
        """
        constraint = self._constraint(URIRef(result.constraint))
        found = next(self._values(constraint, result), None)
        return self._terms.term(found) if found is not None else None

    def _values(self, constraint: Constraint, result: Result) -> Iterator[NamedNode | Literal]:
        if any(str(count) == "0" for count in constraint.values(SH.maxCount)):
            return
        form = self._form(result.classes, constraint)
        if constraint.values(SH.pattern) and not constraint.mentions:
            yield from self._iris(constraint, form, result)
        at = [mention for mention in constraint.mentions if mention.path == result.path]
        for mention in at or ([Mention(result.path, {}, is_condition=False)] if result.path else constraint.mentions):
            if not mention.is_condition:
                yield from _terms([*mention.values(SH.hasValue), *mention.values(SH["in"])])
            yield from self._of_property(mention, constraint, form, result)
        if form and not constraint.mentions:  # nothing but the class can be wrong
            yield NamedNode(form.iri)

    def _form(self, classes: tuple[str, ...], constraint: Constraint) -> Form | None:
        """The form of what is wrong: of its classes, those first of which the constraint speaks."""
        having = [cls for cls in (*classes, *constraint.targets) if cls in self._forms]
        known = [cls for cls in constraint.targets if cls in having] if not classes else having
        aimed = [cls for cls in known if cls in constraint.targets]
        return forms.joined([self._forms[cls] for cls in dict.fromkeys([*aimed, *known])]) if known else None

    def _of_property(
        self, mention: Mention, constraint: Constraint, form: Form | None, result: Result
    ) -> Iterator[NamedNode | Literal]:
        if mention.path == RDF + "type":
            kinds = (known for known in self._forms.values() if f"/id/{known.kind}/" in result.focus_node)
            yield from (NamedNode(known.iri) for known in kinds)
        if mention.back:
            yield from self._pointing(mention, result)
            return
        all_forms = [form, *self._forms.values()] if form else list(self._forms.values())
        asked = (field for known in all_forms for field in known.fields if field.path == mention.path)
        if field := next(asked, None):
            if field.kind == "part":
                yield from _terms([URIRef(f"{result.focus_node.partition('#')[0]}#{local(field.key)}")])
            yield from self._fitting(field, mention, constraint.schemes(mention))

    def _pointing(self, mention: Mention, result: Result) -> Iterator[NamedNode | Literal]:
        """What points with a property to what is wrong: for a part its record, else a part that has the property."""
        if "#" in result.focus_node:
            yield from _terms([URIRef(result.focus_node.partition("#")[0])])
        parts = {known.iri for known in self._forms.values() if any(f.path == mention.path for f in known.fields)}
        yield from self._parts(parts)

    def _parts(self, classes: Collection[str]) -> Iterator[NamedNode]:
        """IRIs of parts of these classes."""
        for known in self._forms.values():
            for field in known.fields:
                if field.part in classes:
                    yield from (NamedNode(f"{iri.value}#{local(field.key)}") for iri in self._named(known))

    def _fitting(self, field: Field, mention: Mention, schemes: Collection[str]) -> Iterator[NamedNode | Literal]:
        """The examples of a field, those first that are as asked: by language, datatype, value list and class."""
        wanted = {str(value) for p in (SH.languageIn, SH.datatype) for value in mention.values(p)}
        kinds = {scheme.rpartition("/")[2] for scheme in schemes}
        kinds |= {self._forms[str(cls)].kind for cls in mention.values(SH["class"]) if str(cls) in self._forms}
        starts = tuple(f"{self._base}id/{kind}/" for kind in kinds)

        def is_asked(term: NamedNode | Literal) -> bool:
            if isinstance(term, Literal):
                return bool({term.language, term.datatype.value} & wanted)
            return term.value.startswith(starts)

        own = [self._read(example) for example in dict.fromkeys([field.example, *field.examples]) if example]
        yield from filter(is_asked, [*own, *(self._things if starts and field.kind == "thing" else ())])
        for cls in mention.values(SH["class"]):
            yield from self._named(self._forms[str(cls)]) if str(cls) in self._forms else ()
        yield from own

    def _iris(self, constraint: Constraint, form: Form | None, result: Result) -> Iterator[NamedNode]:
        """IRIs as a pattern asks them: of the class of what is wrong, else any."""
        patterns = [re.compile(str(pattern)) for pattern in constraint.values(SH.pattern)]
        is_part = form is not None and form.is_part
        of_class = self._parts([form.iri]) if form and is_part else self._named(form) if form else ()
        for thing in (*of_class, *self._things):
            if all(pattern.search(thing.value) for pattern in patterns) and thing.value != result.focus_node:
                yield thing

    def _named(self, form: Form) -> Iterator[NamedNode]:
        """IRIs of things of a class: examples, and one named as a new record is, after its name."""
        start = f"{self._base}id/{form.kind}/"
        yield from (thing for thing in self._things if thing.value.startswith(start))
        label = next((field.example for field in form.fields if field.path == _LABEL and field.example), "")
        yield NamedNode(start + slug(self._read(label).value if label else form.key))

    @cached_property
    def _things(self) -> Sequence[NamedNode]:
        """The things that are examples of any field."""
        fields = (field for known in self._forms.values() for field in known.fields)
        given = dict.fromkeys(example for field in fields for example in field.examples if example.startswith("<"))
        return [NamedNode(example[1:-1]) for example in given if "#" not in example]

    def _read(self, example: str) -> NamedNode | Literal:
        (quad,) = parse(f"<{RDF}> <{RDF}> {example} .", RdfFormat.N_TRIPLES)
        return cast("NamedNode | Literal", quad.object)


def _terms(nodes: Iterable[Node]) -> Iterator[NamedNode | Literal]:
    """The literals among nodes of rdflib, and the IRIs that are such."""
    for node in nodes:
        if isinstance(node, Text):
            datatype = NamedNode(str(node.datatype)) if node.datatype and not node.language else None
            yield Literal(str(node), language=node.language, datatype=datatype)
        elif isinstance(node, URIRef) and is_iri(str(node)):
            yield NamedNode(str(node))
