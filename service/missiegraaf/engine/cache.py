"""Complete results that may be asked again, by what was asked; bounded in bytes, the least recently asked go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path

from missiegraaf.engine.reader import Answer


class Cache:
    """Results in files of at most so many bytes together; 0 keeps none. A result that is open outlives its removal."""

    def __init__(self, limit: int) -> None:
        self._limit, self._bytes = limit, 0
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Answer | None:
        """Return the answer kept under this key; its file may be gone by the time it is opened."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def add(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer and its file, or remove the file where it is too large to keep."""
        with self._lock:
            if answer.length * 10 > self._limit or key in self._answers:
                Path(answer.path).unlink(missing_ok=True)
                return
            self._answers[key] = answer
            self._bytes += answer.length
            while self._bytes > self._limit:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= oldest.length
                Path(oldest.path).unlink(missing_ok=True)
