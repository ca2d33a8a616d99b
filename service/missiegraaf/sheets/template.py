"""A sheet to fill in, or with the records that are there, of one class: as CSV, or as XLSX with help and lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, parse

from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats import media
from missiegraaf.formats.tabular import Value, as_text, write_csv
from missiegraaf.formats.workbook import Page, title, write_xlsx
from missiegraaf.forms import Form
from missiegraaf.namespaces import RDF, record_graph
from missiegraaf.sheets import values
from missiegraaf.sheets.columns import Column, columns, form_of
from missiegraaf.sheets.names import Names
from missiegraaf.sheets.record import Record, sections

_FEW: Final = 200  # things of which one is chosen from a list
_PAGES: Final = {"nl": ("uitleg", "waarden"), "en": ("explanation", "values")}
_WORDS: Final = {
    "nl": ("kolom", "verplicht", "meer waarden", "wat", "voorbeeld", "ja", "nee"),
    "en": ("column", "required", "several values", "what", "example", "yes", "no"),
}
_RECORD_HELP: Final = {
    "nl": "de naam van het record, in kleine letters, cijfers en koppeltekens, of zijn IRI; één record per rij",
    "en": "the name of the record, in small letters, digits and hyphens, or its IRI; one record a row",
}
_SEVERAL: Final = {
    "nl": "ja, met | ertussen of elk op een regel",
    "en": "yes, with | between them or each on a line",
}
_DETAIL: Final = {
    "nl": "een regel voor alle waarden van de kolom ervoor, of voor elke een (- voor geen)",
    "en": "one line for all values of the column that it is for, or one for each (- for none)",
}
OWN_PAGES: Final = frozenset(page for pages in _PAGES.values() for page in pages)


def template(
    dataset: Dataset, cls: str, offer: media.Offer, language: str, base_iri: str, filled: bool = False
) -> bytes:
    """Return a sheet of a class, by its key, label or IRI, with headers in a language; `filled` with its records.

    Raises BadRequest (400) for a class that has no form.
    """
    form, names = form_of(cls, base_iri), Names(dataset, base_iri)
    there = list(columns(form.iri, base_iri))
    rows = _records(dataset, form, names, there, language, base_iri) if filled else []
    used = {key for row in rows for key in row}
    shown = [column for column in there if column.shown or column.key in used]
    head: list[Value | None] = [form.name[language], *(column.header[language] for column in shown)]
    cells = [head, *([row["record"], *(row.get(column.key) for column in shown)] for row in rows)]
    if offer.suffix == media.CSV.suffix:
        return write_csv(cells, language)
    return write_xlsx(_pages(form, shown, cells, names, language))


def _records(
    dataset: Dataset, form: Form, names: Names, there: list[Column], language: str, base_iri: str
) -> list[dict[str, Value]]:
    found = sections(there, {column.key for column in there})
    kind = f"{base_iri}id/{form.kind}/"
    rows: list[dict[str, Value]] = []
    typed = dataset.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(form.iri))
    iris = {quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode)}
    for iri in sorted(iri for iri in iris if record_graph(iri, base_iri) and "#" not in iri):
        graph = NamedNode(record_graph(iri, base_iri) or "")
        triples = [quad.triple for quad in dataset.quads_for_pattern(None, None, None, graph)]
        record = Record(iri, triples, names, base_iri)
        if NamedNode(form.iri) not in record.values(iri, RDF + "type"):  # it follows only: those have their own class
            continue
        row: dict[str, Value] = {"record": iri.removeprefix(kind) if iri.startswith(kind) else names.short(iri)}
        for section in found:
            row |= record.row(section, language)
        rows.append(row)
    return rows


def _pages(
    form: Form, shown: Sequence[Column], cells: list[list[Value | None]], names: Names, language: str
) -> list[Page]:
    lists: dict[str, list[str]] = {}
    choices: dict[int, tuple[int, int]] = {}
    for number, column in enumerate(shown, 2):
        field = column.field
        if field.kind == "concept" or (field.kind == "thing" and field.classes):
            taken = names.all(field, language)
            if 0 < len(taken) <= _FEW:
                lists.setdefault(field.name[language], taken)
                choices[number] = (list(lists).index(field.name[language]) + 1, len(taken))
    height = max(map(len, lists.values()), default=0)
    listed: list[list[Value | None]] = [list(lists)]
    listed += [[taken[row] if row < len(taken) else None for taken in lists.values()] for row in range(height)]
    bold = [1, *(number for number, column in enumerate(shown, 2) if column.required and not column.main)]
    help_, list_ = _PAGES[language]
    return [
        Page(title(form.name[language]), cells, choices, bold),
        Page(help_, _explained(form, shown, names, language)),
        Page(list_, listed),
    ]


def _explained(form: Form, shown: Sequence[Column], names: Names, language: str) -> list[list[Value | None]]:
    name, required, several, what, example, yes, no = _WORDS[language]
    rows: list[list[Value | None]] = [[name, required, several, what, example]]
    rows.append([form.name[language], yes, no, _RECORD_HELP[language], None])
    for column in shown:
        repeats = _SEVERAL[language] if column.repeats else no
        shown_ = _DETAIL[language] if column.main else repeats
        told = column.field.help.get(language, "")
        rows.append(
            [column.header[language], yes if column.required else no, shown_, told, _example(column, names, language)]
        )
    return rows


def _example(column: Column, names: Names, language: str) -> str:
    if not column.field.example:
        return ""
    (quad,) = parse(f"<urn:s> <urn:p> {column.field.example} .", RdfFormat.N_TRIPLES)
    found = quad.object
    if column.language and getattr(found, "language", column.language) != column.language:
        return ""
    return as_text(values.written(found, column, names, language))
