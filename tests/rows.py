"""Sheets as tests make them and read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from missiegraaf import importing
from missiegraaf.checking import Document
from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats import media
from missiegraaf.formats.tabular import Table, read_csv
from missiegraaf.formats.xlsx import read_xlsx
from missiegraaf.namespaces import BASE
from missiegraaf.sheets import reading
from missiegraaf.sheets.columns import Column, columns, form_of

READ: dict[str, Callable[[bytes, str], Table]] = {"csv": read_csv, "xlsx": read_xlsx}
OFFERS = {offer.suffix: offer for offer in media.SHEETS}


def read(content: bytes, suffix: str, dataset: Dataset, cls: str | None = None) -> reading.Sheet:
    """What a sheet says."""
    return reading.read(READ[suffix](content, f"sheet.{suffix}"), f"sheet.{suffix}", cls, dataset, BASE)


def examine(dataset: Dataset, content: bytes, suffix: str = "csv", **options: Any) -> importing.Examined:
    """What is wrong with a sheet, and what it would do."""
    document = Document(content, OFFERS[suffix], f"sheet.{suffix}")
    return importing.examine(dataset, document, BASE, **options)


def column_of(cls: str, key: str) -> Column:
    """A column of a class."""
    return next(column for column in columns(form_of(cls).iri) if column.key == key)
