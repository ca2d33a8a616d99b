"""The parts of an XLSX workbook that hold cells (ECMA-376, 18.3 and 18.4), element by element as they are found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from missiegraaf.formats.positions import Place
from missiegraaf.formats.tabular import CELLS, LONGEST, Cell, Value, place, too_much

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


class Strings:
    """The texts that cells share, as their parts come (18.4), without how they are pronounced."""

    def __init__(self, name: str) -> None:
        self.found: list[str] = []
        self._name = name
        self._parts: list[str] = []
        self._tag, self._aside = "", False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """An element begins."""
        del given
        self._tag, self._aside = tag, self._aside or tag == "rPh"

    def text(self, text: str) -> None:
        """Characters of an element."""
        if self._tag == "t" and not self._aside:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        self._tag = ""
        if tag == "rPh":
            self._aside = False
        if tag == "si":
            self.found.append(_plain("".join(self._parts)))
            self._parts.clear()
            if len(self.found) > CELLS and (error := too_much(self._name, 0, 0, len(self.found))):
                raise error


class Sheet:
    """The rows of a sheet, as its parts come (18.3)."""

    def __init__(self, name: str, title: str, strings: list[str], dates: set[int], epoch: datetime) -> None:
        self.rows: dict[int, dict[int, Cell]] = {}
        self.merged: list[tuple[str, Place]] = []
        self._name, self._title = name, title
        self._strings, self._dates, self._epoch = strings, dates, epoch
        self._row = self._column = self._cells = 0
        self._given: Mapping[str, str] = {}
        self._parts: dict[str, list[str]] = {}
        self._tag, self._aside = "", False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """An element begins."""
        self._tag, self._aside = tag, self._aside or tag == "rPh"
        if tag == "row":
            self._row, self._column = int(given.get("r", self._row + 1)), 0
        elif tag == "c":
            self._column = _at(given["r"])[1] if "r" in given else self._column + 1
            self._given, self._parts = given, {}
        elif tag == "f":
            self._parts.setdefault("f", [])
        elif tag == "mergeCell" and ":" in given["ref"]:
            self.merged.append((given["ref"], place(*_at(given["ref"].partition(":")[0]), self._title)))

    def text(self, text: str) -> None:
        """Characters of an element."""
        if self._tag in ("v", "t", "f") and not self._aside:
            self._parts.setdefault(self._tag, []).append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        self._tag = ""
        if tag == "rPh":
            self._aside = False
        if tag == "c" and self._parts:
            self._keep({part: "".join(texts) for part, texts in self._parts.items()})
            self._parts = {}

    def _keep(self, parts: Mapping[str, str]) -> None:
        self._cells += 1
        if error := too_much(self._name, self._row, self._column, self._cells):
            raise error
        where = place(self._row, self._column, self._title)
        if "f" in parts:
            cell = Cell("=" + parts["f"][:LONGEST], where, computed=True)
        else:
            value = self._value(parts)
            if isinstance(value, str) and not value.strip():
                return
            cell = Cell(value, where, computed=self._given.get("t") == "e")
        self.rows.setdefault(self._row, {})[self._column] = cell

    def _value(self, parts: Mapping[str, str]) -> Value:
        kind, text = self._given.get("t", "n"), parts.get("v", "")
        if kind == "s":
            return self._strings[int(text)]
        if kind in ("str", "e", "inlineStr"):
            return _plain(parts.get("t", text))
        if not text.strip():
            return ""
        if kind == "b":
            return text.strip() == "1"
        return _day(datetime.fromisoformat(text)) if kind == "d" else self._number(text)

    def _number(self, text: str) -> Value:
        """A number, or the day that it counts to from the first."""
        if int(self._given.get("s", 0)) in self._dates:
            days = float(text)
            lost = days < 60 and self._epoch.year == 1899  # 1900 had a 29 February here (18.17.4.1)
            return _day(self._epoch + timedelta(days=days + lost))
        number = Decimal(f"{float(text):.15g}")  # the digits that a spreadsheet shows of what it keeps
        if not number.is_finite():
            raise ValueError(text)
        return number


def _day(moment: datetime | date) -> date:
    """A day, or where it has a time of day that moment."""
    if isinstance(moment, datetime):
        rounded = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
        return rounded.date() if rounded.time().isoformat() == "00:00:00" else rounded
    return moment


def _at(reference: str) -> tuple[int, int]:
    """The row and column of a cell's name. Raises ValueError."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _plain(text: str) -> str:
    """A text without the escapes of characters that XML does not have (22.9.2.19)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
