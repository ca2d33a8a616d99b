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
