"""Cells of a sheet: what each may hold, and that a mistake is told where it stands, with what is expected."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.errors import BadRequest, UnreadableCell, UnreadableSheet
from missiegraaf.formats import tabular
from missiegraaf.formats.tabular import read_csv, write_csv
from missiegraaf.namespaces import BASE, LANGUAGES, SKOS
from missiegraaf.sheets import values
from missiegraaf.sheets.names import Names

from .rows import column_of, examine, read

SHEETS = Path(__file__).parent / "sheets"
MEMBER = column_of("learning-community", "membership")
SAXION = f"{BASE}id/organisation/saxion"


@pytest.fixture(scope="module")
def names(dataset: Dataset) -> Names:
    return Names(dataset, BASE)


DATES = [
    ("2021-01-31", "2021-01-31"), ("2021-1-31", "2021-01-31"), ("31-1-2021", "2021-01-31"),
    ("1-2-2021", "2021-02-01"), ("31/1/2021", "2021-01-31"), ("1/31/2021", "2021-01-31"), ("2/2/2021", "2021-02-02"),
    ("31.1.2021", "2021-01-31"), ("31 januari 2021", "2021-01-31"), ("1 May 2021", "2021-05-01"),
    (date(2021, 1, 31), "2021-01-31"),
    ("1/2/2021", None), ("2021", None), (Decimal(2021), None), ("31-2-2021", None), ("maart 2021", None),
    ("2021-01", None), ("31-1-21", None), ("", None), (datetime(2021, 1, 31, 9, 30), None), (True, None),  # noqa: DTZ001
]  # fmt: skip
NUMBERS = [
    ("1000", "1000"), ("1000,5", "1000.5"), ("1000.5", "1000.5"), ("1,5", "1.5"), ("-1,50", "-1.5"), ("0.125", "0.125"),
    ("1250.125", "1250.125"), (Decimal("12.5"), "12.5"), (Decimal("1.125"), "1.125"), ("1,1250", "1.125"), ("-0", "0"),
    ("1.000", None), ("12,500", None), ("1.000,5", None), ("1,000.5", None), ("1 000", None), ("1e3", None),
    ("een", None), ("€ 5", None), (date(2021, 5, 1), None), (True, None),
]  # fmt: skip
WHOLE = [("12", "12"), (Decimal(12), "12"), ("12,0", "12"), ("1,5", None)]


@pytest.mark.parametrize(
    ("cls", "key", "value", "expected"),
    [("learning-community", "firstDay", *case) for case in DATES]
    + [("observation", "value", *case) for case in NUMBERS]
    + [("footnote", "number", *case) for case in WHOLE],
)
def test_dates_and_numbers_are_taken_where_only_one_is_meant(
    cls: str, key: str, value: Any, expected: str | None, names: Names
) -> None:
    column = column_of(cls, key)
    if expected is None:
        with pytest.raises(UnreadableCell, match="expected") as told:
            values.term(value, column, names)
        assert "verwacht" in told.value.dutch
    else:
        assert values.term(value, column, names) == Literal(expected, datatype=NamedNode(column.field.datatype))


@pytest.mark.parametrize("text", ["Saxion", "SAXION", "organisation:saxion", SAXION, f"<{SAXION}>"])
def test_a_thing_is_known_by_label_name_and_iri(text: str, names: Names) -> None:
    assert values.term(text, MEMBER, names) == NamedNode(SAXION)


def test_the_values_of_a_list_are_known_in_both_languages(names: Names) -> None:
    column = column_of("learning-community", "communityStatus")
    for text in ("actief", "Active", "community-status:active", "active"):
        assert values.term(text, column, names) == NamedNode(f"{BASE}id/community-status/active")


def test_a_name_that_is_unknown_or_of_several_comes_with_those_it_may_be(dataset: Dataset, names: Names) -> None:
    with pytest.raises(UnreadableCell, match='did you mean "Saxion"') as unknown:
        values.term("Saxoin", MEMBER, names)
    assert SAXION in unknown.value.near
    assert "bedoelde u" in unknown.value.dutch
    other = NamedNode(f"{BASE}id/organisation/fontys-hogescholen")
    twin = Quad(other, NamedNode(SKOS + "prefLabel"), Literal("Saxion", language="nl"))
    with pytest.raises(UnreadableCell, match="several") as several:
        values.term("Saxion", MEMBER, Names(in_memory([*dataset, twin]), BASE))
    assert set(several.value.near) == {SAXION, other.value}


def test_ten_mistakes_are_found_each_at_its_own_cell(dataset: Dataset) -> None:
    found = examine(dataset, (SHEETS / "ten-mistakes.csv").read_bytes())
    assert [f.place and f.place.cell for f in found.findings.shown] == [
        "P1", "C2", "H2", "K2", "E3", "H3", "Q3", "S3", "A4", "A5",
    ]  # fmt: skip
    assert [(f.place.line, f.place.column) for f in found.findings.shown if f.place][:2] == [(1, 16), (2, 3)]
    assert all(finding.result.message[language] for finding in found.findings.shown for language in LANGUAGES)
    assert {row.outcome for row in found.rows} == {"wrong"}
    assert (found.removed, found.added, found.findings.conforms) == (None, None, False)
    assert found.proposals["aktief"] == (f"{BASE}id/community-status/active",)


def test_the_mended_sheet_says_what_the_records_are_to_be(dataset: Dataset) -> None:
    content = (SHEETS / "right.csv").read_bytes()
    found = examine(dataset, content)
    assert found.findings.shown == ()
    assert [(row.number, row.outcome) for row in found.rows] == [(2, "new"), (3, "new")]
    north = read(content, "csv", dataset).after[f"{BASE}id/learning-community/fieldlab-noord"]
    said = {(t.subject.value.partition("#")[2], t.predicate.value.rpartition("#")[2], t.object.value) for t in north}
    assert {part: value.rpartition("/")[2] for part, predicate, value in said if predicate == "basis"} == {
        "claim-community-status": "stated",
        "claim-first-day": "stated",
        "claim-form": "stated",
        "member-fontys-hogescholen": "unverified",
        "member-saxion": "stated",
    }
    assert ("claim-first-day", "statedValue", "2021-01-01") in said
    assert ("claim-first-day", "timeAsStated", "2021") in said
    assert ("claim-form", "statedThing", f"{BASE}id/form/fieldlab") in said


WRONG: list[tuple[list[str], list[Any], str, str]] = [
    (["naam (nl)", "naam (NL)"], ["a", "b"], "C1", "twice"),
    (["bewijsplaats bij lid"], ["source:seed-004"], "B1", "member"),
    (["lid", "bewijsplaats bij lid"], [None, "source:seed-004"], "C2", "no value"),
    (["lid", "bewijsplaats bij lid"], ["saxion|aeres|fontys-hogescholen", "source:seed-004\n-"], "C2", "2 lines for 3"),
    (["onderwijsniveau"], ["hbo", "x"], "C2", "no header"),
    (["webpagina"], ["ftp://example.org"], "B2", "web address"),
    (["naam (nl)"], ["a\x0bb"], "B2", "control character"),
    (["lid"], ["organisation:nowhere"], "B2", "not known"),
    (["lid"], ["=1+1"], "B2", "formula"),
]


@pytest.mark.parametrize(("headers", "row", "cell", "told"), WRONG)
def test_a_cell_or_header_that_cannot_be_used_is_told_with_its_place(
    headers: list[str], row: list[Any], cell: str, told: str, dataset: Dataset
) -> None:
    content = write_csv([["learning community", *headers], ["ace-mobility", *row]], "nl")
    (fault,) = read(content, "csv", dataset).faults
    assert fault.place.cell == cell
    assert told in fault.error.detail
    assert "verwacht" in fault.error.dutch


def test_a_new_record_needs_the_columns_that_are_required_and_one_that_is_there_does_not(dataset: Dataset) -> None:
    content = write_csv([["learning community", "naam (nl)"], ["brand-new", "Nieuw"]], "nl")
    missing = [fault.error.dutch for fault in read(content, "csv", dataset).faults]
    assert {text.split('"')[1] for text in missing} == {"naam (en)", "bewijsstatus"}
    assert len(missing) == 2


def test_a_record_of_another_class_is_not_taken_for_one_of_this(dataset: Dataset) -> None:
    content = write_csv([["learning community", "onderwijsniveau"], ["organisation:saxion", "hbo"]], "nl")
    (fault,) = read(content, "csv", dataset).faults
    assert (fault.place.cell, "Organisation" in fault.error.detail) == ("A2", True)


def test_a_sheet_without_a_class_or_a_record_column_is_refused(dataset: Dataset) -> None:
    with pytest.raises(UnreadableSheet, match="first header"):
        read(b"naam (nl)\nx\n", "csv", dataset)
    with pytest.raises(UnreadableSheet, match="no header names the record"):
        read(b"naam (nl)\nx\n", "csv", dataset, "learning-community")
    with pytest.raises(BadRequest, match="learning-community"):
        read(b"record\nx\n", "csv", dataset, "learning-comunity")
    with pytest.raises(UnreadableSheet, match="no filled cells"):
        read(b"", "csv", dataset)
    assert read(b"Record,Name (NL)\nace-mobility,ACE\n", "csv", dataset, "learning-community").faults == []


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_csv_is_read_as_spreadsheets_write_it(sign: str, ending: str) -> None:
    lines = [sign.join(["a", "b", "c"]), sign.join([" x ", '"1;2,3"', f'"two{ending}lines"']), "", f"{sign}{sign}z"]
    for start in ("", "\ufeff", f"sep={sign}{ending}"):
        rows = read_csv((start + ending.join(lines)).encode(), "x.csv").rows
        assert {number: [cell.value for cell in cells.values()] for number, cells in rows.items()} == {
            1: ["a", "b", "c"], 2: [" x ", "1;2,3", f"two{ending}lines"], 4: ["z"],
        }  # fmt: skip
        assert rows[4][3].place == tabular.place(4, 3)


def test_cells_are_called_what_spreadsheets_call_them() -> None:
    assert [tabular.place(7, column).cell for column in (1, 26, 27, 702, 703)] == ["A7", "Z7", "AA7", "ZZ7", "AAA7"]
    assert tabular.place(7, 2, "Blad1").cell == "Blad1!B7"
    assert tabular.place(7, 2, "Een 'blad'").cell == "'Een ''blad'''!B7"


UNREADABLE = {
    "NUL": b"a,b\n1,\0\n",
    "line 2 is not in UTF-8": "a;b\né;1\n".encode("cp1252"),
    "line 1 is not in UTF-8": "a,b\n1,2\n".encode("utf-16"),
    "row 2 is not CSV": b'a,b\n1,"2\n',
    "more than 10000 rows": b"a,b\n" + b"1,2\n" * 1_000_000,
    "more than 500 columns": b"," * 1_000_000 + b"a\n",
    "more than 200000 filled cells": b"1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5\n" * 9000,
    "field larger": b'a\n"' + b"x" * 200_000 + b'"\n',
}


@pytest.mark.parametrize("told", UNREADABLE)
def test_csv_that_cannot_be_used_is_refused_with_the_reason(told: str) -> None:
    with pytest.raises(UnreadableSheet, match=told) as error:
        read_csv(UNREADABLE[told], "x.csv")
    assert "verwacht" in error.value.dutch
