"""The triples of one record as columns see them: what they say of it, and how what they say is put in its place."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Triple

from missiegraaf.formats import minting
from missiegraaf.formats.tabular import Value, as_text
from missiegraaf.namespaces import RDF
from missiegraaf.sheets.columns import Column
from missiegraaf.sheets.names import Names
from missiegraaf.sheets.values import Term, written

NONE: Final = "-"  # the line of a detail that one value lacks


@dataclass(frozen=True)
class Section:
    """A column with those columns of the same sheet that detail it."""

    main: Column
    details: tuple[Column, ...]

    @property
    def claims(self) -> bool:
        """Whether the details are those of claims about values that stand at the record itself."""
        return not self.main.link and bool(self.details)


@dataclass(frozen=True)
class Unit:
    """One value of a section, and the part of the record that has it or is about it, if there is one."""

    value: Term
    part: str = ""


def sections(columns: Sequence[Column], keys: Collection[str]) -> list[Section]:
    """Return those of the columns that a sheet has, by their keys, each with its details."""
    there = [column for column in columns if column.key in keys]
    return [Section(c, tuple(d for d in there if d.main == c.key)) for c in there if not c.main]


class Record:
    """The triples of a record, to be changed section by section; `base_iri` is that of the ontology's terms."""

    def __init__(self, iri: str, triples: Iterable[Triple], names: Names, base_iri: str) -> None:
        self.iri = iri
        self._names, self._mg, self._id = names, base_iri + "def#", base_iri + "id/"
        self._said: dict[str, dict[str, set[Term]]] = defaultdict(lambda: defaultdict(set))
        for triple in triples:
            self.say(triple.subject.value, triple.predicate.value, triple.object)  # type: ignore[union-attr, arg-type]

    @property
    def triples(self) -> frozenset[Triple]:
        """What is said of it now."""
        return frozenset(
            Triple(NamedNode(subject), NamedNode(predicate), value)
            for subject, said in self._said.items()
            for predicate, values in said.items()
            for value in values
        )

    def say(self, subject: str, predicate: str, value: Term) -> None:
        """Add a triple."""
        self._said[subject][predicate].add(value)

    def values(self, subject: str, predicate: str) -> set[Term]:
        """Return what a property of the record, or of a part, has."""
        return self._said.get(subject, {}).get(predicate, set())

    def units(self, section: Section, language: str = "nl") -> list[Unit]:
        """Return the values that a section can say, in a fixed order."""
        main = section.main
        if not main.link:
            found = self._sayable(self.iri, main, language)
            if len(found) > 1 and not main.repeats:  # one cell cannot say both
                return []
            return [Unit(v, self._claim(main, v) if section.claims else "") for v in sorted(found, key=str)]
        units = []
        for part in sorted(part.value for part in self.values(self.iri, main.link) if self._owns(part)):
            told = self.values(part, main.field.path)
            if len(told) == 1 and told == self._sayable(part, main, language):
                units += [Unit(value, part) for value in told]
        return units

    def row(self, section: Section, language: str) -> dict[str, Value]:
        """Return the cells of a section, by the keys of their columns; an empty one is left out."""
        units, main = self.units(section, language), section.main
        cells = {main.key: _joined([written(unit.value, main, self._names, language) for unit in units])}
        for detail in section.details:
            lines = [self._line(unit.part, detail, language) for unit in units]
            same = len(set(lines)) == 1
            cells[detail.key] = lines[0] if same else "\n".join(as_text(line) or NONE for line in lines)
        return {key: value for key, value in cells.items() if value not in (None, "")}

    def put(self, section: Section, values: Sequence[Term], details: Mapping[str, Sequence[set[Term]]]) -> list[str]:
        """Put values, and for each what its details have, in the place of what the section says now.

        Returns the part of each value, '' where it has none. A part goes with its value, whole; what no column of the
        section says of a part that stays is kept.
        """
        there = self.units(section)
        pool: dict[Term, deque[str]] = defaultdict(deque)
        for unit in there:
            pool[unit.value].append(unit.part)
        if not section.main.link:
            self._said[self.iri][section.main.field.path] -= {unit.value for unit in there}
            self._said[self.iri][section.main.field.path] |= set(values)
        kept = [pool[value].popleft() if pool[value] else "" for value in values]
        for part in (part for parts in pool.values() for part in parts if part and part not in kept):
            self._remove(section, part)
        return [
            self._detailed(section, value, part, [details[detail.key][number] for detail in section.details], values)
            for number, (value, part) in enumerate(zip(values, kept, strict=True))
        ]

    def _detailed(
        self, section: Section, value: Term, part: str, details: Sequence[set[Term]], values: Sequence[Term]
    ) -> str:
        """Write one value's part, and return it."""
        if section.claims and not part:
            part = self._claim(section.main, value)
        if not part and (section.main.link or any(details)):
            new = part = self._minted(section, value, len(set(values)) > 1)
            self._begin(section, value, new)
        elif not part:
            return ""
        else:
            new = ""
        evidence = self._mg + "evidence"
        was = bool(self.values(part, evidence))
        for detail, terms in zip(section.details, details, strict=True):
            said = self._sayable(part, detail, "nl")
            self._said[part][detail.field.path] -= said
            self._said[part][detail.field.path] |= terms
        self._ground(section, part, bool(new) or was != bool(self.values(part, evidence)))
        return part

    def _ground(self, section: Section, part: str, changed: bool) -> None:
        """Say that a part is stated, or unverified, by its evidence, where no column and nothing else says so."""
        basis = self._mg + "basis"
        ways = {way: NamedNode(f"{self._id}basis/{way}") for way in ("stated", "unverified")}
        given = any(d.field.path == basis for d in section.details) and self.values(part, basis)
        if changed and not given and self.values(part, basis) <= set(ways.values()):
            stated = bool(self.values(part, self._mg + "evidence"))
            self._said[part][basis] = {ways["stated" if stated else "unverified"]}

    def _begin(self, section: Section, value: Term, part: str) -> None:
        main, detail = section.main, next(iter(section.details), None)
        link, cls = (main.link, main.part) if main.link else (detail.link, detail.part) if detail else ("", "")
        self.say(self.iri, link, NamedNode(part))
        self.say(part, RDF + "type", NamedNode(cls))
        if main.link:
            self.say(part, main.field.path, value)
        else:
            self.say(part, self._mg + "property", NamedNode(main.field.path))
            self.say(part, self._mg + ("statedThing" if isinstance(value, NamedNode) else "statedValue"), value)

    def _remove(self, section: Section, part: str) -> None:
        link = section.main.link or section.details[0].link
        self._said[self.iri][link].discard(NamedNode(part))
        self._said.pop(part, None)

    def _claim(self, main: Column, value: Term) -> str:
        """The claim that gives a property this value, one that is stated before others; '' where there is none."""
        stated = NamedNode(self._id + "basis/stated")
        which = self._mg + ("statedThing" if isinstance(value, NamedNode) else "statedValue")
        found = [
            part.value
            for part in self.values(self.iri, self._mg + "claim")
            if self._owns(part)
            and self.values(part.value, self._mg + "property") == {NamedNode(main.field.path)}
            and self.values(part.value, which) == {value}
        ]
        return min(found, key=lambda part: (stated not in self.values(part, self._mg + "basis"), part), default="")

    def _minted(self, section: Section, value: Term, several: bool) -> str:
        """An IRI for a new part; of a claim, which is about a property, with the value where there are several."""
        said = minting.local(value.value) if isinstance(value, NamedNode) else minting.slug(value.value)
        main = section.main
        if main.link:
            return minting.part(self.iri, main.link, said, self._said)
        return minting.part(
            self.iri, section.details[0].link, minting.local(main.field.path), self._said, said, several
        )

    def _owns(self, part: Term) -> bool:
        return isinstance(part, NamedNode) and part.value.startswith(self.iri + "#")

    def _sayable(self, subject: str, column: Column, language: str) -> set[Term]:
        found = self.values(subject, column.field.path)
        return {term for term in found if written(term, column, self._names, language) is not None}

    def _line(self, part: str, detail: Column, language: str) -> Value | None:
        found = (
            [written(t, detail, self._names, language) for t in self.values(part, detail.field.path)] if part else []
        )
        return _joined(sorted((value for value in found if value is not None), key=str))


def _joined(values: Sequence[Value | None]) -> Value | None:
    """One value as it is, several as text between bars."""
    return values[0] if len(values) == 1 else " | ".join(map(as_text, values)) or None
