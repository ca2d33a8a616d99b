"""A look at an Office Open XML package (ECMA-376, Part 2) from anybody, before a library reads it."""

from __future__ import annotations

import zipfile
from typing import Final, NoReturn
from xml.parsers import expat

from missiegraaf.errors import UnreadableSheet

_PARTS: Final = 1000
_BYTES: Final = 64 * 1024**2  # unzipped, of all parts
_RATIO: Final = 200  # of unzipped to zipped; text of a sheet seldom passes 30
_TAGS: Final = 3_000_000  # of all parts, as a library keeps a trace of each; the most cells have some 1.2 million
_CHUNK: Final = 64 * 1024
_STRICT: Final = "http://purl.oclc.org/ooxml/"


def refuse(name: str, english: str, dutch: str) -> NoReturn:
    """Raise UnreadableSheet (400) about a file."""
    raise UnreadableSheet(f"{name} {english}", f"{name} {dutch}", file=name) from None


def expect_safe(archive: zipfile.ZipFile, name: str, length: int) -> None:
    """Unzip every part once, as a stream; `length` is that of the whole in bytes.

    Raises UnreadableSheet (400) for parts that are too many or too large, macros, links to other workbooks, a document
    type, and Strict Open XML; BadZipFile, zlib.error or EOFError for a package that is broken, RuntimeError for one
    that is encrypted or packed otherwise.
    """
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    if len(parts) > _PARTS or total > _BYTES or (total > _CHUNK and total > _RATIO * length):
        refuse(
            name,
            f"has {len(parts)} parts of {total} bytes unzipped, from {length}; expected at most "
            f"{_PARTS} parts, {_BYTES} bytes, and {_RATIO} times what is sent",
            f"heeft {len(parts)} delen van {total} bytes uitgepakt, uit {length}; verwacht hoogstens "
            f"{_PARTS} delen, {_BYTES} bytes, en {_RATIO} keer wat gestuurd is",
        )
    paths = [part.filename.lower() for part in parts]
    if any(path.endswith("vbaproject.bin") for path in paths):
        refuse(
            name,
            "has macros; expected a workbook without them (.xlsx)",
            "heeft macro's; verwacht een werkmap zonder (.xlsx)",
        )
    if any("externallinks/" in path for path in paths):
        refuse(
            name,
            "looks into other workbooks; expected values only",
            "kijkt in andere werkmappen; verwacht alleen waarden",
        )
    tags = 0
    for part in parts:
        tags += _look(archive, part, name)
        if tags > _TAGS:
            refuse(
                name,
                f"has more than {_TAGS} XML tags; expected at most that: leave out layout, or divide it over files",
                f"heeft meer dan {_TAGS} XML-tags; verwacht hoogstens zoveel: laat opmaak weg, of verdeel het over "
                "bestanden",
            )


def _look(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> int:
    """How many tags a part has at most. Whatever it is called, it may be read as XML: what that begins with is seen."""
    prolog, tags = _Prolog(name), 0
    with archive.open(part) as member:
        while chunk := member.read(_CHUNK):
            tags += chunk.count(b"<")
            prolog.feed(chunk)
    return tags


class _Prolog:
    """What stands before the first element, the only place of a document type (XML 1.0, 2.8), and its namespace."""

    def __init__(self, name: str) -> None:
        self._name, self._over = name, False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._parser.StartElementHandler = self._element

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises UnreadableSheet (400)."""
        if self._over:
            return
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError:  # no XML, as a picture; where it should be, who reads it tells
            self._over = True

    def _document_type(self, *_: object) -> NoReturn:
        refuse(
            self._name,
            "declares a document type, and so may declare entities; expected plain XML parts",
            "declareert een documenttype, en dus mogelijk entiteiten; verwacht gewone XML-delen",
        )

    def _element(self, tag: str, _: object) -> None:
        self._over = True
        self._parser.StartElementHandler = None
        if tag.startswith(_STRICT):
            refuse(
                self._name,
                'is a "Strict Open XML" workbook; expected it saved as "Excel workbook (.xlsx)"',
                'is een "Strict Open XML"-werkmap; verwacht bewaard als "Excel-werkmap (.xlsx)"',
            )
