"""The one handle that writes a store, and what it leaves for the readers to follow."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from missiegraaf.engine import changes
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.spool import SPOOL
from missiegraaf.engine.turn import Turn
from missiegraaf.engine.versioned import Source
from missiegraaf.errors import QueryFailed, QuerySyntaxError, StoreError

# Writes after which the database makes tables of what it holds in memory: by itself it would wait for gigabytes.
_TABLED: Final = 500


class Writer:
    """A store opened for writing; one writer at a time, also among threads, by `turn`.

    `version` is the number of the Changes it has had. Raises StoreError where the store cannot be opened.
    """

    def __init__(self, quads: Path, version: int, in_memory: bool, keep: int) -> None:
        self.version, self.turn = version, Turn()
        self._quads, self._in_memory, self._keep = quads, in_memory, keep
        self._store: Store | None = None
        self._unseen = False
        opened = self.store
        for left_over in quads.parent.glob("since-*"):  # of a service that was killed
            shutil.rmtree((left_over / SPOOL).resolve(), ignore_errors=True)
            shutil.rmtree(left_over, ignore_errors=True)
        # Beside the store, not under /tmp: a snapshot is hard links.
        self._folder = tempfile.TemporaryDirectory(prefix="since-", dir=quads.parent)
        self._since = Path(self._folder.name)
        if not in_memory:
            changes.write_snapshot(self._since, version, opened, keep)

    @property
    def store(self) -> Store:
        """The dataset; who writes asks for it within the turn, and lets go of it with the turn.

        After a write that failed it is opened anew: RocksDB takes none after one that found no space on the disk.
        Raises StoreError.
        """
        if self._store is None:
            gc.collect()  # the former one is closed when nothing refers to it any more, cycles too
            try:
                self._store = Store(str(self._quads))
            except OSError as error:
                raise StoreError(f"{self._quads} cannot be opened for writing: {error}") from None
        if self._unseen:
            try:
                changes.write_snapshot(self._since, self.version + 1, self._store, self._keep)
            except OSError as error:
                raise StoreError(f"nothing was written: {error}") from None
            self.version, self._unseen = self.version + 1, False
        return self._store

    @property
    def source(self) -> Source:
        """What readers need to read this store and to follow it."""
        return Source(str(self._quads), self.version, self._in_memory, str(self._since))

    def apply(self, difference: Difference) -> int:
        """Carry out a difference, all of it or nothing, and return the version it leads to.

        It must be exact: what it removes is there, what it adds is not. Raises StoreError where the disk does not
        take it; nothing has changed then, or the error says otherwise.
        """
        with self.turn, ExitStack() as undo:
            store, version = self.store, self.version + 1
            undo.callback(self._take_back, version)
            try:
                if self._in_memory:
                    changes.write(self._since, version, difference, self._keep)
                store.update(_as_update(difference))
            except OSError as error:
                raise StoreError(f"nothing was written: {error}") from None
            undo.pop_all()
            self._publish(store)
            return version

    def _take_back(self, version: int) -> None:
        (self._since / str(version)).unlink(missing_ok=True)
        self._store = None

    def update(self, text: str, base_iri: str) -> int:
        """Run a SPARQL 1.1 Update as it is, on a dataset without records, and return the version it leads to.

        Raises QuerySyntaxError (400), QueryFailed (500), StoreError; nothing has changed then.
        """
        with self.turn:
            store = self.store
            try:
                store.update(text, base_iri=base_iri)
            except SyntaxError as error:
                raise QuerySyntaxError(str(error)) from None
            except OSError as error:
                self._store = None
                raise StoreError(f"nothing was written: {error}") from None
            except (RuntimeError, ValueError) as error:
                raise QueryFailed(str(error)) from None
            self._publish(store)
            return self.version

    def _publish(self, store: Store) -> None:
        """Bring what was written to the disk and to the readers. It is in the store for good, whatever happens here."""
        try:
            self._sync()
            if (self.version + 1) % _TABLED == 0:
                store.flush()
            if not self._in_memory:
                changes.write_snapshot(self._since, self.version + 1, store, self._keep)
        except OSError as error:
            self._store, self._unseen = None, not self._in_memory
            self.version += self._in_memory
            raise StoreError(
                f"it was written, but the disk is not sure to keep it, and queries may see it later: {error}"
            ) from None
        self.version += 1

    def _sync(self) -> None:
        """Have the disk take the logs of the database, which hold what was written last.

        The engine leaves that to the system, so that a power cut could lose it; its own `flush` writes tables anew.
        """
        for path in self._quads.glob("*.log"):  # a large write may have begun a new one
            with suppress(FileNotFoundError), path.open("rb") as log:
                os.fsync(log.fileno())

    def close(self) -> None:
        """Give the store free and remove what was left for the readers."""
        self._store = None
        gc.collect()  # as above
        self._folder.cleanup()


def _as_update(difference: Difference) -> str:
    """One SPARQL Update, which the engine carries out in one transaction."""
    removed, added = changes.quad_data(difference.removed), changes.quad_data(difference.added)
    return f"DELETE DATA {{ {removed} }} ; INSERT DATA {{ {added} }}"
