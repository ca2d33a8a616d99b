"""A mend: what to take away from records, and what to write instead."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad


@dataclass(frozen=True)
class Mend:
    """What to take away from the records and what to write; `renamed` are pairs of a thing's IRI and its new one.

    What is renamed is among what goes and what comes.
    """

    removed: frozenset[Quad]
    added: frozenset[Quad]
    renamed: tuple[tuple[str, str], ...] = ()

    def as_member(self) -> dict[str, str | None]:
        """Return it as triples, as N-Triples write them, each on a line."""
        return {"remove": _lines(self.removed), "add": _lines(self.added)}

    @property
    def key(self) -> str:
        """What tells this mend from others, in a form that is sent."""
        return hashlib.sha256(repr(self.as_member()).encode()).hexdigest()[:16]


def swapped(quad: Quad, term: NamedNode | Literal) -> Mend:
    """Return the mend by which a quad has another value."""
    return Mend(frozenset([quad]), added(quad, term).added)


def added(quad: Quad, term: NamedNode | Literal) -> Mend:
    """Return the mend by which a property has one more value beside that of a quad."""
    return linked(quad, quad.predicate.value, term)


def linked(quad: Quad, path: str, term: object) -> Mend:
    """Return the mend by which the subject of a quad has one more property."""
    return Mend(frozenset(), frozenset([Quad(quad.subject, NamedNode(path), term, quad.graph_name)]))  # type: ignore[arg-type]


def text_of(term: object) -> str:
    """Return an IRI or the characters of a literal."""
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def _lines(quads: frozenset[Quad]) -> str | None:
    return "\n".join(sorted(f"{quad.triple} ." for quad in quads)) or None
