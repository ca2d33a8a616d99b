"""Rows of a sheet to records: each with what was said of it, what is said now, and the cells that say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import NamedNode, Triple

from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import UnreadableCell
from missiegraaf.formats import tabular
from missiegraaf.formats.positions import Place
from missiegraaf.formats.tabular import Cell, Table
from missiegraaf.forms import Form
from missiegraaf.namespaces import RDF, RDFS, record_graph
from missiegraaf.sheets import values
from missiegraaf.sheets.cells import Cells, Fault
from missiegraaf.sheets.columns import RECORD, Column
from missiegraaf.sheets.heading import Heading
from missiegraaf.sheets.names import Names
from missiegraaf.sheets.record import NONE, Record, Section, sections
from missiegraaf.sheets.values import Term

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")


@dataclass
class Sheet:
    """The records of a sheet, by IRI, in the order of their rows; and its cells, with what is wrong with some.

    `head` is the number of the row of headers.
    """

    form: Form
    head: int
    before: dict[str, frozenset[Triple]] = field(default_factory=dict)
    after: dict[str, frozenset[Triple]] = field(default_factory=dict)
    cells: Cells = field(default_factory=Cells)
    faults: list[Fault] = field(default_factory=list)


def read(table: Table, name: str, cls: str | None, dataset: Dataset, base_iri: str) -> Sheet:
    """Return what a table says, of a class that is named, or else by its first header.

    A record that is there already keeps what no column of the sheet can say; what a column can say is as its cell
    says, which is nothing where that is empty. Raises UnreadableSheet (400) where no class, or no column for the
    record, is found, BadRequest (400) for a class that has no form.
    """
    return _Reader(Heading(table, name, cls, base_iri), table, dataset, base_iri).sheet()


class _Reader:
    def __init__(self, heading: Heading, table: Table, dataset: Dataset, base_iri: str) -> None:
        self.heading, self.table, self.dataset, self.base_iri = heading, table, dataset, base_iri
        self.found = Sheet(heading.form, heading.row, faults=list(heading.faults))
        self.sections = sections(heading.known.columns, heading.columns)
        self.plain = Names(dataset, base_iri)
        self.iris = self._iris()
        self.names = Names(dataset, base_iri, set(self.iris.values()))

    def sheet(self) -> Sheet:
        """All of it."""
        for number, iri in self.iris.items():
            self._record(number, iri)
        for range_, where in self.table.merged:
            self._fault(
                where,
                f"the cells {range_} are merged; expected each value in a cell of its own",
                f"de cellen {range_} zijn samengevoegd; verwacht elke waarde in een eigen cel",
                record=self.iris.get(where.line, ""),
            )
        return self.found

    def _iris(self) -> dict[int, str]:
        """The record of each row, by its name; a row without one, or with one that is there already, is a fault."""
        column = self.heading.columns[RECORD]
        found: dict[int, str] = {}
        for number, cells in sorted(self.table.rows.items()):
            if number == self.heading.row:
                continue
            cell = cells.get(column)
            text = tabular.as_text(cell.value).strip() if cell else ""
            where = tabular.place(number, column, self.table.sheet)
            iri = self._iri(text) if cell and not cell.computed else None
            if iri is None:
                said = f"{text!r} is no name of a record" if text else "the row has no record"
                gezegd = f"{text!r} is geen naam van een record" if text else "de rij heeft geen record"
                self._fault(
                    where,
                    f"{said}; expected one as my-record, of small letters, digits, hyphens, or an IRI",
                    f"{gezegd}; verwacht er een als mijn-record, in kleine letters, cijfers en koppeltekens, "
                    "of een IRI",
                    text,
                )
            elif iri in found.values():
                self._fault(
                    where,
                    f"{text!r} is in another row too; expected one row a record",
                    f"{text!r} staat ook in een andere rij; verwacht één rij per record",
                    text,
                    iri,
                )
            else:
                found[number] = iri
        return found

    def _iri(self, text: str) -> str | None:
        start = f"{self.base_iri}id/"
        iri = f"{start}{self.heading.form.kind}/{text}" if _SLUG.fullmatch(text) else self.plain.iri(text)
        if iri is None or "#" in iri or record_graph(iri, self.base_iri) is None:
            return None
        return iri if _SLUG.fullmatch(iri.removeprefix(start).partition("/")[2]) else None

    def _record(self, number: int, iri: str) -> None:
        graph = NamedNode(record_graph(iri, self.base_iri) or "")
        before = frozenset(quad.triple for quad in self.dataset.quads_for_pattern(None, None, None, graph))
        record = Record(iri, before, self.names, self.base_iri)
        row = self.table.rows[number]
        cells = {self.heading.keys[column]: cell for column, cell in row.items() if column in self.heading.keys}
        self.found.cells.rows[iri] = cells[RECORD].place
        if before:
            self._expect_class(record, cells[RECORD])
        else:
            self._begin(record, cells[RECORD])
        for section in self.sections:
            self._section(record, section, number, cells)
        for column in sorted(row.keys() - self.table.rows[self.heading.row].keys()):
            self._fault(
                row[column].place,
                "the column has no header; expected one in the first row",
                "de kolom heeft geen kopje; verwacht er een in de eerste rij",
                record=iri,
            )
        self.found.before[iri], self.found.after[iri] = before, record.triples

    def _begin(self, record: Record, cell: Cell) -> None:
        """A new record has its class, and what is the same for every record of it."""
        record.say(record.iri, RDF + "type", NamedNode(self.heading.form.iri))
        for asked in self.heading.form.fields:
            if asked.fixed and asked.key not in self.heading.columns:
                record.say(record.iri, asked.path, NamedNode(asked.fixed))
        for column in self.heading.missing:
            if not column.field.fixed:
                en, nl = column.header["en"], column.header["nl"]
                self._fault(
                    cell.place,
                    f'the record is new, and no column is "{en}"; expected that column too',
                    f'het record is nieuw, en geen kolom heet "{nl}"; verwacht ook die kolom',
                    record=record.iri,
                    path=column.field.path,
                )

    def _expect_class(self, record: Record, cell: Cell) -> None:
        classes = {term.value for term in record.values(record.iri, RDF + "type")}
        if self.heading.form.iri not in self._above(classes):
            others, told = ", ".join(sorted(cls.rpartition("#")[2] for cls in classes)), self.heading.form.name
            self._fault(
                cell.place,
                f'it is there already, as {others}; expected a record of "{told["en"]}"',
                f'het is er al, als {others}; verwacht een record van "{told["nl"]}"',
                record=record.iri,
            )

    def _above(self, classes: set[str]) -> set[str]:
        found, last, below = set(classes), set(classes), NamedNode(RDFS + "subClassOf")
        while last:
            quads = (quad for cls in last for quad in self.dataset.quads_for_pattern(NamedNode(cls), below, None))
            last = {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)} - found
            found |= last
        return found

    def _section(self, record: Record, section: Section, number: int, cells: Mapping[str, Cell]) -> None:
        main, iri = section.main, record.iri
        path = main.link or main.field.path
        where = {column.key: self._place(number, column) for column in (main, *section.details)}
        said = self.found.cells.said
        told = self._terms(main, cells.get(main.key), iri, path)
        wanted = list(told or ()) if main.link else list(dict.fromkeys(told or ()))
        found = [(d, self._lines(d, cells.get(d.key), len(wanted), iri)) for d in section.details if told is not None]
        details = {detail.key: lines for detail, lines in found if lines is not None}
        if not wanted:
            said[iri, path].append((None, where[main.key]))
        if told is None or len(details) < len(section.details):
            return
        parts = record.put(section, wanted, details)
        for position, (value, part) in enumerate(zip(wanted, parts, strict=True)):
            said[iri, path].append((part if main.link else value.value, where[main.key]))
            if part:
                self.found.cells.rows[part] = where[main.key]
                said[part, main.field.path].append((value.value, where[main.key]))
            for detail in section.details if part else ():
                texts: list[str | None] = [term.value for term in details[detail.key][position]] or [None]
                said[part, detail.field.path] += [(text, where[detail.key]) for text in texts]

    def _terms(self, column: Column, cell: Cell | None, iri: str, path: str) -> list[Term] | None:
        """What a cell says, None where that cannot be read."""
        if cell is None:
            return []
        try:
            return self._values(column, cell)
        except UnreadableCell as error:
            self.found.faults.append(Fault(cell.place, error, tabular.as_text(cell.value), iri, path))
            return None

    def _values(self, column: Column, cell: Cell) -> list[Term]:
        if cell.computed:
            raise UnreadableCell(
                f"the cell holds a formula or an error, {cell.value}; expected the value itself",
                f"de cel bevat een formule of een fout, {cell.value}; verwacht de waarde zelf",
            )
        return [values.term(value, column, self.names) for value in values.split(cell.value, column)]

    def _lines(self, detail: Column, cell: Cell | None, count: int, iri: str) -> list[set[Term]] | None:
        """What a detail says of each of so many values: each has its line, or one line is for all."""
        if cell is None:
            return [set() for _ in range(count)]
        texts = cell.value.replace("\r\n", "\n").split("\n") if isinstance(cell.value, str) else [cell.value]
        lines = [Cell("" if text == NONE else text, cell.place, cell.computed) for text in texts]
        english = dutch = ""
        lacks = f"{len(lines)} lines for {count} values", f"{len(lines)} regels bij {count} waarden"
        if not count:
            english = "there is no value that this is about; expected one in the column that it details"
            dutch = "er is geen waarde waar dit over gaat; verwacht er een in de kolom waar dit bij hoort"
        elif count > 1 and len(lines) not in (1, count):
            english = f"there are {lacks[0]}; expected one for all, or one for each"
            dutch = f"er zijn {lacks[1]}; verwacht één voor alle, of een voor elke"
        if english:
            error = UnreadableCell(english, dutch)
            self.found.faults.append(Fault(cell.place, error, tabular.as_text(cell.value), iri, detail.field.path))
            return None
        read = [self._terms(detail, line, iri, detail.field.path) for line in lines]
        sets = [set(terms) for terms in read if terms is not None]
        if len(sets) < len(lines):
            return None
        return sets if len(sets) == count else [set[Term]().union(*sets) for _ in range(count)]

    def _place(self, number: int, column: Column) -> Place:
        return tabular.place(number, self.heading.columns[column.key], self.table.sheet)

    def _fault(self, where: Place, english: str, dutch: str, text: str = "", record: str = "", path: str = "") -> None:
        self.found.faults.append(Fault(where, UnreadableCell(english, dutch), text, record, path))
