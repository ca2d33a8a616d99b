"""A reader process as the service sees it: started, asked over a pipe, killed where it does not answer in time."""

from __future__ import annotations

import pickle
import select
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any, Final

from missiegraaf.engine import reader

_LONGEST: Final = 2**31 - 1  # milliseconds that poll(2) takes


class Handle:
    """A reader process: the connection to it, and whether it owes an answer."""

    def __init__(self, *arguments: object) -> None:
        spawn = get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._poll, self.owes = select.poll(), False
        self._poll.register(self._connection, select.POLLIN)
        self._process = spawn.Process(target=reader.serve, args=(theirs, *arguments), daemon=True)
        with theirs:
            self._process.start()
        self.kill, self.join, self.pid = self._process.kill, self._process.join, self._process.pid

    def opened(self) -> None:
        """Return when it has opened its store. Raises OSError or EOFError where it cannot."""
        if (failure := self._connection.recv()) is not None:
            raise OSError(failure)

    def done(self, work: Callable[..., Any], arguments: tuple[object, ...], seconds: float) -> tuple[bool, Any]:
        """Return whether it could do the work, and its result or the error that it met.

        Raises TimeoutError; ConnectionError where the process ended before it read the work, which the kernel tells by
        ECONNRESET or EPIPE; EOFError or another OSError where it ended over the work.
        """
        self.owes = True
        self._connection.send_bytes(pickle.dumps((work, arguments)))
        if not self._poll.poll(min(seconds * 1000, _LONGEST)):
            raise TimeoutError
        found: tuple[bool, Any] = pickle.loads(self._connection.recv_bytes())  # noqa: S301  # our own process wrote it
        self.owes = False
        return found
