"""Reading XLSX (ECMA-376, SpreadsheetML), from anybody: openpyxl reads the cells, of a package that was looked at."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from xml.parsers import expat

from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import TranslatorError
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.exceptions import CellCoordinatesException

from missiegraaf.formats.package import expect_safe, refuse
from missiegraaf.formats.tabular import Cell, Table, Value, place, too_much

_LAST: Final = 1_048_576  # row of a sheet
_ESCAPED: Final = re.compile("_x(00[01][0-9A-Fa-f])_")  # characters that XML does not have (22.9.2.19)
_NOT_SHOWN: Final = ("hidden", "veryHidden")


def read_xlsx(content: bytes, name: str) -> Table:
    """Return the filled cells of the first sheet that is not hidden, as they were entered.

    Raises UnreadableSheet (400) for what is no such file, is too large, has macros, or looks into other files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings(action="ignore"):
            expect_safe(archive, name, len(content))
            return _table(archive, content, name)
    except (ArithmeticError, RuntimeError):  # a number without end; a part that is encrypted, or packed otherwise
        refuse(
            name,
            "holds what cannot be read; expected no password, plain zip compression, and finite numbers",
            "bevat wat niet te lezen is; verwacht geen wachtwoord, gewone zip-compressie, en eindige getallen",
        )
    # What openpyxl and the libraries below it raise for parts that are missing, broken, or not as it expects.
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, SyntaxError, LookupError, ValueError, TypeError,
            AttributeError, EOFError, OSError, CellCoordinatesException, TokenizerError, TranslatorError):  # fmt: skip
        refuse(
            name,
            "is not a whole XLSX file; expected one as Excel or LibreOffice saves it, without a password",
            "is geen heel XLSX-bestand; verwacht een zoals Excel of LibreOffice het bewaart, zonder wachtwoord",
        )


def _table(archive: zipfile.ZipFile, content: bytes, name: str) -> Table:
    # What load_workbook calls, which does not tell in which part a sheet stands.
    reader = ExcelReader(io.BytesIO(content), read_only=True, keep_links=False)
    reader.read()
    shown = [sheet for sheet in reader.wb.worksheets if sheet.sheet_state not in _NOT_SHOWN]
    if not shown:
        refuse(name, "has no sheet that is shown; expected one", "heeft geen blad dat te zien is; verwacht er een")
    sheet = shown[0]
    part = next(related.target for listed, related in reader.parser.find_sheets() if listed.name == sheet.title)
    ranges = _merged(archive, part)
    sheet.reset_dimensions()  # what a sheet says of its own size may be wrong, and cells beyond it would be left out
    rows: dict[int, dict[int, Cell]] = {}
    for cells, (each, value) in enumerate(_filled(sheet), 1):
        if error := too_much(name, each.row, each.column, cells):
            raise error
        computed = each.data_type in ("f", "e")
        rows.setdefault(each.row, {})[each.column] = Cell(value, place(each.row, each.column, sheet.title), computed)
    unread = tuple(title for title in reader.wb.sheetnames if title != sheet.title)
    merged = ((each, place(row, column, sheet.title)) for each, row, column in ranges)
    return Table(rows, tuple(merged), sheet.title, unread)


def _filled(sheet: Any) -> Iterator[tuple[Any, Value]]:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None and str(value := _value(cell.value)).strip():
                yield cell, value


def _value(value: Any) -> Value:
    """What openpyxl found, as a table has it: a number with the digits that a spreadsheet shows of what it keeps."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        number = Decimal(f"{float(value):.15g}")
        if not number.is_finite():
            raise ArithmeticError
        return number
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, date):
        return value
    text = str(getattr(value, "text", value))  # of a formula of several cells; of a time or a length of time
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _merged(archive: zipfile.ZipFile, part: str) -> list[tuple[str, int, int]]:
    """The ranges of merged cells (18.3.1.55), each with its first row and column.

    openpyxl does not tell of them when it reads as a stream.
    Raises ValueError for rows and cells that do not stand after each other, which it would pass over.
    """
    found: list[tuple[str, int, int]] = []
    row = column = 0

    def start(tag: str, given: Mapping[str, str]) -> None:
        nonlocal row, column
        before = row, column
        if tag.endswith(" row"):
            row, column = int(given.get("r", row + 1)), 0
        elif tag.endswith(" c"):
            row, column = coordinate_to_tuple(given["r"]) if "r" in given else (row, column + 1)
        elif tag.endswith(" mergeCell") and ":" in given["ref"]:
            found.append((given["ref"], *coordinate_to_tuple(given["ref"].partition(":")[0])))
        if (row, column) < before or row > _LAST:
            raise ValueError(tag)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    with archive.open(part) as member:
        parser.ParseFile(member)
    return found
