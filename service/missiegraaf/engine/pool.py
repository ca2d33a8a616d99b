"""The reader processes, and what their ends mean for the request that caused them."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, TimeoutError  # noqa: A004  # the one that pebble raises
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pebble import ProcessExpired, ProcessPool

from missiegraaf.config import Settings
from missiegraaf.engine import reader, syntax
from missiegraaf.engine.reader import Answer, Job
from missiegraaf.errors import Busy, QueryTimeout, ReaderDied, ServiceRefused, StoreError


@dataclass(frozen=True)
class Limits:
    """What the readers may use: processes, seconds a query, megabytes of memory and of result, requests that wait."""

    processes: int = 2
    seconds: float = 30
    memory: int = 4096
    result: int = 256
    waiting: int = 2

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings name."""
        return cls(
            settings.readers,
            settings.query_seconds,
            settings.reader_megabytes,
            settings.result_megabytes,
            settings.waiting_queries,
        )


class Readers:
    """A pool of processes that read one store; one that is killed, crashes or is ended by the system is replaced.

    Spawned and not forked: the service has threads. `close` ends the processes and removes their files. Raises
    StoreError where no reader can open the store.
    """

    def __init__(self, store: Path, limits: Limits = Limits()) -> None:  # frozen
        self._limits = limits
        self._folder = tempfile.TemporaryDirectory(prefix="missiegraaf-")
        self._arguments = (str(store), limits.memory, limits.result)
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

    def run(self, job: Job) -> Answer:
        """Return the complete answer to a job.

        Raises ServiceRefused (400), QuerySyntaxError (400), QueryFailed (400), NotAcceptable (406), ResultTooLarge
        (503), QueryTimeout (503) after the seconds of the limits, Busy (503) where too many wait, ReaderDied (500).
        """
        if syntax.calls_service(job.query):
            raise ServiceRefused("this service does not call other endpoints; query them apart and join the results")
        if not self._places.acquire(timeout=1):
            raise Busy("too many queries are waiting; ask again in a moment", headers={"Retry-After": "5"})
        try:
            handle, path = tempfile.mkstemp(dir=self._folder.name)
            os.close(handle)
            with ExitStack() as undo:
                undo.callback(Path(path).unlink)  # a reader that is killed leaves what it wrote
                answer = self._answer(job, path)
                undo.pop_all()
            return answer
        finally:
            self._places.release()

    def read(self, job: Job) -> bytes:
        """Return the content of the answer, for use inside the service."""
        with self.take(self.run(job)) as content:
            return content.read()

    def take(self, answer: Answer) -> BinaryIO:
        """Open the file of an answer and remove its name: it is gone when it is closed."""
        path = Path(answer.path)
        handle = path.open("rb")
        path.unlink()
        return handle

    def close(self) -> None:
        """End the readers. Further jobs raise RuntimeError."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self, job: Job, path: str) -> Answer:
        try:
            answer: Answer = self._whole().schedule(reader.answer, (job, path), timeout=self._limits.seconds).result()
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
        return answer

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
            raise StoreError(f"no reader can open {self._arguments[0]}: {error}") from None
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
