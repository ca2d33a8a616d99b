"""A synthetic graph with the shape and the skew of the real one, for scale.

Each synthetic record is a copy of a real one, its template, under another name. Copies come in layers: a whole layer
has one of every template, the last one a sample. A reference goes to a copy of the record that the template refers to,
in a layer so and so many further on, drawn at random for each pair of templates: a cyclic lift of the real graph, in
which degrees are distributed as they are in reality. Where there is no such copy, to one
of the same kind and classes, the likelier the more often it is referred to in reality. What the shapes or OWL compare
across records (wholes and parts, documents and their passages, a disagreement and what it is about) stays together in
one layer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from math import ceil
from random import Random
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from missiegraaf.errors import BadRequest
from missiegraaf.namespaces import BASE, DCT, OWL, RDF, SKOS, XSD

Term = NamedNode | BlankNode | Literal | Triple
Signature = tuple[str, ...]

# What keeps a layer, besides what OWL says is transitive or asymmetric: that, drawn at random, would have circles.
_TOGETHER: Final = ("inDocument", "positionStatement", "mission", "assignedMission")
_BY_NAME: Final = ("dataset", "period")  # kinds that the shapes know by name
_NAMES: Final = frozenset((SKOS + "prefLabel", SKOS + "altLabel", SKOS + "hiddenLabel", DCT + "title"))
_YEARS: Final = 3  # by which the dates of a record move, back or forth
_WEB: Final = re.compile(r"^https?://")


def generate(quads: Iterable[Quad], communities: int, seed: int, base_iri: str = BASE) -> Iterator[Triple]:
    """Give the triples of a graph with so many learning communities, other kinds in proportion, record by record.

    `quads` is the real graph, ontology included (`transaction.read`). The records are named
    `id/<kind>/synthetic-<name>-<layer>`. Periods, the data set of the observations and what the value lists refer to
    keep their own names. Equal arguments give equal triples.

    Raises `BadRequest` for fewer communities than there are kinds of them (a community may be an organisation too).
    """
    rng = Random(seed)  # noqa: S311  # nothing secret
    real = _Real.of(quads, base_iri)
    copies = _copies(real.templates, communities, base_iri + "def#LearningCommunity", rng)
    return _layers(real, copies, base_iri, rng)


def _layers(real: _Real, copies: Mapping[str, int], base_iri: str, rng: Random) -> Iterator[Triple]:
    popularity = Counter(reference for template in real.templates.values() for reference in template.references)
    pairs = [(iri, reference) for iri, template in real.templates.items() for reference in template.references]
    ahead = {pair: rng.randrange(copies[pair[1]] or 1) for pair in pairs}
    for number in range(max(copies.values())):
        layer = _Layer(number, real.templates, copies, popularity, rng)
        for iri in real.named if number == 0 else ():
            drawn = {r: layer.name(r, ahead=0) for r in real.references[iri] if r not in real.named}
            yield from dict.fromkeys(
                t if isinstance(t.object, Literal) else Triple(t.subject, t.predicate, _renamed(t.object, drawn))
                for t in real.records[iri]
            )
        for template in layer.templates:
            names = {
                r: layer.name(r, None if r in template.kept else ahead[template.iri, r]) for r in template.references
            }
            names[template.iri] = template.name(number)
            yield from _Copy(names, number, rng, base_iri).triples(template)


@dataclass(frozen=True)
class _Template:
    """A real record, the others it refers to, those of them that keep its layer, and those it cannot do without.

    `signature` is what a record must share with another to stand in its place: kind, document, classes.
    """

    iri: str
    triples: tuple[Triple, ...]
    references: tuple[str, ...]
    kept: frozenset[str]
    needed: frozenset[str]
    document: str
    signature: Signature

    def name(self, layer: int) -> str:
        """Return the IRI of a copy; a passage is named after its document, as the shapes ask."""
        kind, _, slug = self.iri.rpartition("/")
        stem = (self.document or self.iri).rpartition("/")[2]
        return f"{kind}/synthetic-{stem}-{layer + 1}{slug.removeprefix(stem)}"


@dataclass(frozen=True)
class _Real:
    """The real records, each with the others it refers to; `named` keep their names, `templates` are copied."""

    records: Mapping[str, list[Triple]]
    references: Mapping[str, list[str]]
    named: tuple[str, ...]
    templates: Mapping[str, _Template]

    @classmethod
    def of(cls, quads: Iterable[Quad], base_iri: str) -> _Real:
        """Sort a graph into records and templates, all of it in a fixed order."""
        found: dict[str, list[Triple]] = defaultdict(list)
        concepts, together = set(), {f"{base_iri}def#{name}" for name in _TOGETHER}
        for quad in quads:
            subject, kind = _text(quad.subject), _text(quad.object)
            if subject.startswith(base_iri + "id/"):
                found[_record(subject)].append(quad.triple)
            if kind in (SKOS + "Concept", SKOS + "ConceptScheme"):
                concepts.add(subject)
            if kind in (OWL + "TransitiveProperty", OWL + "AsymmetricProperty"):
                together.add(subject)
        records = {iri: sorted(found[iri], key=str) for iri in sorted(found.keys() - concepts)}
        documents = _documents(records, base_iri + "def#inDocument")
        kinds = tuple(f"{base_iri}id/{kind}/" for kind in _BY_NAME)
        cited = {r for iri in concepts & found.keys() for r in _references(found[iri], records)}
        named = {iri for iri in records if iri.startswith(kinds)} | cited | {documents.get(iri, iri) for iri in cited}
        copied = {iri: own for iri, own in records.items() if not iri.startswith(kinds)}
        return cls(
            records,
            {iri: _references(own, copied) for iri, own in records.items()},
            tuple(sorted(named)),
            _templates(copied, documents, together),
        )


def _templates(
    records: Mapping[str, list[Triple]], documents: Mapping[str, str], together: set[str]
) -> dict[str, _Template]:
    documentary = {*documents, *documents.values()}
    needed: dict[str, set[str]] = {iri: set() for iri in records}
    for iri, own in records.items():
        for triple in own:
            target = _record(_text(triple.object))
            if target in records and target != iri:
                if triple.predicate.value in together:
                    needed[iri].add(target)
                if "#" in _text(triple.object):  # a disagreement and the record with the statement need one another
                    needed[target].add(iri)
    templates = {}
    for iri, own in records.items():
        references = tuple(reference for reference in _references(own, records) if reference != iri)
        kept = needed[iri] | (documentary & set(references))
        signature = (iri.rpartition("/")[0], documents.get(iri, ""), *_classes(iri, own))
        templates[iri] = _Template(
            iri, tuple(own), references, frozenset(kept), frozenset(needed[iri]), documents.get(iri, ""), signature
        )
    return templates


def _copies(templates: Mapping[str, _Template], communities: int, community: str, rng: Random) -> dict[str, int]:
    """Return of how many layers each template is part, from the first on.

    Each layer has a record of each signature, so that there is always something to refer to.
    """
    groups: dict[Signature, list[str]] = defaultdict(list)
    for iri, template in templates.items():
        groups[(community,) if community in template.signature else template.signature].append(iri)
    scale = Fraction(communities, len(groups[community,]))
    copies = {}
    for group in groups.values():
        rng.shuffle(group)
        one_of_each = set({templates[iri].signature: iri for iri in group}.values())
        if group is groups[community,] and communities < len(one_of_each):
            raise BadRequest(
                f"{communities} is too few learning communities: the real ones are of {len(one_of_each)} kinds, "
                f"and the graph has one of each; ask for {len(one_of_each)} or more"
            )
        group.sort(key=lambda iri: iri not in one_of_each)
        total = ceil(scale * len(group))
        copies.update({iri: (total - rank + len(group) - 1) // len(group) for rank, iri in enumerate(group)})
    todo = list(copies)
    while todo:
        iri = todo.pop()
        short = [other for other in templates[iri].needed if copies[other] < copies[iri]]
        copies.update(dict.fromkeys(short, copies[iri]))
        todo += short
    return copies


class _Layer:
    """One copy of every template that is part of this layer, and the names that its references get."""

    def __init__(
        self,
        number: int,
        templates: Mapping[str, _Template],
        copies: Mapping[str, int],
        popularity: Mapping[str, int],
        rng: Random,
    ) -> None:
        self.templates = [template for iri, template in templates.items() if copies[iri] > number]
        self._number, self._all, self._copies, self._rng = number, templates, copies, rng
        self._pools: dict[Signature, list[_Template]] = defaultdict(list)
        for template in self.templates:
            self._pools[template.signature].append(template)
        self._weights = {
            signature: list(accumulate(1 + popularity[template.iri] for template in pool))
            for signature, pool in self._pools.items()
        }

    def name(self, reference: str, ahead: int | None) -> str:
        """Return the IRI to write for a reference to this real record: so many layers ahead, or None for this layer."""
        template, copies = self._all[reference], self._copies[reference]
        if ahead is not None and copies:
            return template.name((self._number + ahead) % copies)
        if copies <= self._number:
            pool, weights = self._pools[template.signature], self._weights[template.signature]
            template = self._rng.choices(pool, cum_weights=weights)[0]
        return template.name(self._number)


class _Copy:
    """How the terms of one record change: `names` maps the IRIs of real records to those to write."""

    def __init__(self, names: Mapping[str, str], layer: int, rng: Random, base_iri: str) -> None:
        self._names, self._rng, self._base = names, rng, base_iri
        self._mark, self._letters = f"synthetic-{layer + 1}", _letters(layer)
        self._years = rng.randint(-_YEARS, _YEARS)
        self._factor = Decimal(rng.randint(50, 200)) / 100

    def triples(self, template: _Template) -> Iterator[Triple]:
        """Yield the triples of the copy, each once: two references may have become one."""
        yield from dict.fromkeys(
            Triple(_renamed(t.subject, self._names), t.predicate, self._object(t.predicate.value, t.object))
            for t in template.triples
        )

    def _object(self, predicate: str, term: Term) -> NamedNode | Literal:
        if isinstance(term, Literal):
            return self._literal(predicate, term)
        if predicate in (RDF + "type", self._base + "def#property") or _text(term).startswith(self._base):
            return _renamed(term, self._names)
        return NamedNode(_WEB.sub(f"https://{self._mark}.example/", _text(term)))

    def _literal(self, predicate: str, literal: Literal) -> Literal:
        text, datatype = literal.value, literal.datatype
        if predicate in _NAMES:
            return Literal(f"{text} (synthetic {self._letters})", language=literal.language)
        if predicate == DCT + "identifier":
            return Literal(f"{text}-{self._mark}")
        if predicate == self._base + "def#sha256":
            return Literal(f"{self._rng.getrandbits(256):064x}")
        if datatype.value == XSD + "date":
            moved = f"{int(text[:4]) + self._years:04}{text[4:]}"
            return Literal(moved.replace("-02-29", "-02-28"), datatype=datatype)
        if datatype.value == XSD + "decimal":
            places = len(text.partition(".")[2])
            return Literal(_canonical(round(Decimal(text) * self._factor, places)), datatype=datatype)
        return literal


def _references(triples: Iterable[Triple], records: Container[str]) -> list[str]:
    """Return the records that these triples refer to, each once."""
    objects = (_record(_text(t.object)) for t in triples if isinstance(t.object, NamedNode))
    return list(dict.fromkeys(iri for iri in objects if iri in records))


def _documents(records: Mapping[str, list[Triple]], in_document: str) -> dict[str, str]:
    return {iri: _text(t.object) for iri, own in records.items() for t in own if t.predicate.value == in_document}


def _classes(iri: str, triples: Iterable[Triple]) -> list[str]:
    return sorted(_text(t.object) for t in triples if t.predicate.value == RDF + "type" and _text(t.subject) == iri)


def _renamed(term: Term, names: Mapping[str, str]) -> NamedNode:
    """Return the IRI of a record or of a part of it, under the record's new name if it has one."""
    record, hash_, part = _text(term).partition("#")
    return NamedNode(names.get(record, record) + hash_ + part)


def _record(iri: str) -> str:
    return iri.partition("#")[0]


def _canonical(number: Decimal) -> str:
    """Return a decimal as the store keeps it: without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _letters(number: int) -> str:
    """Return 0 as A, 25 as Z, 26 as AA: names of persons have no digits."""
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _text(term: Term) -> str:
    """The text of a term; the graph has no blank nodes and no quoted triples."""
    return str(getattr(term, "value", term))
