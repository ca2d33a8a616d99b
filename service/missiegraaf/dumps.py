"""The dumps of a version: N-Quads in their canonical order, and other formats, each compressed in two ways."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

import zstandard
from pyoxigraph import Quad, RdfFormat, Triple, parse, serialize

from missiegraaf import export, files
from missiegraaf.engine.embedded import Dataset
from missiegraaf.facts import COMPRESSIONS, File
from missiegraaf.formats import media

FORMATS: Final = (media.N_QUADS, media.TRIG, media.TURTLE, media.JSON_LD)
_GZIP_LEVEL: Final = 6
_ZSTD_LEVEL: Final = 9


def name(version: int | str, inferred: bool, suffix: str, compression: str = "") -> str:
    """Return the name of a dump's file, or of what it holds."""
    return f"missiegraaf-{version}{'-inferred' if inferred else ''}.{suffix}{'.' * bool(compression)}{compression}"


def write(dataset: Dataset, version: int, folder: Path, base_iri: str) -> tuple[File, ...]:
    """Write the dumps of a version to a folder, and return what they are; equal graphs give equal files.

    Memory grows with the lines of N-Quads, which are sorted; the other formats are made line by line.
    """
    prefixes = files.prefixes(base_iri)
    lines, entailed = export.lines(dataset, base_iri)
    found = []
    for inferred in (False, True):
        if inferred:
            lines += entailed
        lines.sort()
        canonical = folder / "lines.nq"
        with canonical.open("wb") as target:
            target.writelines(lines)
        if inferred:
            lines.clear()
            entailed.clear()
        for offer in FORMATS:
            with _Dump(folder, version, inferred, offer.suffix) as dump:
                if offer is media.N_QUADS:
                    with canonical.open("rb") as source:
                        while block := source.read(1 << 20):
                            dump.write(block)
                else:
                    content = _triples(canonical) if offer is media.TURTLE else _quads(canonical)
                    serialize(content, cast("IO[bytes]", dump), format=offer.rdf, prefixes=prefixes)
            found += dump.files()
        canonical.unlink()
    return tuple(found)


def _quads(path: Path) -> Iterator[Quad]:
    return iter(parse(path=str(path), format=RdfFormat.N_QUADS))


def _triples(path: Path) -> Iterator[Triple]:
    return (quad.triple for quad in _quads(path))


class _Hashed:
    """A file that is written, with its length and sha256."""

    def __init__(self, target: BinaryIO | None) -> None:
        self._target, self.length, self.sha256 = target, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.length += len(data)
        self.sha256.update(data)
        return self._target.write(data) if self._target else len(data)

    def flush(self) -> None:
        if self._target:
            self._target.flush()


class _Dump(ExitStack):
    """A dump that is written to both of its files at once."""

    def __init__(self, folder: Path, version: int, inferred: bool, suffix: str) -> None:
        super().__init__()
        self._version, self._inferred, self._suffix = version, inferred, suffix
        self._content = _Hashed(None)
        self._hashed = {}
        for compression in COMPRESSIONS:
            path = folder / name(version, inferred, suffix, compression)
            self._hashed[compression] = _Hashed(self.enter_context(path.open("wb")))
        # Neither name nor time in the header (RFC 1952, 2.3.1): equal content, equal file.
        zipped: Any = gzip.GzipFile("", "wb", _GZIP_LEVEL, cast("BinaryIO", self._hashed["gz"]), mtime=0)
        compressor = zstandard.ZstdCompressor(_ZSTD_LEVEL)
        packed: Any = compressor.stream_writer(cast("BinaryIO", self._hashed["zst"]), closefd=False)
        self._targets = [self.enter_context(zipped), self.enter_context(packed)]

    def write(self, data: bytes) -> int:
        for target in (self._content, *self._targets):
            target.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here: what is compressed is written when the dump is closed."""

    def files(self) -> list[File]:
        return [
            File(
                name=name(self._version, self._inferred, self._suffix, compression),
                suffix=self._suffix,
                inferred=self._inferred,
                compression=compression,
                length=hashed.length,
                sha256=hashed.sha256.hexdigest(),
                content_length=self._content.length,
                content_sha256=self._content.sha256.hexdigest(),
            )
            for compression, hashed in self._hashed.items()
        ]
