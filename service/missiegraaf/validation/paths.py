"""Property paths: the nodes they lead to, forwards and backwards, and which triples are read on the way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, Triple

from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.validation.triples import Term, Triples


class Path(ABC):
    """A SHACL property path (SHACL 2.3.1)."""

    @abstractmethod
    def nodes(self, triples: Triples, start: Term) -> Collection[Term]:
        """Return the nodes at the end of the path, each once."""

    @abstractmethod
    def inverse(self) -> Path:
        """Return the path that leads back."""

    @abstractmethod
    def reads(self) -> Iterator[Read]:
        """Yield what evaluation looks up: from the nodes at the end of a path, one step."""


@dataclass(frozen=True)
class Step(Path):
    """One triple, from subject to object or back; any predicate where it is None."""

    predicate: NamedNode | None
    forward: bool = True

    def nodes(self, triples: Triples, start: Term) -> Collection[Term]:  # noqa: D102
        return (triples.objects if self.forward else triples.subjects)(start, self.predicate)

    def inverse(self) -> Path:  # noqa: D102
        return Step(self.predicate, not self.forward)

    def reads(self) -> Iterator[Read]:  # noqa: D102
        yield SELF, self


@dataclass(frozen=True)
class Sequence(Path):
    """One path after the other; without parts it stays where it is."""

    parts: tuple[Path, ...] = ()

    def nodes(self, triples: Triples, start: Term) -> Collection[Term]:  # noqa: D102
        found: Collection[Term] = (start,)
        for part in self.parts:
            found = dict.fromkeys(end for node in found for end in part.nodes(triples, node))
        return found

    def inverse(self) -> Path:  # noqa: D102
        return Sequence(tuple(part.inverse() for part in reversed(self.parts)))

    def reads(self) -> Iterator[Read]:  # noqa: D102
        for i, part in enumerate(self.parts):
            yield from _behind(Sequence(self.parts[:i]), part.reads())


SELF = Sequence()
Read = tuple[Path, Step]


@dataclass(frozen=True)
class Alternative(Path):
    """One path or the other."""

    parts: tuple[Path, ...]

    def nodes(self, triples: Triples, start: Term) -> Collection[Term]:  # noqa: D102
        return dict.fromkeys(end for part in self.parts for end in part.nodes(triples, start))

    def inverse(self) -> Path:  # noqa: D102
        return Alternative(tuple(part.inverse() for part in self.parts))

    def reads(self) -> Iterator[Read]:  # noqa: D102
        return (read for part in self.parts for read in part.reads())


@dataclass(frozen=True)
class Repeated(Path):
    """A path at least `least` times (0 or 1), and again where `again`."""

    part: Path
    least: int
    again: bool

    def nodes(self, triples: Triples, start: Term) -> Collection[Term]:  # noqa: D102
        found: dict[Term, None] = {start: None} if self.least == 0 else {}
        edge = list(self.part.nodes(triples, start))
        while edge:
            node = edge.pop()
            if node not in found:
                found[node] = None
                if self.again:
                    edge.extend(self.part.nodes(triples, node))
        return found

    def inverse(self) -> Path:  # noqa: D102
        return Repeated(self.part.inverse(), self.least, self.again)

    def reads(self) -> Iterator[Read]:  # noqa: D102
        return _behind(Repeated(self.part, 0, again=True) if self.again else SELF, self.part.reads())


def then(*paths: Path) -> Path:
    """Return the sequence of paths, in its shortest form."""
    parts: tuple[Path, ...] = ()
    for path in paths:
        parts += path.parts if isinstance(path, Sequence) else (path,)
    return parts[0] if len(parts) == 1 else Sequence(parts)


def read(triples: Triples, start: Term, reads: Iterable[Read]) -> Dataset:
    """Return what is read from a node, by itself."""
    found: set[Triple] = set()
    for prefix, step in reads:
        for node in prefix.nodes(triples, start):
            ends = (node, step.predicate, None) if step.forward else (None, step.predicate, node)
            found.update(triples.match(*ends))
    return in_memory(Quad(t.subject, t.predicate, t.object) for t in found)


def _behind(path: Path, reads: Iterable[Read]) -> Iterator[Read]:
    return ((then(path, prefix), step) for prefix, step in reads)


def after(path: Path, reads: tuple[Read, ...] | None) -> tuple[Read, ...] | None:
    """Return reads as they are from the start of a path that leads to them."""
    return None if reads is None else tuple(_behind(path, reads))
