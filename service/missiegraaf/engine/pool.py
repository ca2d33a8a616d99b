"""The reader processes, and what their ends mean for the request that caused them."""

from __future__ import annotations

import multiprocessing
import tempfile
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pebble import ProcessExpired, ProcessPool

from missiegraaf.engine import reader, syntax
from missiegraaf.engine.reader import Answer, Job
from missiegraaf.errors import QueryTimeout, ReaderDied, ServiceRefused


class Readers:
    """A pool of processes that read one store; a killed or crashed one is replaced.

    Spawned and not forked: the service has threads. `close` ends the processes and removes their files.
    """

    def __init__(self, store: Path, processes: int, seconds: float, megabytes: int) -> None:
        self.seconds = seconds
        self._folder = tempfile.TemporaryDirectory(prefix="missiegraaf-")
        self._pool = ProcessPool(
            max_workers=processes,
            context=multiprocessing.get_context("spawn"),
            initializer=reader.start,
            initargs=(str(store), megabytes),
        )
        # Not atexit: a process that multiprocessing started, as granian's worker is, waits for its children before.
        self._end = Finalize(None, self._close, exitpriority=100)

    def run(self, job: Job) -> Answer:
        """Return the complete answer to a job.

        Raises ServiceRefused (400), QuerySyntaxError (400), NotAcceptable (406), QueryTimeout (503) after
        `seconds`, ReaderDied (500).
        """
        if syntax.calls_service(job.query):
            raise ServiceRefused("this service does not call other endpoints; query them apart and join the results")
        try:
            answer: Answer = self._pool.schedule(
                reader.answer, args=(job, self._folder.name), timeout=self.seconds
            ).result()
        except TimeoutError:
            raise QueryTimeout(
                f"the query was ended after {self.seconds:g} seconds; narrow it, or add LIMIT",
                headers={"Retry-After": "30"},
            ) from None
        except ProcessExpired as error:
            raise ReaderDied(
                f"the reader of this query ended (exit code {error.exitcode}): it is nested too deep or needs more "
                "memory than a query may have; other queries go on"
            ) from None
        return answer

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

    def _close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble gives it no type
        self._pool.join()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
