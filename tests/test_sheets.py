"""Records as rows of a sheet: what columns say is read as it was written, and the rest stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple

from missiegraaf import forms
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.formats import media
from missiegraaf.formats.tabular import write_csv
from missiegraaf.formats.workbook import Page, write_xlsx
from missiegraaf.forms import Form
from missiegraaf.namespaces import BASE, LANGUAGES, RDF, XSD, record_graph
from missiegraaf.sheets import values
from missiegraaf.sheets.columns import RECORD, Headers, columns, form_of
from missiegraaf.sheets.names import Names
from missiegraaf.sheets.record import Record, sections
from missiegraaf.sheets.template import template

from .conftest import LONG
from .rows import OFFERS, read

FORMS = [form for form in forms.forms().values() if not form.is_part]
COMMUNITY = form_of("learning-community")
MG = BASE + "def#"
ACE = "learning-community/ace-mobility"


@pytest.fixture(scope="module")
def names(dataset: Dataset) -> Names:
    return Names(dataset, BASE)


def test_every_header_names_one_column_of_its_class_and_every_class_is_named_by_its_label() -> None:
    assert len(FORMS) >= 43
    for form in FORMS:
        headers = Headers(form)
        assert len(headers.columns) >= 3
        for column in headers.columns:
            for name in (column.key, *column.header.values(), column.header["nl"].upper() + "  "):
                assert headers.key(name) == column.key, (form.key, name)
        for name in (form.key, form.iri, *form.name.values()):
            assert form_of(name) == form
            assert headers.key(name) == RECORD


def test_what_wants_a_claim_or_is_a_part_has_columns_that_detail_it() -> None:
    found = {column.key: column for column in columns(COMMUNITY.iri)}
    assert found["membership"].header == {"nl": "lid", "en": "member"}
    assert found["membership.evidence"].header == {"nl": "bewijsplaats bij lid", "en": "evidence for member"}
    assert {key for key, column in found.items() if column.main == "firstDay" and column.shown} == {
        "firstDay.evidence", "firstDay.precision", "firstDay.timeAsStated",
    }  # fmt: skip
    claimed = {column.main for column in found.values() if column.part == MG + "Claim"}
    assert claimed == {"statedKind", "statedForm", "communityStatus", "firstDay", "lastDay"}
    assert "notStated" not in found  # nothing tells one from another


@pytest.mark.parametrize("number", range(len(FORMS)), ids=lambda number: FORMS[number].key)
def test_the_records_of_a_class_come_back_from_their_sheet_as_they_were(number: int, dataset: Dataset) -> None:
    """Each class in one of the formats, in turn; with `make oracles` in both."""
    for suffix in OFFERS if LONG else [list(OFFERS)[number % len(OFFERS)]]:
        assert_comes_back(FORMS[number], suffix, dataset)


def assert_comes_back(form: Form, suffix: str, dataset: Dataset) -> None:
    language = LANGUAGES[suffix == "csv"]
    content = template(dataset, form.key, OFFERS[suffix], language, BASE, filled=True)
    found = read(content, suffix, dataset)
    assert found.faults == []
    assert len(found.before) >= 1
    assert found.after == found.before


@pytest.mark.skipif(not LONG, reason="takes half a minute: `make oracles`")
def test_a_sheet_says_nine_tenths_of_what_the_records_say(dataset: Dataset) -> None:
    said = there = 0
    for form in FORMS:
        content = template(dataset, form.key, media.CSV, "nl", BASE, filled=True)
        before = read(content, "csv", dataset).before
        graphs = {record_graph(iri) for iri in before}
        others = in_memory(quad for quad in dataset if getattr(quad.graph_name, "value", "") not in graphs)
        after = read(content, "csv", others).after
        same = sum(len(_shape(after[iri]) & _shape(before[iri])) for iri in before)
        of = sum(len(_shape(before[iri])) for iri in before)
        assert form is not COMMUNITY or same > 0.99 * of
        said, there = said + same, there + of
    assert there > 40_000
    assert said > 0.9 * there, said / there


def _shape(triples: frozenset[Triple]) -> set[Any]:
    """The triples, with parts by what is said of them, as a new part has another IRI."""
    parts = {t.subject for t in triples if "#" in t.subject.value}
    said = {part: frozenset((t.predicate, t.object) for t in triples if t.subject == part) for part in parts}
    return {(said.get(t.subject, t.subject), t.predicate, said.get(t.object, t.object)) for t in triples}


def test_the_same_records_give_the_same_bytes(dataset: Dataset) -> None:
    for offer in media.SHEETS:
        one, other = (template(dataset, "zone", offer, "en", BASE, filled=True) for _ in range(2))
        assert one == other


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
THINGS = [
    "topsector/ict",
    "organisation/saxion",
    "place/helmond",
    "source/seed-004",
    "theme/veiligheid",
    "place/nowhere",
]
TERMS = st.one_of(
    TEXTS.map(Literal),
    st.builds(Literal, TEXTS, language=st.sampled_from(["nl", "en", "de"])),
    st.builds(lambda day: Literal(day.isoformat(), datatype=NamedNode(XSD + "date")), st.dates()),
    st.sampled_from(THINGS).map(lambda thing: NamedNode(f"{BASE}id/{thing}")),
    st.sampled_from(["https://www.example.org/a,b;c", "urn:a:b"]).map(NamedNode),
)
LAWFUL = settings(
    deadline=None, max_examples=300 if LONG else 30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("suffix", OFFERS)
@given(data=st.data())
@LAWFUL
def test_whatever_a_record_says_its_own_row_changes_nothing(
    suffix: str, data: st.DataObject, dataset: Dataset, names: Names
) -> None:
    iri, there = f"{BASE}id/learning-community/example", columns(COMMUNITY.iri)
    triples = {Triple(NamedNode(iri), NamedNode(RDF + "type"), NamedNode(COMMUNITY.iri))}
    for column, term, part in data.draw(
        st.lists(st.tuples(st.sampled_from(there), TERMS, st.integers(0, 3)), max_size=12)
    ):
        subject = f"{iri}#part-{part}" if column.link else iri
        triples.add(Triple(NamedNode(subject), NamedNode(column.field.path), term))
        if column.link:
            triples.add(Triple(NamedNode(iri), NamedNode(column.link), NamedNode(subject)))
    shown = {column.key for column in data.draw(st.lists(st.sampled_from(there)))}
    kept = sorted(column.key for column in there if column.key in shown and (not column.main or column.main in shown))
    graph = NamedNode(record_graph(iri) or "")
    quads = [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
    dataset.extend(quads)
    try:
        stored = frozenset(quad.triple for quad in dataset.quads_for_pattern(None, None, None, graph))
        record, cells = Record(iri, stored, names, BASE), dict[str, Any]()
        for section in sections(there, kept):
            cells |= record.row(section, "nl")
        rows = [[COMMUNITY.key, *kept], ["example", *(cells.get(key) for key in kept)]]
        found = read(write_csv(rows, "nl") if suffix == "csv" else write_xlsx([Page("x", rows)]), suffix, dataset)
    finally:
        for quad in quads:
            dataset.remove(quad)
    assert found.faults == []
    assert found.after == {iri: stored}


@given(data=st.data())
@LAWFUL
def test_what_a_row_says_of_a_new_record_is_written_as_that_row(
    data: st.DataObject, dataset: Dataset, names: Names
) -> None:
    shown = [column for column in columns(COMMUNITY.iri) if not column.main]
    wanted: dict[str, Any] = {}
    for column in data.draw(st.lists(st.sampled_from(shown), unique_by=lambda column: column.key)):
        terms = data.draw(st.lists(TERMS, max_size=3 if column.repeats else 1, unique_by=str))
        said = [value for term in terms if (value := values.written(term, column, names, "nl")) is not None]
        if said:
            wanted[column.key] = said[0] if len(said) == 1 else " | ".join(map(str, said))
    rows = [["learning-community", *wanted], ["example", *wanted.values()]]
    ((iri, after),) = read(write_csv(rows, "nl"), "csv", dataset).after.items()
    record, back = Record(iri, after, names, BASE), dict[str, Any]()
    for section in sections(columns(COMMUNITY.iri), wanted):
        back |= record.row(section, "nl")
    assert {key: _values(value) for key, value in back.items()} == {key: _values(v) for key, v in wanted.items()}


def _values(value: Any) -> Any:
    return sorted(value.split(" | ")) if isinstance(value, str) else value


def changed(dataset: Dataset, headers: list[str], row: list[Any]) -> tuple[set[str], set[str]]:
    """What a row about a record that is there takes away, and what it adds, as lines."""
    found = read(write_csv([["learning community", *headers], ["ace-mobility", *row]], "nl"), "csv", dataset)
    assert found.faults == []
    before, after = found.before[f"{BASE}id/{ACE}"], found.after[f"{BASE}id/{ACE}"]
    return {_line(t) for t in before - after}, {_line(t) for t in after - before}


def _line(triple: Triple) -> str:
    return " ".join(str(term.value).removeprefix(f"{BASE}id/").removeprefix(MG) for term in triple)


def test_what_no_column_says_stays_and_an_empty_cell_of_a_column_takes_away(dataset: Dataset) -> None:
    assert changed(dataset, ["onderwijsniveau"], ["hbo"]) == (set(), set())
    assert changed(dataset, ["onderwijsniveau"], [None]) == ({f"{ACE} educationLevel education-level/hbo"}, set())
    assert changed(dataset, ["onderwijsniveau"], ["mbo"]) == (
        {f"{ACE} educationLevel education-level/hbo"},
        {f"{ACE} educationLevel education-level/mbo"},
    )


MEMBERS = ["fontys-hogescholen", "han-university-of-applied-sciences", "hogeschool-rotterdam"]
LAST = "rai-automotive-industry-nl"


def test_a_part_stays_with_its_value_and_goes_with_it(dataset: Dataset) -> None:
    gone, come = changed(dataset, ["lid"], [" | ".join(MEMBERS)])
    part = f"{ACE}#member-{LAST}"
    assert come == set()
    assert f"{ACE} membership {part}" in gone
    assert {line.split()[0] for line in gone} == {ACE, part}
    gone, come = changed(dataset, ["lid"], ["\n".join([*MEMBERS, LAST, "saxion"])])
    part = f"{ACE}#member-saxion"
    assert gone == set()
    assert f"{part} basis basis/unverified" in come
    assert {line.split()[0] for line in come} == {ACE, part}


def test_a_source_that_is_taken_away_leaves_a_member_unverified(dataset: Dataset) -> None:
    source = "source:lcs-ace-rai | source:lcs-link-ace | source:lcs-ptim-ace"
    row = [" | ".join([*MEMBERS, LAST]), "\n".join(["-", source, source, source])]
    gone, come = changed(dataset, ["lid", "bewijsplaats bij lid"], row)
    part = f"{ACE}#member-fontys-hogescholen"
    assert come == {f"{part} basis basis/unverified"}
    assert len(gone) == 4
    assert f"{part} basis basis/stated" in gone


def test_a_claim_goes_with_the_value_that_it_is_about(dataset: Dataset) -> None:
    headers = ["status van gemeenschap", "bewijsplaats bij status van gemeenschap"]
    gone, come = changed(dataset, headers, ["community-status:ended", "source:lcs-ace-rai"])
    part = f"{ACE}#claim-community-status"
    assert f"{part} statedThing community-status/ended" in come
    assert f"{part} timeAsStated 2017-03" in gone  # that was when the other status held
    assert changed(dataset, headers[:1], ["community-status:ended"]) == (
        {f"{ACE} communityStatus community-status/active"},
        {f"{ACE} communityStatus community-status/ended"},
    )
