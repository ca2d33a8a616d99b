"""Literals as people write them: what is written and a datatype to a literal, or why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode

from missiegraaf.namespaces import XSD

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


class Unclear(ValueError):
    """What is written is no value of a datatype, or might be two; `message` says by language what was expected."""

    def __init__(self, message: Mapping[str, str]) -> None:
        super().__init__(message["en"])
        self.message = message


def literal(written: str | Decimal | date, datatype: str) -> Literal:
    """Return the literal that is meant; of datatypes but dates and numbers, with the text as it is.

    Raises Unclear where it is no value of the datatype, or might be two.
    """
    given = written.strip() if isinstance(written, str) else written
    if datatype == XSD + "date":
        return Literal(_date(given).isoformat(), datatype=NamedNode(datatype))
    if datatype in (XSD + "decimal", XSD + "integer"):
        return Literal(_number(given, whole=datatype == XSD + "integer"), datatype=NamedNode(datatype))
    return Literal(text(written), datatype=NamedNode(datatype))


def text(written: str | Decimal | date) -> str:
    """Return what is written as a text, also where a spreadsheet has made a number or a date of it."""
    if isinstance(written, Decimal):
        return format(written, "f")
    return written if isinstance(written, str) else written.isoformat()


def _date(written: str | Decimal | date) -> date:
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    said = written.isoformat(" ") if isinstance(written, datetime) else text(written)
    iso, day_first, in_words = _ISO.fullmatch(said), _DAY_FIRST.fullmatch(said), _IN_WORDS.fullmatch(said)
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
    raise Unclear(
        {
            "nl": f"{said!r} is niet duidelijk een dag; verwacht een als 2021-01-31 of 31-1-2021; schrijf van een jaar "
            "de eerste of laatste dag, en zeg dat bij de precisie",
            "en": f"{said!r} is not clearly a day; expected one as 2021-01-31 or 31-1-2021; of a year write its first "
            "or last day, and say so as its precision",
        }
    )


def _day_first(first: int, second: int, year: int, sign: str) -> date:
    """A day as 31-1-2021. With slashes it is written both ways, and taken where only one of them is a day."""
    if sign == "/" and first != second and max(first, second) <= 12:
        raise ValueError
    return date(year, first, second) if sign == "/" and second > 12 else date(year, second, first)


def _number(written: str | Decimal | date, whole: bool) -> str:
    said = text(written).replace("\u2212", "-")
    nl, en = ("een heel getal", "a whole number") if whole else ("een getal", "a number")
    if isinstance(written, str) and _THOUSANDS.fullmatch(said):
        raise Unclear(
            {
                "nl": f"{said!r} is te lezen als duizend of als breuk; verwacht {nl} als 1000 of 1,0",
                "en": f"{said!r} can be read as a thousand or as a fraction; expected {en} as 1000 or 1,0",
            }
        )
    number = Decimal(said.replace(",", ".")) if _NUMBER.fullmatch(said) else None
    if number is None or (whole and number != number.to_integral_value()):
        raise Unclear(
            {
                "nl": f"{said!r} is niet {nl}; verwacht een als {'1250' if whole else '1250,5 of 1250.5'}, zonder "
                "tekens tussen duizendtallen",
                "en": f"{said!r} is not {en}; expected one as {'1250' if whole else '1250,5 or 1250.5'}, without "
                "signs between thousands",
            }
        )
    plain = format(number, "f")
    return "0" if not number else plain.rstrip("0").rstrip(".") if "." in plain else plain
