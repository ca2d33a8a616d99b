"""The reader processes, and what their ends mean for the request that caused them."""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, TimeoutError  # noqa: A004  # the one that pebble raises
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from pebble import ProcessExpired, ProcessPool
from pyoxigraph import Quad, RdfFormat, parse

from missiegraaf.config import Settings
from missiegraaf.engine import reader, syntax
from missiegraaf.engine.cache import Cache
from missiegraaf.engine.reader import Answer, Job, Shape, Source
from missiegraaf.errors import Busy, QueryTimeout, QueryTooDeep, ReaderDied, ServiceRefused, StoreError
from missiegraaf.formats import media


@dataclass(frozen=True)
class Limits:
    """What the readers may use: processes, seconds a query, megabytes of memory and of result, requests that wait.

    `cache` is megabytes of results to keep, 0 for none; `services` are the endpoints that a query may call.
    """

    processes: int = 2
    seconds: float = 30
    memory: int = 4096
    result: int = 256
    waiting: int = 2
    cache: int = 0
    services: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings name."""
        return cls(
            settings.readers,
            settings.query_seconds,
            settings.reader_megabytes,
            settings.result_megabytes,
            settings.waiting_queries,
            settings.cache_megabytes,
            frozenset(settings.service_allowed.split()),
        )


@dataclass(frozen=True)
class Result:
    """A complete result: its shape, offer, length in bytes, sha256, the version it is of, and its content, opened."""

    shape: Shape
    offer: media.Offer
    length: int
    sha256: str
    version: int
    content: BinaryIO


class Readers:
    """A pool of processes that read one store; one that is killed, crashes or is ended by the system is replaced.

    Spawned and not forked: the service has threads. `close` ends the processes and removes their files. `version`
    tells the newest version. Raises StoreError where no reader can open the store.
    """

    def __init__(
        self,
        source: Source,
        limits: Limits = Limits(),  # frozen
        version: Callable[[], int] | None = None,
    ) -> None:
        self._limits = limits
        self._version = version or (lambda: source.version)
        self._cache = Cache(limits.cache * 1024**2)
        self._folder, self._numbers = tempfile.TemporaryDirectory(prefix="missiegraaf-"), itertools.count()
        if source.since:
            Path(source.since, reader.SPOOL).symlink_to(self._folder.name)
        self._arguments = (source, limits.memory, limits.result, bool(limits.services))
        self._places = threading.BoundedSemaphore(limits.processes + limits.waiting)
        # The kernel ends a reader with the thread that started it, and a web server ends idle threads: so readers are
        # started by a thread that lives as long as this object.
        self._starter = ThreadPoolExecutor(1, "readers")
        self._change, self._closed = threading.Lock(), False
        try:
            self._pool = self._starter.submit(self._started).result()
        except StoreError:
            self._starter.shutdown()
            self._folder.cleanup()
            raise
        # Not atexit: a process that multiprocessing started, as granian's worker is, waits for its children before.
        self._end = Finalize(None, self._close, exitpriority=100)

    def run(self, job: Job) -> Result:
        """Return the complete answer to a job, of the version it names or of the newest; the caller closes it.

        Raises QueryTooDeep (400), ServiceRefused (400), QuerySyntaxError (400), QueryFailed (500), VersionGone (404),
        NotAcceptable (406), ResultTooLarge (503), QueryTimeout (503) after the seconds of the limits, Busy (503)
        where too many wait, ReaderDied (500).
        """
        self._admit(job.query)
        version = self._version() if job.version is None else job.version
        job = replace(job, version=version)
        kept = self._cache.get(job.key)
        try:
            if kept is not None:
                return _opened(kept, version)
        except FileNotFoundError:  # it went between the two
            pass
        with self._place():
            path = f"{self._folder.name}/{next(self._numbers)}"
            with ExitStack() as undo:
                undo.callback(Path(path).unlink, missing_ok=True)  # a reader that is killed leaves what it wrote
                answer: Answer = self._done(reader.answer, job, path)
                result = _opened(answer, version)
                undo.pop_all()
            self._cache.add(job.key, answer)
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
            found: bytes = self._done(reader.read_graph, content, offer, base_iri, name)
            return found

    def difference(self, update: str, base_iri: str, prefixes: Mapping[str, str]) -> tuple[set[Quad], set[Quad]]:
        """Return what an update would remove from the newest version, and add. Raises what `run` does."""
        with self._place():
            found = self._done(reader.difference, update, base_iri, prefixes, self._version())
        removed, added = (set(parse(quads, RdfFormat.N_QUADS, rename_blank_nodes=False)) for quads in found)
        return removed, added

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

    def _done(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Return what a reader makes of the work within its limits."""
        try:
            return self._whole().schedule(work, arguments, timeout=self._limits.seconds).result()
        except TimeoutError:
            raise QueryTimeout(
                f"the query was ended after {self._limits.seconds:g} seconds; narrow it, or add LIMIT",
                headers={"Retry-After": "30"},
            ) from None
        except (ProcessExpired, BrokenProcessPool) as error:
            raise ReaderDied(
                f"the reader of this query ended ({error}): it is nested too deep or needs more memory than a query "
                "may have; other queries go on"
            ) from None

    def _whole(self) -> ProcessPool:
        """Return the pool; a new one where pebble gave up because a reader ended between two jobs."""
        with self._change:
            if self._closed:
                raise RuntimeError("the readers are closed")
            if not self._pool.active:
                _stop(self._pool)
                self._pool = self._starter.submit(self._started).result()
            return self._pool

    def _started(self) -> ProcessPool:
        """Return a pool whose first reader has opened the store."""
        pool = ProcessPool(
            max_workers=self._limits.processes,
            context=multiprocessing.get_context("spawn"),
            initializer=reader.start,
            initargs=self._arguments,
        )
        try:
            pool.schedule(reader.is_ready).result()
        except (BrokenProcessPool, ProcessExpired, OSError) as error:
            _stop(pool)
            raise StoreError(f"no reader can open {self._arguments[0].quads}: {error}") from None
        return pool

    def _close(self) -> None:
        with self._change:
            self._closed = True
        _stop(self._pool)
        self._starter.shutdown()
        self._folder.cleanup()


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble gives it no type
    pool.join()


def _opened(answer: Answer, version: int) -> Result:
    if answer.short is not None:
        content: BinaryIO = BytesIO(answer.short)
    else:
        content = Path(answer.path).open("rb")  # noqa: SIM115  # who sends it closes it
    return Result(answer.shape, answer.offer, answer.length, answer.sha256, version, content)
