"""Writing a graph that another server holds: on a copy of it in memory first, then as one update that has a condition.

The condition is that the log still ends with the version that the Change was thought out for; without it nothing
happens. So several services may write, and what one of them checked is true when it is written.
"""

from __future__ import annotations

from missiegraaf.engine import changes
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.embedded import Dataset
from missiegraaf.engine.remote import PATIENCE, Engine, base, overtaken, placed
from missiegraaf.engine.turn import Turn
from missiegraaf.engine.writer import Writer
from missiegraaf.errors import EngineUnreachable, MissiegraafError, QuerySyntaxError, QueryTimeout, StoreError


class _Turn(Turn):
    """A turn for whose length the version is one."""

    version: int | None = None

    def end(self) -> None:
        """Forget the version."""
        self.version = None


class RemoteWriter:
    """Writes what `engine` holds, in turns, as engine.writer.Writer does; `plain` is a dataset without records.

    `version` is the newest, within a turn the one the turn is about; a plain dataset counts what it was told to do.
    """

    def __init__(self, engine: Engine, plain: bool = False) -> None:
        self.turn = _Turn()
        self._engine, self._plain = engine, plain
        self._known = 1 if plain else engine.newest()
        self._copy: tuple[int, Dataset] | None = None

    @property
    def version(self) -> int:
        """The number of the newest version, or of the one that this turn is about."""
        if self._plain:
            return self._known
        if self.turn.is_mine and self.turn.version is not None:
            return self.turn.version
        newest = self._known = self._engine.newest(self._known)
        if self.turn.is_mine:
            self.turn.version = newest
        return newest

    @property
    def store(self) -> Dataset:
        """A copy of the version that this turn is about. Raises Overtaken (503) where that is the newest no more."""
        with self.turn:
            version = self.version
            if self._copy is None or self._copy[0] != version:
                self._copy = None  # not two of them at a time
                self._copy = self._engine.whole()
            if self._copy[0] != version:
                raise overtaken(f"version {version} was the newest when this began")
            return self._copy[1]

    def apply(self, difference: Difference) -> int:
        """Carry out a difference, all of it or nothing, and return the version it leads to; the log's entry is in it.

        Raises Overtaken (503) where another service wrote first, StoreError where the server refuses it; nothing has
        changed then. Raises EngineUnreachable (503) where it cannot be known.
        """
        with self.turn:
            before, failed = self.version, None
            try:
                self._engine.endpoint.update(_conditional(difference, self._engine.is_newest(before)), PATIENCE)
            except MissiegraafError as error:
                failed = error
            if not self._is_written(before + 1, difference, failed):
                if failed is not None:
                    raise StoreError(f"nothing was written: {failed.detail}")
                raise overtaken("nothing was written: another service wrote meanwhile")
            self._known = self.turn.version = before + 1
            if self._copy is not None and self._copy[0] == before:
                difference.apply(self._copy[1])
                self._copy = (before + 1, self._copy[1])
            return before + 1

    def _is_written(self, version: int, difference: Difference, failed: MissiegraafError | None) -> bool:
        entry = frozenset(quad for quad in difference.added if quad.graph_name == self._engine.log)
        unsure = isinstance(failed, EngineUnreachable | QueryTimeout)
        try:
            found = self._engine.entry(version) == entry
        except MissiegraafError as error:
            failed, unsure, found = error, True, False
        if unsure and not found and failed is not None:
            raise EngineUnreachable(
                f"it is not known whether it was written; look before you repeat it: {failed.detail}"
            )
        return found

    def update(self, text: str, base_iri: str) -> int:
        """Have the server carry out a SPARQL 1.1 Update as it is, on a dataset without records."""
        with self.turn:
            try:
                self._engine.endpoint.update(f"{base(base_iri)}\n{text}", PATIENCE)
            except QuerySyntaxError as error:
                raise placed(error, text) from None
            self._known += 1
            return self._known

    def close(self) -> None:
        """Let go of the copy, and of the connections to the server."""
        self._copy = None
        self._engine.endpoint.close()


AnyWriter = Writer | RemoteWriter


def _conditional(difference: Difference, condition: str) -> str:
    """One operation: its templates have no variables, so it happens once, where the condition holds, or not at all."""
    parts = (("DELETE", difference.removed), ("INSERT", difference.added))
    clauses = "\n".join(f"{word} {{ {changes.quad_data(quads)} }}" for word, quads in parts if quads)
    return f"{clauses}\nWHERE {{ {condition} }}"
