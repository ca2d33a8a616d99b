"""The reader processes, and what their ends mean for the request that caused them."""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, cast

from pyoxigraph import RdfFormat, parse

from missiegraaf.engine import reader, syntax
from missiegraaf.engine.cache import Answer, Cache, Result
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.handle import Handle
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.reader import Job, Written
from missiegraaf.engine.spool import SPOOL
from missiegraaf.engine.versioned import Source
from missiegraaf.errors import (
    BadRequest,
    Busy,
    MissiegraafError,
    QueryTimeout,
    QueryTooDeep,
    ReaderDied,
    ServiceRefused,
    StoreError,
)
from missiegraaf.formats import media

_AGAIN: Final = 1  # seconds after which a reader that could not start is started again


class Readers:
    """A pool of processes that read one store; one that is killed, crashes or is ended by the system is replaced.

    Spawned and not forked: the service has threads. `close` ends the processes and removes their files. `version`
    tells the newest version. Raises StoreError where no reader can open the store.
    """

    def __init__(
        self,
        source: Source,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        version: Callable[[], int] | None = None,
    ) -> None:
        self._limits = limits
        self.version = version or (lambda: source.version)
        self.cache = Cache(limits.cache * 1024**2)
        self._folder, self._numbers = tempfile.TemporaryDirectory(prefix="missiegraaf-"), itertools.count()
        if source.since:
            Path(source.since, SPOOL).symlink_to(self._folder.name)
        self._arguments = (source, limits.memory, limits.result, bool(limits.services))
        self._places = threading.BoundedSemaphore(limits.processes + limits.waiting)
        # What changes under this condition: the processes, those of them that have opened the store, those of them that
        # are idle, and why the last one that ended without opening it did.
        self._change, self._closed = threading.Condition(), False
        self._begun: set[Handle] = set()
        self._open: set[Handle] = set()
        self._idle: list[Handle] = []
        self._failure: str | None = None
        # The kernel ends a reader with the thread that started it, and a web server ends idle threads: so each reader
        # has a thread, which starts it, waits for its end, and starts the next.
        self._keepers = [threading.Thread(target=self._keep, daemon=True) for _ in range(limits.processes)]
        for keeper in self._keepers:
            keeper.start()
        with self._change:
            self._change.wait_for(lambda: self._open or self._failure)
            failure = None if self._open else self._failure
        # Not atexit: a process that multiprocessing started, as granian's worker is, waits for its children before.
        self._end = Finalize(None, self._close, exitpriority=100)
        if failure:
            self.close()
            raise StoreError(failure)

    def run(self, job: Job) -> Result:
        """Return the complete answer to a job, of the version it names or of the newest; the caller closes it.

        Raises QueryTooDeep (400), ServiceRefused (400), QuerySyntaxError (400), QueryFailed (500), VersionGone (404),
        NotAcceptable (406), ResultTooLarge (503), QueryTimeout (503) after the seconds of the limits, Busy (503)
        where too many wait, ReaderDied (500).
        """
        self._admit(job.query)
        version = self.version() if job.version is None else job.version
        kept = self.cache.get(job.key(version))
        try:
            if kept is not None:
                return kept.opened(version)
        except FileNotFoundError:  # it went between the two
            pass
        with self._place():
            path = f"{self._folder.name}/{next(self._numbers)}"

            def asked() -> tuple[object, ...]:
                nonlocal version
                version = self.version() if job.version is None else job.version
                return job.asked(version, self._limits.rows), path

            try:
                written: Written = self._done(reader.answer, asked)
                shape, length, sha256, short = written
                # Each shape has its offer: else the reader says NotAcceptable.
                answer = Answer(shape, cast("media.Offer", job.offers[shape]), length, sha256, short, path)
                result = answer.opened(version)
            except (MissiegraafError, OSError):
                Path(path).unlink(missing_ok=True)  # a reader that is killed leaves what it wrote
                raise
            self.cache.add(job.key(version), answer)
            return result

    def read(self, job: Job) -> bytes:
        """Return the content of the answer, for use inside the service."""
        with self.run(job).content as content:
            return content.read()

    def read_graph(self, content: bytes, offer: media.Offer, base_iri: str, name: str) -> bytes:
        """Return the triples of somebody's document as N-Triples, blank nodes renamed.

        Raises UnreadableFile (400) with the place of the error, and what `run` does.
        """
        with self._place():
            found: bytes = self._done(reader.read_graph, lambda: (content, offer, base_iri, name))
            return found

    def named(self, triples: str, record: str) -> str:
        """Return triples, as N-Triples, with parts of a record in the place of blank nodes.

        Raises BadRequest (400) where that would take more time or memory than a query may.
        """
        try:
            with self._place():
                found: bytes = self._done(reader.named, lambda: (triples.encode(), record))
        except (QueryTimeout, ReaderDied):
            raise BadRequest(
                f"too many blank nodes refer to each other; expected IRIs in their place: {record}#<name>"
            ) from None
        return found.decode()

    def work(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Return what a module's function makes of the newest version, its first argument. Raises what `run` does."""
        with self._place():
            return self._done(reader.on_dataset, lambda: (work, self.version(), *arguments))

    def asking(self, work: Callable[..., Any], *arguments: object) -> tuple[int, Any]:
        """Return the newest version, and what a function makes of it that gets an `Ask`, the version and these."""
        with self._place():
            found: tuple[int, Any] = self._done(reader.asking, lambda: (work, self.version(), *arguments))
            return found

    def difference(self, update: str, base_iri: str, prefixes: Mapping[str, str]) -> Difference:
        """Return what an update would remove from the newest version, and add. Raises what `run` does."""
        with self._place():
            found = self._done(reader.difference, lambda: (update, base_iri, prefixes, self.version()))
        return Difference(*(frozenset(parse(quads, RdfFormat.N_QUADS, rename_blank_nodes=False)) for quads in found))

    def close(self) -> None:
        """End the readers. Further jobs raise RuntimeError."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _admit(self, query: str) -> None:
        if syntax.too_deep(query):
            raise QueryTooDeep(
                f"the query is more than {syntax.LIMIT} deep, counting 8 for each bracket within another, "
                "4 for each part of a group and 1 for each operator, triple or term in a chain; split the query, or "
                "list values with VALUES or IN"
            )
        for endpoint in syntax.services(query):
            if endpoint is None:
                raise ServiceRefused("SERVICE must name its endpoint by an IRI, in full or with a declared prefix")
            if endpoint not in self._limits.services:
                allowed = ", ".join(sorted(self._limits.services)) or "none"
                raise ServiceRefused(
                    f"this service does not call {endpoint} (allowed: {allowed}); query it apart and join the results"
                )

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of the places of those who are answered or wait. Raises Busy where there is none."""
        if not self._places.acquire(timeout=1):
            raise Busy("too many queries are waiting; ask again in a moment", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._places.release()

    def _done(self, work: Callable[..., Any], arguments: Callable[[], tuple[object, ...]]) -> Any:
        """Return what a reader makes of the work within its limits; `arguments` tells them when there is a reader."""
        tries = itertools.count(self._limits.processes, -1)
        while True:
            taken = self._taken()
            try:
                well, found = taken.done(work, arguments(), self._limits.seconds)
                break
            except TimeoutError:
                raise QueryTimeout(
                    f"the query was ended after {self._limits.seconds:g} seconds; narrow it, or add LIMIT",
                    headers={"Retry-After": "30"},
                ) from None
            except (EOFError, OSError) as error:
                if isinstance(error, ConnectionError) and next(tries) > 0:  # it ended while it was idle
                    continue
                raise ReaderDied(
                    "the reader of this query ended: it is nested too deep or needs more memory than a query may have; "
                    "other queries go on"
                ) from None
            finally:
                self._leave(taken)
        if well:
            return found
        raise found

    def _taken(self) -> Handle:
        """Return an idle reader, or wait for one; it is the caller's until `_leave`."""
        with self._change:
            while not self._idle:
                if self._closed:
                    raise RuntimeError("the readers are closed")
                if self._failure and not self._open:
                    raise StoreError(self._failure)
                self._change.wait()
            return self._idle.pop(0)  # in turn, so that each follows what changes

    def _leave(self, taken: Handle) -> None:
        """Make a reader idle again; end one that has not answered, so that there will be another."""
        if taken.owes:
            taken.kill()
            taken.join()  # it may yet make the file that its query's end removes
            return
        with self._change:
            if taken in self._open:
                self._idle.append(taken)
                self._change.notify()

    def _keep(self) -> None:
        """Have one reader after another, until the pool is closed."""
        while not self._closed:
            try:
                with self._process() as begun:
                    begun.opened()
                    with self._change:
                        self._open.add(begun)
                        self._idle.append(begun)
                        self._failure = None
                        self._change.notify_all()
                    begun.join()
            except (
                OSError,
                EOFError,
                RuntimeError,
                AssertionError,
            ) as error:  # the last two: not from here
                with self._change:
                    self._failure = f"no reader can open {self._arguments[0].quads}: {error or 'it ended'}"
                    self._change.notify_all()
                    self._change.wait_for(lambda: self._closed, _AGAIN)

    @contextmanager
    def _process(self) -> Iterator[Handle]:
        """Have a process that is known to `close`, and end it."""
        begun = Handle(*self._arguments)
        with self._change:
            self._begun.add(begun)
            if self._closed:
                begun.kill()
        try:
            yield begun
        finally:
            begun.kill()
            begun.join()
            with self._change:
                self._begun.remove(begun)
                self._open.discard(begun)
                if begun in self._idle:
                    self._idle.remove(begun)

    def _close(self) -> None:
        with self._change:
            self._closed = True
            for begun in self._begun:
                begun.kill()
            self._change.notify_all()
        for keeper in self._keepers:
            keeper.join()
        self._folder.cleanup()
