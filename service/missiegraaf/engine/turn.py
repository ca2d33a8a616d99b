"""Whose turn it is to write."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final

from missiegraaf.errors import Busy

WAITING: Final = 8  # threads that wait for the turn; the web server has more, so that reading goes on
_SECONDS: Final = 20


class Turn:
    """The turn to write: one thread has it, and may take it again while it does.

    Raises Busy (503) where too many wait for it already, or where it takes too long.
    """

    def __init__(self) -> None:
        self._lock, self._depth = threading.Lock(), 0
        self._places = threading.BoundedSemaphore(1 + WAITING)
        self._thread: int | None = None

    @property
    def is_mine(self) -> bool:
        """Tell whether this thread has the turn."""
        return self._thread == threading.get_ident()

    def __enter__(self) -> None:
        if not self.is_mine:
            if not self._places.acquire(blocking=False):
                raise _busy("too many writes are waiting")
            if not self._lock.acquire(timeout=_SECONDS):
                self._places.release()
                raise _busy("other writes take long")
            self._thread = threading.get_ident()
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth:
            self.end()
            self._thread = None
            self._lock.release()
            self._places.release()

    def end(self) -> None:
        """What else is over with the turn."""


def _busy(why: str) -> Busy:
    return Busy(f"{why}; nothing was written; send it again in a moment", headers={"Retry-After": "5"})
