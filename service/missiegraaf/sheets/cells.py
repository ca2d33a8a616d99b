"""Cells of a sheet: where in it a thing is said, and what is wrong with one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from missiegraaf.errors import UnreadableCell
from missiegraaf.formats.positions import Place


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: of which record and property, '' for what is wrong with the sheet itself."""

    place: Place
    error: UnreadableCell
    text: str = ""
    record: str = ""
    path: str = ""


@dataclass
class Cells:
    """Where in a sheet a thing is said. `rows` are the places of subjects."""

    rows: dict[str, Place] = field(default_factory=dict)
    said: dict[tuple[str, str], list[tuple[str | None, Place]]] = field(default_factory=lambda: defaultdict(list))

    def find(self, subject: str, predicate: str | None = None, value: str | None = None) -> Place | None:
        """Return the cell that says the value, else an empty one, else any, of the property, else the record's."""
        having = self.said.get((subject, predicate or ""), [])
        best = sorted(having, key=lambda said: (said[0] != value, said[0] is not None))
        return best[0][1] if best else self.rows.get(subject) or self.rows.get(subject.partition("#")[0])

    def first(self, subject: str, predicates: Collection[str], value: str | None) -> Place | None:
        """Return the cell of one of these properties: that says the value, else an empty one, else any."""
        asked = sorted(predicate for predicate in predicates if (subject, predicate) in self.said)
        having = [said for predicate in asked for said in self.said[subject, predicate]]
        return min(having, key=lambda said: (said[0] != value, said[0] is not None))[1] if having else None
