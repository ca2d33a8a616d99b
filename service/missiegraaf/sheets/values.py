"""What stands in a cell, to RDF terms and back; what cannot be written so that it is read again is not written."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode

from missiegraaf.errors import UnreadableCell
from missiegraaf.formats import lexical
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
    try:
        return lexical.literal(value if isinstance(value, date | Decimal) else _text(value), field.datatype)
    except lexical.Unclear as unclear:
        raise UnreadableCell(unclear.message["en"], unclear.message["nl"]) from None


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
    """The text of a cell."""
    if isinstance(value, bool):
        raise UnreadableCell(
            f"it holds {str(value).upper()}, a logical value; expected text",
            f"er staat {'WAAR' if value else 'ONWAAR'}, een logische waarde; verwacht tekst",
        )
    text = lexical.text(value)
    if found := _CONTROL.search(text):
        raise UnreadableCell(
            f"it holds the control character U+{ord(found[0]):04X}; expected text",
            f"er staat het stuurteken U+{ord(found[0]):04X} in; verwacht tekst",
        )
    return text


def _address(text: str) -> NamedNode:
    if not text.startswith(("http://", "https://")) or not is_iri(text):
        raise UnreadableCell(
            f"{text!r} is no web address; expected one as https://www.example.org",
            f"{text!r} is geen webadres; verwacht een als https://www.example.org",
        )
    return NamedNode(text)
