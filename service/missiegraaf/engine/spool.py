"""Where a result is written until it is complete: in memory while it is short, else in a file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import QueryBoolean, QuerySolutions, Triple, serialize

from missiegraaf.errors import ResultTooLarge
from missiegraaf.formats import media

_SHORT: Final = 64 * 1024  # bytes; sent with the answer and not by a file
TOO_LARGE: Final = "the result is larger than this service gives; narrow the query"


class Spool(io.RawIOBase):
    """What is written, with its length in bytes and its sha256; at most `limit` bytes, 0 for no limit."""

    def __init__(self, path: str, limit: int = 0) -> None:
        self.length, self.sha256 = 0, hashlib.sha256()
        self._path, self._limit, self._held = Path(path), limit, bytearray()
        self._file: BinaryIO | None = None

    @property
    def short(self) -> bytes | None:
        """All of it, where it is short."""
        return bytes(self._held) if self._file is None else None

    def write(self, content: Any) -> int:
        """Take some more. Raises ResultTooLarge (503), OSError where the disk does not take it."""
        self.length += len(content)
        if self._limit and self.length > self._limit:
            raise ResultTooLarge(TOO_LARGE)
        self.sha256.update(content)
        if self._file is None and self.length > _SHORT:
            self._file = self._path.open("wb")
            self._file.write(self._held)
        if self._file is None:
            self._held += content
        else:
            self._file.write(content)
        return len(content)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()


def write(
    result: QuerySolutions | QueryBoolean | Iterable[Triple], suffix: str, target: Any, ordered: bool = False
) -> None:
    """Write a result in the format of a suffix; the triples of a graph sorted, where it is to be `ordered`."""
    if isinstance(result, QuerySolutions | QueryBoolean):
        result.serialize(target, format=media.RESULTS[suffix])
    else:
        serialize(sorted(result, key=str) if ordered else result, target, format=media.RDF[suffix])
