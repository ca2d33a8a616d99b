"""Literals as people write them: a text and a datatype to a literal, or why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from missiegraaf.namespaces import XSD

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_GROUPED: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,][0-9]{3})+")  # 1.000 is a thousand in Dutch and one in English
_TURNED: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_NAMED: Final = re.compile(r"([0-9]{1,2}) ([a-z]+) ([0-9]{4})")
_MONTHS: Final = (
    *({"januari", "january"}, {"februari", "february"}, {"maart", "march"}, {"april"}, {"mei", "may"}),
    *({"juni", "june"}, {"juli", "july"}, {"augustus", "august"}, {"september"}, {"oktober", "october"}),
    *({"november"}, {"december"}),
)
EXPECTED: Final[Mapping[str, Mapping[str, str]]] = {
    XSD + "date": {"nl": "een datum als 2021-03-31", "en": "a date as in 2021-03-31"},
    XSD + "integer": {"nl": "een geheel getal als 1000", "en": "a whole number as in 1000"},
    XSD + "decimal": {"nl": "een getal als 1000,5 zonder punten ertussen", "en": "a number as in 1000.5, not grouped"},
}


def literal(text: str, datatype: str) -> Literal:
    """Return the literal that a text means; of datatypes that are not in EXPECTED, with the text as it is.

    Raises ValueError where it is no value of the datatype, or might be two.
    """
    return Literal(_READERS.get(datatype, str)(text), datatype=NamedNode(datatype))


def _date(text: str) -> str:
    """A date as 2021-03-31, 31-3-2021 or 31 maart 2021; not 3-4-2021, which is two days in Dutch and in English."""
    if named := _NAMED.fullmatch(text.strip().lower()):
        month = next((number for number, names in enumerate(_MONTHS, 1) if named[2] in names), 0)
        return date(int(named[3]), month, int(named[1])).isoformat()
    if turned := _TURNED.fullmatch(text.strip()):
        first, second, year = (int(turned[number]) for number in (1, 3, 4))
        if first <= 12 and second <= 12 and first != second:
            raise ValueError(text)
        return date(year, *sorted((first, second))).isoformat()
    return date.fromisoformat(text.strip()).isoformat()


def _integer(text: str) -> str:
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(text)
    return str(int(text))


def _decimal(text: str) -> str:
    if not _DECIMAL.fullmatch(text.strip()) or _GROUPED.fullmatch(text.strip()):
        raise ValueError(text)
    return text.strip().replace(",", ".")


_READERS: Final[Mapping[str, Callable[[str], str]]] = {
    XSD + "date": _date,
    XSD + "integer": _integer,
    XSD + "decimal": _decimal,
}
