"""XLSX as other programs write it is read as it was entered; what is unsafe or broken is refused with the reason."""

from __future__ import annotations

import io
import random
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.datavalidation import DataValidation

from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import UnreadableSheet
from missiegraaf.formats import lexical, media
from missiegraaf.formats.workbook import Page, write_xlsx
from missiegraaf.formats.xlsx import read_xlsx
from missiegraaf.namespaces import BASE, XSD
from missiegraaf.sheets.template import OWN_PAGES, template

from .rows import examine, read

ROW = ["learning community", "onderwijsniveau"], ["ace-mobility", "hbo"]


def saved(change: Callable[[openpyxl.Workbook], object] = lambda _: None, rows: Any = ROW) -> bytes:
    """A workbook as another program writes it, with its first sheet changed."""
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(target)
    return target.getvalue()


def packed(members: dict[str, bytes], content: bytes = b"") -> bytes:
    """The parts of a workbook with others among them, or in their place."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content or saved())) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in members:
                new.writestr(name, old.read(name))
        for name, data in members.items():
            new.writestr(name, data)
    return target.getvalue()


def part(name: str, content: bytes = b"") -> bytes:
    with zipfile.ZipFile(io.BytesIO(content or saved())) as archive:
        return archive.read(name)


SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def values(content: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row.values()] for row in read_xlsx(content, "x.xlsx").rows.values()]


def test_values_are_as_they_were_entered() -> None:
    row = ["text ", 12, 1.1, 0.30000000000000004, date(2021, 1, 31), datetime(2021, 1, 31, 9, 30), True, "é\n2"]  # noqa: DTZ001
    read_ = ["text ", Decimal(12), Decimal("1.1"), Decimal("0.3"), *row[4:]]
    assert values(saved(rows=[row])) == [read_]
    assert values(write_xlsx([Page("x", [["_x0041_ é\n2", date(2021, 1, 31), Decimal("1.5")]])])) == [
        ["_x0041_ é\n2", date(2021, 1, 31), Decimal("1.5")]
    ]


@given(st.dates())
@example(date(1842, 1, 8))
@example(date(1900, 1, 1))
def test_any_day_that_is_written_is_read_as_that_day(day: date) -> None:
    (row,) = read_xlsx(write_xlsx([Page("days", [[day]])]), "days.xlsx").rows.values()
    written = row[1].value
    assert isinstance(written, date | str)
    assert lexical.literal(written, XSD + "date").value == day.isoformat()


def test_days_are_counted_from_1900_with_its_false_leap_day_or_from_1904() -> None:
    def since_1904(book: openpyxl.Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active["C2"] = date(2021, 1, 31)

    assert values(saved(since_1904))[1][2] == date(2021, 1, 31)

    def early(book: openpyxl.Workbook) -> None:
        for column, number in (("C", 1), ("D", 59), ("E", 61)):
            book.active[f"{column}2"] = number
            book.active[f"{column}2"].number_format = "dd-mm-yyyy"

    assert values(saved(early))[1][2:] == [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1)]


def test_other_ways_to_write_the_same_cells_are_read() -> None:
    plain = part(SHEET)
    for changed in (
        re.sub(rb'<c r="[A-Z]+\d+"', b"<c", plain),  # cells without a name stand after each other
        re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", plain).replace(b"xmlns=", b"xmlns:x="),
        re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', plain),
    ):
        assert changed != plain
        assert values(packed({SHEET: changed})) == [list(row) for row in ROW]
    rich = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + b"".join(
        b"<si><r><t>%s</t></r><r><t>%s</t></r><rPh sb='0' eb='1'><t>aside</t></rPh></si>" % (text[:3], text[3:])
        for row in ROW for text in map(str.encode, row)
    ) + b"</sst>"  # fmt: skip
    assert values(packed({"xl/sharedStrings.xml": rich}, SHARED)) == [list(row) for row in ROW]
    other = rich.replace(b"hbo", b"mbo")
    assert values(packed({"xl/sharedStrings.xml": other}, SHARED))[1] == ["ace-mobility", "mbo"]


def test_characters_that_xml_does_not_have_are_read_as_themselves() -> None:
    shared = part("xl/sharedStrings.xml", SHARED).replace(b"hbo", b"h_x000D_\nb_x0007_o")
    assert values(packed({"xl/sharedStrings.xml": shared}, SHARED))[1] == ["ace-mobility", "h\r\nb\x07o"]


def test_formulas_errors_and_merged_cells_are_told_with_their_cell(dataset: Dataset) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.active.title = "Mijn blad"
        book.active["C1"], book.active["D1"] = "vermelde plaats", "lid"
        book.active["B2"], book.active["C2"] = '=CONCAT("h","bo")', "#N/A"
        book.active["E1"], book.active["E2"] = "eerste dag", date(2021, 1, 31)
        book.active["F1"] = "webpagina"
        book.active["F2"] = openpyxl.worksheet.formula.ArrayFormula("F2:F2", "=A1:A2")
        book.active.merge_cells("D2:D3")

    content = saved(change)
    beyond = part(SHEET, content).replace(b"<v>44227</v>", b"<v>9e15</v>")
    found = examine(dataset, packed({SHEET: beyond}, content), "xlsx")
    told = {f.place.cell: f.result.message["en"] for f in found.findings.shown if f.place}
    assert set(told) == {f"'Mijn blad'!{cell}" for cell in ("B2", "C2", "D2", "E2", "F2")}
    assert "formula" in told["'Mijn blad'!B2"]
    assert "#N/A" in told["'Mijn blad'!C2"]
    assert "D2:D3" in told["'Mijn blad'!D2"]
    assert "#VALUE!" in told["'Mijn blad'!E2"]  # no day of the calendar
    assert "=A1:A2" in told["'Mijn blad'!F2"]
    assert {row.outcome for row in found.rows} == {"wrong"}


def test_the_first_sheet_that_is_shown_is_read_and_others_are_named(dataset: Dataset) -> None:
    def change(book: openpyxl.Workbook) -> None:
        hidden = book.create_sheet("verborgen", 0)
        hidden.sheet_state, hidden["A1"] = "hidden", "nothing"
        book.create_sheet("tweede")["A1"] = "nothing"
        book.create_sheet("uitleg")

    found = examine(dataset, saved(change), "xlsx")
    told = [(finding.result.severity, finding.result.value) for finding in found.findings.shown]
    assert told == [("Info", "tweede"), ("Info", "verborgen")]
    assert [row.outcome for row in found.rows] == ["unchanged"]


def test_a_protected_sheet_and_empty_styled_cells_are_no_matter() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.active.protection.set_password("geheim")
        book.active["XFD1048576"].number_format = "dd-mm-yyyy"
        book.active["A3"] = "   "

    assert values(saved(change)) == [list(row) for row in ROW]


def test_the_template_has_lists_help_and_values(dataset: Dataset) -> None:
    content = template(dataset, "learning-community", media.XLSX, "nl", BASE)
    book = openpyxl.load_workbook(io.BytesIO(content))
    first, help_, listed = book.worksheets
    assert {help_.title, listed.title} <= OWN_PAGES
    headers = [cell.value for cell in first[1]]
    rules: dict[str, DataValidation] = {str(r.sqref).split(":")[0]: r for r in first.data_validations.dataValidation}
    place = first.cell(2, headers.index("status van gemeenschap") + 1).coordinate
    column = re.fullmatch(r"'?waarden'?!\$([A-Z]+)\$2:\$[A-Z]+\$\d+", rules[place].formula1.removeprefix("="))
    assert column is not None
    offered = [cell.value for cell in listed[column[1]] if cell.value]
    assert offered == ["status van gemeenschap", "actief", "beëindigd", "gepland"]
    explained = {row[0].value: [cell.value for cell in row[1:]] for row in help_.iter_rows(min_row=2)}
    assert list(explained) == headers
    assert explained["eerste dag"][3] == "2021-01-01"
    assert explained["naam (nl)"][0] == "ja"
    assert "gemeenschap" in explained["status van gemeenschap"][2]
    assert read(content, "xlsx", dataset).faults == []


PLAIN = saved(lambda book: book.active.append([date(2021, 1, 31), 1.5, "=A1"]))
PARTS = {name: part(name, PLAIN) for name in zipfile.ZipFile(io.BytesIO(PLAIN)).namelist() if "docProps" not in name}
# With texts that cells share, as Excel has them.
SHARED = write_xlsx([Page("x", ROW)])
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
)
NOISE = random.Random(0).randbytes(200_000)  # noqa: S311  # no secret: it makes a package large
CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600  # how a password and .xls look
REFUSED: dict[str, Callable[[], bytes]] = {
    "200 times": lambda: packed({"xl/media/a.bin": b"\0" * 20 * 1024**2}),
    "parts of": lambda: packed({f"xl/media/{number}.bin": b"" for number in range(1100)}),
    "document type": lambda: packed({SHEET: ENTITIES}),
    "declares": lambda: packed({SHEET: ENTITIES.decode().encode("utf-16")}),
    "and so may": lambda: packed({BOOK: ENTITIES}),
    "macros": lambda: packed({"xl/vbaProject.bin": b"x"}),
    "other workbooks": lambda: packed({"xl/externalLinks/externalLink1.xml": b"<x/>"}),
    "more than 10000 rows": lambda: packed({SHEET: re.sub(rb'r="([AB]?)2"', rb'r="\g<1>1000000"', part(SHEET))}),
    "more than 500 columns": lambda: packed({SHEET: part(SHEET).replace(b'r="B2"', b'r="XFD2"')}),
    "not a whole XLSX": lambda: b"PK\x03\x04 nothing",
    "not a whole": lambda: CFB,
    "not a whole X": lambda: packed({SHEET: part(SHEET, PLAIN).replace(b"<f>A1", b'<f t="shared" si="0">"')}, PLAIN),
    "expected one as Excel": lambda: packed({"xl/sharedStrings.xml": b"<sst/>"}, SHARED),
    "is not a": lambda: b"",
    "XLSX file": lambda: saved()[:-50],
    "not a whole XLSX file": lambda: packed({BOOK: b"<workbook"}),
    "no sheet that is shown": lambda: packed({BOOK: re.sub(rb"<sheet [^>]*/>", b"", part(BOOK))}),
    "finite numbers": lambda: packed({SHEET: part(SHEET, PLAIN).replace(b"<v>1.5</v>", b"<v>1e999</v>")}, PLAIN),
    "3000000 XML tags": lambda: packed({"xl/sharedStrings.xml": b"<si/>" * 3_000_000, "noise": NOISE}),
    "Strict Open XML": lambda: packed({BOOK: part(BOOK).replace(MAIN, b"http://purl.oclc.org/ooxml/spreadsheetml/main")}),
    "XLSX file; expected": lambda: packed({SHEET: part(SHEET).replace(b'"A1"', b'"C1"')}),  # cells out of their order
    "as Excel or": lambda: packed({SHEET: part(SHEET).replace(b'r="1"', b'r="3"')}),  # and rows
    "LibreOffice saves": lambda: packed({SHEET: part(SHEET).replace(b'<row r="2"', b'<row r="9999999999999"')}),
}  # fmt: skip


@pytest.mark.parametrize("told", REFUSED)
def test_what_is_unsafe_or_broken_is_refused_in_little_memory(told: str) -> None:
    content = REFUSED[told]()
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableSheet, match=re.escape(told)) as error:
            read_xlsx(content, "x.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
    finally:
        tracemalloc.stop()
    assert error.value.dutch != error.value.detail


def test_a_part_that_unzips_to_more_than_it_declares_is_refused() -> None:
    content = bytearray(packed({SHEET: part(SHEET) + b" " * 4 * 1024**2}))
    at = content.index(b"PK\x01\x02")
    while content[at + 46 : at + 46 + len(SHEET)] != SHEET.encode():
        at = content.index(b"PK\x01\x02", at + 4)
    content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(UnreadableSheet, match="not a whole XLSX"):
        read_xlsx(bytes(content), "x.xlsx")


@given(data=st.data())
@settings(deadline=None, max_examples=300)
def test_whatever_comes_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    name = data.draw(st.sampled_from(sorted(PARTS)))
    broken = bytearray(PARTS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.sampled_from(b'<>"&;=09azA\x00\xff'))
    for each in (bytes(content), packed({name: bytes(broken)}, PLAIN)):
        try:
            read_xlsx(each, "x.xlsx")
        except UnreadableSheet:
            continue
