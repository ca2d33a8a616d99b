"""What stands in a cell, to RDF terms and back; what cannot be written so that it is read again is not written."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode

from missiegraaf.errors import UnreadableCell
from missiegraaf.formats.parsing import is_iri
from missiegraaf.formats.tabular import LONGEST, Value
from missiegraaf.namespaces import XSD
from missiegraaf.sheets.columns import Column
from missiegraaf.sheets.names import Names

Term = NamedNode | Literal

_SEPARATOR: Final = re.compile(r"\s*[|\n]\s*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What spreadsheets take for a formula where a cell begins with it.
_FORMULA: Final = ("=", "+", "-", "@")
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4})")
_IN_WORDS: Final = re.compile(r"(\d{1,2})\.? ([a-z]+)\.? (\d{4})", re.IGNORECASE)
_MONTHS: Final = (
    ("januari", "january"),
    ("februari", "february"),
    ("maart", "march"),
    ("april",),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("augustus", "august"),
    ("september",),
    ("oktober", "october"),
    ("november",),
    ("december",),
)
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_DIGITS: Final = 15  # that a number in a spreadsheet has


def split(value: Value, column: Column) -> list[Value]:
    """Return the values that a cell holds: several, between bars or on lines, where the column takes several."""
    if not isinstance(value, str):
        return [value]
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not column.repeats:
        return [text] if text else []
    return [part for part in _SEPARATOR.split(text) if part]


def term(value: Value, column: Column, names: Names) -> Term:
    """Return what one value says in a column. Raises UnreadableCell, which says what is expected."""
    field = column.field
    if field.kind in ("concept", "thing"):
        return names.find(_text(value), field)
    if field.kind == "address":
        return _address(_text(value))
    if field.kind == "tagged":
        return Literal(_text(value), language=column.language)
    if field.datatype == XSD + "date":
        return Literal(_date(value).isoformat(), datatype=NamedNode(XSD + "date"))
    if field.datatype in (XSD + "decimal", XSD + "integer"):
        return Literal(_number(value, whole=field.datatype == XSD + "integer"), datatype=NamedNode(field.datatype))
    return Literal(_text(value), datatype=NamedNode(field.datatype))


def written(found: object, column: Column, names: Names, language: str) -> Value | None:
    """Return the value of a cell that says this term in a column, None where none does."""
    if not isinstance(found, NamedNode | Literal):
        return None
    value = _value(found, column, names, language)
    if isinstance(value, str):
        number = column.field.datatype in (XSD + "decimal", XSD + "integer")
        if len(value) > LONGEST or (value.startswith(_FORMULA) and not number) or split(value, column) != [value]:
            value = names.short(found.value) if isinstance(found, NamedNode) else ""
    try:
        return value if value != "" and term(value, column, names) == found else None
    except UnreadableCell:
        return None


def _value(found: Term, column: Column, names: Names, language: str) -> Value:
    field = column.field
    if isinstance(found, NamedNode):
        return names.written(found.value, field, language) if field.kind in ("concept", "thing") else found.value
    try:
        if field.datatype == XSD + "date":
            return date.fromisoformat(found.value)
        if field.datatype in (XSD + "decimal", XSD + "integer"):
            number = Decimal(found.value)
            return number if len(number.as_tuple().digits) <= _DIGITS else found.value
    except (ValueError, ArithmeticError):
        return ""
    return found.value


def _text(value: Value) -> str:
    """The text of a cell, also where a spreadsheet has made a number or a date of it."""
    if isinstance(value, bool):
        raise UnreadableCell(
            f"it holds {str(value).upper()}, a logical value; expected text",
            f"er staat {'WAAR' if value else 'ONWAAR'}, een logische waarde; verwacht tekst",
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if found := _CONTROL.search(value):
        raise UnreadableCell(
            f"it holds the control character U+{ord(found[0]):04X}; expected text",
            f"er staat het stuurteken U+{ord(found[0]):04X} in; verwacht tekst",
        )
    return value


def _address(text: str) -> NamedNode:
    if not text.startswith(("http://", "https://")) or not is_iri(text):
        raise UnreadableCell(
            f"{text!r} is no web address; expected one as https://www.example.org",
            f"{text!r} is geen webadres; verwacht een als https://www.example.org",
        )
    return NamedNode(text)


def _date(value: Value) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = _text(value) if not isinstance(value, datetime) else value.isoformat(" ")
    iso, day_first, in_words = _ISO.fullmatch(text), _DAY_FIRST.fullmatch(text), _IN_WORDS.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if day_first:
            return _day_first(int(day_first[1]), int(day_first[3]), int(day_first[4]), day_first[2])
        if in_words:
            month = next(n for n, names in enumerate(_MONTHS, 1) if in_words[2].lower() in names)
            return date(int(in_words[3]), month, int(in_words[1]))
    except (ValueError, StopIteration):
        pass
    raise UnreadableCell(
        f"{text!r} is not clearly a day; expected one as 2021-01-31 or 31-1-2021; of a year write its first or last "
        "day, and say so in the column of the precision",
        f"{text!r} is niet duidelijk een dag; verwacht een als 2021-01-31 of 31-1-2021; schrijf van een jaar de eerste "
        "of laatste dag, en zeg dat in de kolom van de precisie",
    )


def _day_first(first: int, second: int, year: int, sign: str) -> date:
    """A day as 31-1-2021. With slashes it is written both ways, and taken where only one of them is a day."""
    if sign == "/" and first != second and max(first, second) <= 12:
        raise ValueError
    return date(year, first, second) if sign == "/" and second > 12 else date(year, second, first)


def _number(value: Value, whole: bool) -> str:
    text = _text(value).replace("\u2212", "-")
    expected = ("a whole number", "een heel getal") if whole else ("a number", "een getal")
    if isinstance(value, str) and _THOUSANDS.fullmatch(text):
        raise UnreadableCell(
            f"{text!r} can be read as a thousand or as a fraction; expected {expected[0]} as 1000 or 1,0",
            f"{text!r} is te lezen als duizend of als breuk; verwacht {expected[1]} als 1000 of 1,0",
        )
    number = Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
    if number is None or (whole and number != number.to_integral_value()):
        raise UnreadableCell(
            f"{text!r} is not {expected[0]}; expected one as {'1250' if whole else '1250,5 or 1250.5'}, without signs "
            "between thousands",
            f"{text!r} is niet {expected[1]}; verwacht een als {'1250' if whole else '1250,5 of 1250.5'}, zonder "
            "tekens tussen duizendtallen",
        )
    plain = format(number, "f")
    return "0" if not number else plain.rstrip("0").rstrip(".") if "." in plain else plain
