"""Reading XLSX (ECMA-376, SpreadsheetML), from anybody: what is not cells of text, number or date is refused.

Read as a stream, so that memory follows the filled cells of one sheet; nothing outside the file is ever opened.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import IO, Final, NoReturn
from xml.parsers import expat

from missiegraaf.errors import UnreadableSheet
from missiegraaf.formats.tabular import Table
from missiegraaf.formats.xlsx_parts import Sheet, Strings

_MEMBERS: Final = 1000
_BYTES: Final = 64 * 1024**2  # unzipped, of all members
_RATIO: Final = 200  # of unzipped to zipped; text of a sheet seldom passes 30
_CHUNK: Final = 64 * 1024
# Formats of numbers that show a date (18.8.30), and what tells it of a format that is described.
_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def read_xlsx(content: bytes, name: str) -> Table:
    """Return the filled cells of the first sheet that is not hidden, as they were entered.

    Raises UnreadableSheet (400) for what is no such file, is too large, has macros, or looks into other files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _Book(archive, name).table(len(content))
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, LookupError, ValueError, EOFError):
        _refuse(
            name,
            "is not a whole XLSX file; expected one as Excel or LibreOffice saves it, without a password",
            "is geen heel XLSX-bestand; verwacht een zoals Excel of LibreOffice het bewaart, zonder wachtwoord",
        )
    except (ArithmeticError, RuntimeError):  # a day beyond the calendar; a part that is encrypted, or packed otherwise
        _refuse(
            name,
            "holds what cannot be read; expected no password, plain zip compression, and days of the calendar",
            "bevat wat niet te lezen is; verwacht geen wachtwoord, gewone zip-compressie, en dagen van de kalender",
        )


def _refuse(name: str, english: str, dutch: str) -> NoReturn:
    raise UnreadableSheet(f"{name} {english}", f"{name} {dutch}", file=name) from None


class _Book:
    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name

    def table(self, length: int) -> Table:
        self._expect_modest(length)
        path = self._targets("", "officeDocument")[0][1]
        sheets, epoch = self._sheets(path)
        shown = [(title, id_) for title, id_, hidden in sheets if not hidden]
        if not shown:
            _refuse(
                self.name, "has no sheet that is shown; expected one", "heeft geen blad dat te zien is; verwacht er een"
            )
        (title, wanted), unread = shown[0], [sheet[0] for sheet in sheets if sheet[:2] != shown[0]]
        where = dict(self._targets(path, "worksheet"))
        sheet = Sheet(self.name, title, self._strings(path), self._dates(path), epoch)
        self._parse(where[wanted], sheet.start, sheet.end, sheet.text)
        return Table(sheet.rows, tuple(sheet.merged), title, tuple(unread))

    def _expect_modest(self, length: int) -> None:
        members = self.archive.infolist()
        total = sum(member.file_size for member in members)
        if len(members) > _MEMBERS or total > _BYTES or (total > _CHUNK and total > _RATIO * length):
            _refuse(
                self.name,
                f"has {len(members)} parts of {total} bytes unzipped, from {length}; expected at most "
                f"{_MEMBERS} parts, {_BYTES} bytes, and {_RATIO} times what is sent",
                f"heeft {len(members)} delen van {total} bytes uitgepakt, uit {length}; verwacht hoogstens "
                f"{_MEMBERS} delen, {_BYTES} bytes, en {_RATIO} keer wat gestuurd is",
            )
        names = [member.filename.lower() for member in members]
        if any(found.endswith("vbaproject.bin") for found in names):
            _refuse(
                self.name,
                "has macros; expected a workbook without them (.xlsx)",
                "heeft macro's; verwacht een werkmap zonder (.xlsx)",
            )
        if any("externallinks/" in found for found in names):
            _refuse(
                self.name,
                "looks into other workbooks; expected values only",
                "kijkt in andere werkmappen; verwacht alleen waarden",
            )

    def _parse(
        self,
        path: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], None] = lambda _: None,
        text: Callable[[str], None] = lambda _: None,
    ) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_declarations
        parser.StartElementHandler = lambda tag, given: start(_local(tag), {_local(k): v for k, v in given.items()})
        parser.EndElementHandler = lambda tag: end(_local(tag))
        parser.CharacterDataHandler = text
        with self.archive.open(path) as member:
            self._feed(parser, member)

    @staticmethod
    def _feed(parser: expat.XMLParserType, member: IO[bytes]) -> None:
        while chunk := member.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _refuse_declarations(self, *_: object) -> NoReturn:
        _refuse(
            self.name,
            "declares a document type, and so may declare entities; expected plain XML parts",
            "declareert een documenttype, en dus mogelijk entiteiten; verwacht gewone XML-delen",
        )

    def _targets(self, source: str, kind: str) -> list[tuple[str, str]]:
        """The ids and paths of what a part is related to in this way (Part 2, 6.5)."""
        folder, file = posixpath.split(source)
        found: list[tuple[str, str]] = []

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship" and given["Type"].endswith("/" + kind) and given.get("TargetMode") != "External":
                found.append((given["Id"], posixpath.normpath(posixpath.join("/", folder, given["Target"]))[1:]))

        path = posixpath.join(folder, "_rels", file + ".rels")
        self._parse(path, start)
        if not found and kind in ("officeDocument", "worksheet"):
            raise KeyError(kind)
        return found

    def _sheets(self, path: str) -> tuple[list[tuple[str, str, bool]], datetime]:
        """Each sheet with its name, id, and whether it is hidden; and the day from which days are counted."""
        found: list[tuple[str, str, bool]] = []
        epoch = [datetime(1899, 12, 30)]  # noqa: DTZ001  # days of a sheet have no time zone

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "sheet":
                found.append((given["name"], given["id"], given.get("state", "visible") != "visible"))
            if tag == "workbookPr" and given.get("date1904", "0") in ("1", "true"):
                epoch[0] = datetime(1904, 1, 1)  # noqa: DTZ001

        self._parse(path, start)
        return found, epoch[0]

    def _strings(self, book: str) -> list[str]:
        """The texts that cells share (18.4), without how they are pronounced."""
        strings = Strings(self.name)
        for _, path in self._targets(book, "sharedStrings"):
            self._parse(path, strings.start, strings.end, strings.text)
        return strings.found

    def _dates(self, book: str) -> set[int]:
        """The styles of cells whose numbers are dates."""
        described: dict[str, bool] = {}
        inside, found, styles = [""], set[int](), [0]

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "numFmt":
                described[given["numFmtId"]] = bool(re.search("[dmyhs]", _QUOTED.sub("", given["formatCode"]).lower()))
            if tag in ("cellXfs", "cellStyleXfs"):
                inside[0] = tag
            if tag == "xf" and inside[0] == "cellXfs":
                number = given.get("numFmtId", "0")
                if described.get(number, int(number) in _DATES):
                    found.add(styles[0])
                styles[0] += 1

        for _, path in self._targets(book, "styles"):
            self._parse(path, start)
        return found


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]
