"""Tables of cells, as CSV and XLSX have them: bytes to the cells that are filled, and rows to CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from missiegraaf.errors import UnreadableSheet
from missiegraaf.formats.positions import Place

ROWS: Final = 10_000
COLUMNS: Final = 500
CELLS: Final = 200_000
LONGEST: Final = 32_767  # characters of a cell, as spreadsheets have it

Value = str | Decimal | date | bool


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and where; `computed` where that is a formula, or an error such as `#N/A`."""

    value: Value
    place: Place
    computed: bool = False


@dataclass(frozen=True)
class Table:
    """The filled cells, by row and column, both counted from 1; and the ranges that are merged to one cell.

    `sheet` is the name of the sheet that they stand on, '' in CSV; `unread` are the names of others.
    """

    rows: Mapping[int, Mapping[int, Cell]]
    merged: tuple[tuple[str, Place], ...] = ()
    sheet: str = ""
    unread: tuple[str, ...] = ()


def letters(column: int) -> str:
    """Return what spreadsheets call a column: A, B ... Z, AA."""
    before, last = divmod(column - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)


def place(row: int, column: int, sheet: str = "") -> Place:
    """Return the place of a cell, with its name as spreadsheets write it: B7, or 'Two words'!B7."""
    shown = sheet if re.fullmatch(r"\w*", sheet) else "'" + sheet.replace("'", "''") + "'"
    return Place(row, column, f"{shown}{'!' if sheet else ''}{letters(column)}{row}")


def too_much(name: str, row: int, column: int, cells: int) -> UnreadableSheet | None:
    """Return the error of a table that has more rows, columns or cells than are taken."""
    for found, limit, noun, dutch in (
        (row, ROWS, "rows", "rijen"),
        (column, COLUMNS, "columns", "kolommen"),
        (cells, CELLS, "filled cells", "gevulde cellen"),
    ):
        if found > limit:
            return UnreadableSheet(
                f"{name} has more than {limit} {noun}; expected at most that: divide it over several files",
                f"{name} heeft meer dan {limit} {dutch}; verwacht hoogstens zoveel: verdeel het over meer bestanden",
                file=name,
            )
    return None


def read_csv(content: bytes, name: str) -> Table:
    """Return the cells of CSV (RFC 4180) in UTF-8, separated by commas, semicolons or tabs, as its first row shows.

    A row is one of the table and not a line: a quoted cell may have several. Raises UnreadableSheet (400).
    """
    text = _decoded(content, name)
    first, _, rest = text.partition("\n")
    if told := re.fullmatch(r"(?i:sep)=(.)\r?", first):  # as Excel writes for itself
        delimiter, text = told[1], rest
    else:
        delimiter = max(",;\t", key=lambda sign: _columns(text, sign))
    found: dict[int, dict[int, Cell]] = {}
    number = cells = 0
    try:
        for number, values in enumerate(_reader(text, delimiter), 1):
            filled = {column: value for column, value in enumerate(values, 1) if value.strip()}
            cells += len(filled)
            if filled:
                if error := too_much(name, number, max(filled), cells):
                    raise error
                found[number] = {column: _cell(value, place(number, column)) for column, value in filled.items()}
    except csv.Error as error:
        raise UnreadableSheet(
            f"{name}: row {number + 1} is not CSV: {error}; expected each quote in a cell doubled, and the cell quoted",
            f"{name}: rij {number + 1} is geen CSV: {error}; verwacht elk aanhalingsteken in een cel dubbel, en de cel "
            "tussen aanhalingstekens",
            file=name,
            line=number + 1,
            column=1,
        ) from None
    return Table(found)


def write_csv(rows: Iterable[Sequence[Value | None]], language: str) -> bytes:
    """Return rows as the spreadsheets of a language open them: UTF-8 with a mark, in Dutch `;` and a decimal comma."""
    delimiter, mark = (";", ",") if language == "nl" else (",", ".")

    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([as_text(value, mark) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def as_text(value: Value | None, mark: str = ".") -> str:
    """Return what a cell of text has for a value, '' for none; `mark` is that of decimals."""
    if isinstance(value, Decimal):
        text = format(value, "f").replace(".", mark)
        return text + "0" if re.fullmatch(r"-?\d{1,3}\D\d{3}", text) else text  # else a thousand, or not
    return "" if value is None else str(value)


def _decoded(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableSheet(
            f'{name}: line {line} is not in UTF-8; expected that: save it as "CSV UTF-8"',
            f'{name}: regel {line} is niet in UTF-8; verwacht dat wel: bewaar het als "CSV UTF-8"',
            file=name,
            line=line,
            column=1,
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableSheet(
            f"{name}: line {line} holds a NUL character, which is no text; expected CSV in UTF-8",
            f"{name}: regel {line} bevat een NUL-teken, wat geen tekst is; verwacht CSV in UTF-8",
            file=name,
            line=line,
            column=1,
        )
    return text


def _reader(text: str, delimiter: str) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _columns(text: str, delimiter: str) -> int:
    try:
        return len(next(iter(_reader(text, delimiter)), []))
    except csv.Error:
        return 0


def _cell(value: str, where: Place) -> Cell:
    return Cell(value, where, computed=value.lstrip().startswith("="))
