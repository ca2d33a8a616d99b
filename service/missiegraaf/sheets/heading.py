"""The first row of a sheet: of which class its records are, and which column is what."""

from __future__ import annotations

from missiegraaf.errors import BadRequest, UnreadableCell, UnreadableSheet
from missiegraaf.formats import tabular
from missiegraaf.formats.positions import Place
from missiegraaf.formats.tabular import Table
from missiegraaf.forms import Form
from missiegraaf.sheets.cells import Fault
from missiegraaf.sheets.columns import RECORD, Headers, form_of


class Heading:
    """What the headers say. `columns` has the number of each column by its key, `missing` those a new record needs."""

    def __init__(self, table: Table, name: str, cls: str | None, base_iri: str) -> None:
        """Raises UnreadableSheet (400) where no class, or no column for the record, is found; BadRequest (400)."""
        self._table, self._name = table, name
        if not table.rows:
            raise self._unusable(
                "there are no filled cells; expected headers in the first row",
                "er zijn geen gevulde cellen; verwacht kopjes in de eerste rij",
                1,
                1,
            )
        self.row = min(table.rows)
        self.form = form_of(cls, base_iri) if cls else self._named(base_iri)
        self.faults: list[Fault] = []
        self.known = Headers(self.form, base_iri)
        self.keys = self._keys()
        self.columns = {key: number for number, key in self.keys.items()}
        if RECORD not in self.columns:
            told = self.form.name
            raise self._unusable(
                f'no header names the record; expected "{told["en"]}" or "{RECORD}"',
                f'geen kopje noemt het record; verwacht "{told["nl"]}" of "{RECORD}"',
                self.row,
                1,
            )
        self._expect_mains()
        self.missing = [c for c in self.known.columns if c.required and not c.main and c.key not in self.columns]

    def _named(self, base_iri: str) -> Form:
        column = min(self._table.rows[self.row])
        first, expected = tabular.as_text(self._table.rows[self.row][column].value), ""
        for said in (first, self._table.sheet):
            try:
                return form_of(said, base_iri)
            except BadRequest as error:
                expected = expected or error.detail.rpartition("as ")[2]
        raise self._unusable(
            f'the first header is "{first}"; expected the class of the records, as {expected}',
            f'het eerste kopje is "{first}"; verwacht de klasse van de records, zoals {expected}',
            self.row,
            column,
        )

    def _keys(self) -> dict[int, str]:
        keys: dict[int, str] = {}
        for number, cell in sorted(self._table.rows[self.row].items()):
            header = tabular.as_text(cell.value)
            key = self.known.key(header)
            if key is None:
                near = ", ".join(f'"{known}"' for known in self.known.near(header))
                english, dutch = (f", as {near}", f", zoals {near}") if near else ("", "")
                self._fault(
                    cell.place,
                    f'the header "{header}" is not known; expected one of the template{english}',
                    f'het kopje "{header}" is niet bekend; verwacht een van het sjabloon{dutch}',
                    header,
                )
            elif key in keys.values():
                self._fault(
                    cell.place,
                    f'the header "{header}" is there twice; expected one column for it',
                    f'het kopje "{header}" staat er twee keer; verwacht er één kolom voor',
                    header,
                )
            else:
                keys[number] = key
        return keys

    def _expect_mains(self) -> None:
        by_key = {column.key: column for column in self.known.columns}
        for key, number in self.columns.items():
            main = by_key[key].main if key != RECORD else ""
            if main and main not in self.columns:
                told = by_key[main].header
                self._fault(
                    tabular.place(self.row, number, self._table.sheet),
                    f'the column is about "{told["en"]}", which is not there; expected that column too',
                    f'de kolom gaat over "{told["nl"]}", die er niet is; verwacht ook die kolom',
                )

    def _fault(self, where: Place, english: str, dutch: str, text: str = "") -> None:
        self.faults.append(Fault(where, UnreadableCell(english, dutch), text))

    def _unusable(self, english: str, dutch: str, row: int, column: int) -> UnreadableSheet:
        cell = tabular.place(row, column, self._table.sheet).cell
        where = {"line": row, "column": column, "cell": cell}
        return UnreadableSheet(f"{self._name}: {english}", f"{self._name}: {dutch}", file=self._name, **where)
