"""A copy of a graph that another server holds, on a disk of this machine, with a process that works on it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Lock

from pyoxigraph import Store

from missiegraaf.engine.embedded import Dataset
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.versioned import Source


class Copies:
    """The newest version, copied when it is first asked for; a former one goes when its last user has left it."""

    def __init__(self, version: Callable[[], int], copy: Callable[[], Dataset], limits: Limits, base_iri: str) -> None:
        self._version, self._copy, self._base = version, copy, base_iri
        self._limits = replace(limits, processes=1, cache=0)
        self._lock = Lock()
        self._newest: _Copy | None = None

    @contextmanager
    def newest(self) -> Iterator[Readers]:
        """Yield what works on the newest version. Raises what reading the graph does."""
        copy = self._taken()
        try:
            yield copy.readers
        finally:
            self._left(copy)

    def close(self) -> None:
        """Let go of the copy."""
        with self._lock:
            copy, self._newest = self._newest, None
        self._left(copy)

    def _taken(self) -> _Copy:
        version = self._version()
        with self._lock:
            if self._newest is not None and self._newest.version == version:
                self._newest.users += 1
                return self._newest
        # Not under the lock: it waits for its turn, and who has that may be waiting for the lock.
        made = _Copy(version, self._copy(), self._limits, self._base)
        with self._lock:
            former, self._newest = self._newest, made
        self._left(former)
        return made

    def _left(self, copy: _Copy | None) -> None:
        with self._lock:
            if copy is None:
                return
            copy.users -= 1
            last = copy.users == 0
        if last:
            copy.undo.close()


class _Copy:
    """A version with its users: who asked for it, and that it is the newest."""

    def __init__(self, version: int, dataset: Dataset, limits: Limits, base_iri: str) -> None:
        self.version, self.users = version, 2
        with ExitStack() as undo:
            folder = undo.enter_context(tempfile.TemporaryDirectory(prefix="missiegraaf-"))
            Store(f"{folder}/quads").bulk_extend(dataset)
            self.readers = undo.enter_context(Readers(Source(f"{folder}/quads", 1, records=base_iri), limits))
            self.undo = undo.pop_all()
