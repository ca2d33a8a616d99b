"""Writing XLSX: pages of cells, with lists to choose from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from missiegraaf.formats.tabular import ROWS, Value, letters

_WIDEST: Final = 60  # characters
_TITLE: Final = 31
_FIRST: Final = date(1900, 3, 1)  # the first day that all spreadsheets count alike; those before are written as text


@dataclass(frozen=True)
class Page:
    """A sheet: its rows, the first of headers; and for columns, counted from 1, the cells of which to choose a value.

    `choices` names those cells by the column of the last page that has them, with their number.
    """

    title: str
    rows: Sequence[Sequence[Value | None]]
    choices: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    bold: Sequence[int] = ()


def title(text: str) -> str:
    """Return a text as the name of a sheet, which takes 31 characters and not all of them."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in text)[:_TITLE].strip()


def write_xlsx(pages: Sequence[Page]) -> bytes:
    """Return a workbook with these pages; the same ones give the same bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    styles = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        "required": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#FFF2CC"}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"}),
    }
    for page in pages:
        sheet = book.add_worksheet(page.title)
        sheet.freeze_panes(1, 1)
        for row, cells in enumerate(page.rows):
            for column, value in enumerate(cells):
                required = "required" if column + 1 in page.bold else "head"
                _write(sheet, row, column, value, styles, required if row == 0 else "text")
        for column in range(max(map(len, page.rows), default=0)):
            sheet.set_column(column, column, _width(page, column))
        for column, (number, count) in page.choices.items():
            letter = letters(number)
            cells_ = f"='{pages[-1].title}'!${letter}$2:${letter}${count + 1}"
            rule = {"validate": "list", "source": cells_, "error_type": "information", "show_error": False}
            sheet.data_validation(1, column - 1, ROWS, column - 1, rule)
    book.close()
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, value: Value | None, styles: Mapping[str, Any], style: str) -> None:
    if isinstance(value, Decimal):
        sheet.write_number(row, column, float(value), styles[style])
    elif isinstance(value, date) and value >= _FIRST:
        sheet.write_datetime(row, column, datetime.combine(value, time()), styles["day"])
    elif value not in (None, ""):
        sheet.write_string(row, column, str(value), styles[style])


def _width(page: Page, column: int) -> int:
    longest = max((len(str(cells[column] or "")) for cells in page.rows if column < len(cells)), default=0)
    return min(max(longest + 2, 12), _WIDEST)
