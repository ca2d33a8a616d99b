"""Where a result is written until it is complete: in memory while it is short, else in a file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import QueryBoolean, QuerySolutions, Triple, parse_query_results, serialize

from missiegraaf.errors import ResultTooLarge
from missiegraaf.formats import media

_SHORT: Final = 64 * 1024  # bytes; sent with the answer and not by a file
_MARKS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "srj": (b"}}", b"{}"),
    "srx": (b"<result>",),
    "csv": (b"\n",),
    "tsv": (b"\n",),
}
SPOOL: Final = "spool"  # beside the Changes: a link to the folder of results, by which it is found after a kill
TOO_LARGE: Final = "the result is larger than this service gives; narrow the query"


class Spool(io.RawIOBase):
    """What is written, with its length in bytes and its sha256; at most `limit` bytes, 0 for no limit."""

    def __init__(self, path: str, limit: int = 0) -> None:
        self.length, self.sha256 = 0, hashlib.sha256()
        self._path, self._limit, self._held = Path(path), limit, bytearray()
        self._file: BinaryIO | None = None
        # How often these occur, which is no less often than rows do: a text may hold them too.
        self.marks: tuple[bytes, ...] = ()
        self.marked, self._last = 0, b""

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
        if self.marks:
            seen = self._last + content
            self.marked += sum(seen.count(mark) for mark in self.marks)
            self._last = seen[1 - max(map(len, self.marks)) or len(seen) :]
        if self._file is None and self.length > _SHORT:
            self._file = self._path.open("wb")
            self._file.write(self._held)
        if self._file is None:
            self._held += content
        else:
            self._file.write(content)
        return len(content)

    def opened(self) -> BinaryIO:
        """Return all of it, opened."""
        if self._file is None:
            return BytesIO(self._held)
        self._file.flush()
        return self._path.open("rb")

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()


def write(
    result: QuerySolutions | QueryBoolean | Iterable[Triple],
    suffix: str,
    spool: Spool,
    ordered: bool = False,
    rows: int = 0,
) -> None:
    """Write a result in the format of a suffix; the triples of a graph sorted, where it is to be `ordered`.

    Raises ResultTooLarge (503) beyond so many rows or triples; 0 is no limit.
    """
    target: Any = spool  # it has all that is used
    if isinstance(result, QuerySolutions | QueryBoolean):
        spool.marks = _MARKS.get(suffix, ()) if rows else ()
        result.serialize(target, format=media.RESULTS[suffix])
        if spool.marked > rows and _rows(spool, suffix) > rows:
            raise ResultTooLarge(f"the result has more than {rows} rows; narrow the query")
    else:
        triples = _at_most(rows, result) if rows else result
        serialize(sorted(triples, key=str) if ordered else triples, target, format=media.RDF[suffix])


def _at_most(rows: int, triples: Iterable[Triple]) -> Iterator[Triple]:
    for number, triple in enumerate(triples):
        if number == rows:
            raise ResultTooLarge(f"the result has more than {rows} triples; narrow the query")
        yield triple


def _rows(spool: Spool, suffix: str) -> int:
    """Count the rows of what was written."""
    with spool.opened() as content:
        if suffix == "csv":
            return _lines(content) - 1
        found = parse_query_results(content, media.RESULTS[suffix])
        return sum(1 for _ in found) if isinstance(found, QuerySolutions) else 0


def _lines(content: BinaryIO) -> int:
    """Count the records of CSV: a line ends one where no quotation is open (RFC 4180, 2)."""
    records, quoted = 0, 0
    for line in content:
        quoted ^= line.count(b'"') & 1
        records += not quoted
    return records
