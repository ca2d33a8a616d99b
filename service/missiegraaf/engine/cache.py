"""Complete results that may be asked again, by what was asked; bounded in bytes, the least recently asked go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from missiegraaf.engine.reader import Shape
from missiegraaf.formats.media import Offer

_BLOCK: Final = 4096


@dataclass(frozen=True)
class Result:
    """A complete result: its shape, offer, length in bytes, sha256, the version it is of, and its content, opened.

    `about` is what else is known of it.
    """

    shape: Shape
    offer: Offer
    length: int
    sha256: str
    version: int
    content: BinaryIO
    about: Any = None


@dataclass(frozen=True)
class Answer:
    """A complete result: shape, offer, length in bytes, sha256; a short one itself, else the file that holds it."""

    shape: Shape
    offer: Offer
    length: int
    sha256: str
    short: bytes | None
    path: str
    about: Any = None

    def opened(self, version: int) -> Result:
        """Return it as the result of a version. Raises FileNotFoundError where its file has gone."""
        if self.short is not None:
            content: BinaryIO = BytesIO(self.short)
        else:
            content = Path(self.path).open("rb")  # noqa: SIM115  # who sends it closes it
        return Result(self.shape, self.offer, self.length, self.sha256, version, content, self.about)

    def remove(self) -> None:
        """Remove its file, if it has one."""
        if self.short is None:
            Path(self.path).unlink(missing_ok=True)


class Cache:
    """Results that take at most so many bytes; 0 keeps none. A result that is open outlives its removal.

    Each counts with its file, a block of the disk for that, and its key, which holds the text of a query.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._bytes = limit, 0
        self._answers: OrderedDict[Hashable, tuple[Answer, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Answer | None:
        """Return the answer kept under this key; its file may be gone by the time it is opened."""
        with self._lock:
            if key not in self._answers:
                return None
            self._answers.move_to_end(key)
            return self._answers[key][0]

    def add(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer and its file, or remove the file where it is too large to keep."""
        if answer.length * 10 > self._limit or not self._limit:
            answer.remove()
            return
        size = answer.length + _BLOCK + len(str(key))
        with self._lock:
            if key in self._answers:
                answer.remove()
                return
            self._answers[key] = (answer, size)
            self._bytes += size
            while self._bytes > self._limit:
                _, (oldest, freed) = self._answers.popitem(last=False)
                self._bytes -= freed
                oldest.remove()
