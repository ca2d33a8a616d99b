"""What is told beside a finding, over all invalid examples: an example of a right value, and a mend that works."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse
from rdflib import Literal as RdfLiteral
from rdflib.namespace import SH

from missiegraaf import checking, files, fixing, transaction, validation
from missiegraaf.checking import Checked, Document
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.findings import Finding
from missiegraaf.formats import media
from missiegraaf.mends import Mend
from missiegraaf.namespaces import BASE, PROV, SKOS, XSD

HERE = Path(__file__).parent
EXAMPLES = sorted(HERE.glob("*/invalid-*.ttl"))
MGS, DEF = BASE + "shapes#", BASE + "def#"
PREFIXES = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in files.prefixes().items())


def quads(text: str) -> set[Quad]:
    return {transaction.placed(quad, "it", BASE) for quad in parse(text, RdfFormat.TURTLE)}


def document(text: str) -> Document:
    return Document(text.encode(), media.TURTLE, "it")


@pytest.fixture(scope="module")
def dataset(asserted: transaction.Graph, graph: Dataset) -> Dataset:
    """The project's graph, and the records that the examples lean on."""
    common = quads((HERE / "common.ttl").read_text(encoding="utf-8"))
    given_ = [*asserted.quads, *common]
    return in_memory([*given_, *(Quad(*quad.triple) for quad in common), *graph])


@pytest.fixture(scope="module")
def checked(dataset: Dataset) -> dict[Path, Checked]:
    texts = {path: path.read_text(encoding="utf-8") for path in EXAMPLES}
    return {path: checking.check(dataset, document(text), BASE) for path, text in texts.items()}


def about(path: Path, found: Checked) -> list[Finding]:
    """The findings of the constraint in the name of the example."""
    name = path.stem.removeprefix("invalid-").partition("--")[0]
    return [finding for finding in found.findings.shown if finding.result.constraint == MGS + name]


def constraints(found: dict[Path, Checked], mended: bool) -> set[str]:
    return {
        finding.result.constraint.removeprefix(MGS)
        for path, one in found.items()
        for finding in about(path, one)
        if not mended or finding.result.order in one.mends
    }


# xsd:int is stored as xsd:integer, so that a record with it is right where it is stored.
STORED_RIGHT = {"Passage-firstLine-datatype", "Passage-lastLine-datatype"}


def test_no_example_was_overlooked(checked: dict[Path, Checked]) -> None:
    assert len(checked) >= 410
    assert len(constraints(checked, mended=False)) >= 356
    without = {path.stem.removeprefix("invalid-") for path, found in checked.items() if not about(path, found)}
    assert without == STORED_RIGHT


def test_every_finding_has_an_example_but_those_on_what_has_to_go(checked: dict[Path, Checked]) -> None:
    shapes = validation.shapes()
    none = {str(rule).removeprefix(MGS) for rule in shapes.subjects(SH.maxCount, RdfLiteral(0))}
    assert len(none) >= 18
    found = [finding for path, one in checked.items() for finding in about(path, one)]
    without = {finding.result.constraint.removeprefix(MGS) for finding in found if finding.example is None}
    assert without == none & constraints(checked, mended=False)


def test_an_example_can_be_read_with_the_prefixes_of_the_project(checked: dict[Path, Checked]) -> None:
    written = {finding.example for found in checked.values() for finding in found.findings.shown if finding.example}
    assert len(written) >= 90
    for example in written:
        (quad,) = parse(f"{PREFIXES}<urn:s> <urn:p> {example} .", RdfFormat.TURTLE)
        assert isinstance(quad.object, NamedNode | Literal)


def test_so_many_constraints_have_a_mend_that_works(checked: dict[Path, Checked]) -> None:
    assert len(constraints(checked, mended=True)) >= 100


def test_a_mend_makes_its_finding_go_and_no_other_come(dataset: Dataset, checked: dict[Path, Checked]) -> None:
    tried = 0
    for path, found in checked.items():
        given_ = quads(path.read_text(encoding="utf-8"))
        for order, mend in found.mends.items():
            lines = "".join(f"{quad.triple} .\n" for quad in (given_ - mend.removed) | mend.added)
            after = checking.check_all(dataset, [document(lines)], BASE, tries=0).findings.shown
            former = {new: old for old, new in mend.renamed}
            left = {tuple(former.get(text, text) for text in finding.result.order) for finding in after}
            assert left <= {finding.result.order for finding in found.findings.shown} - {order}, path
            tried += 1
    assert tried >= 100


def test_no_mend_says_what_no_source_does(checked: dict[Path, Checked]) -> None:
    """No evidence, no date, no basis:stated comes that was not there: only things are renamed and written rightly."""
    mends = [(path, mend) for path, found in checked.items() for mend in found.mends.values() if not mend.renamed]
    assert len(mends) >= 60
    for path, mend in mends:
        for quad in mend.added:
            assert quad.object != NamedNode(BASE + "id/basis/stated"), path
            if quad.predicate.value in (DEF + "evidence", PROV + "wasDerivedFrom") or _is_date(quad.object):
                assert quad.predicate in {gone.predicate for gone in mend.removed}, path


def _is_date(term: object) -> bool:
    return isinstance(term, Literal) and term.datatype.value == XSD + "date"


HEAD = PREFIXES + "# A place that is made up.\n"
PLACE = """place:atlantis a mg:Place ; # sunken
    skos:prefLabel "Atlantis"@en, "Atlantis"@nl ;
    mg:evidence passage:seed-003-11-11 ;
    mg:evidenceStatus evidence-status:documented .
"""
# What may be wrong, and what is right.
MISTAKES = {
    "a name in one language": (', "Atlantis"@nl', "", ', "Atlantis"@nl'),
    "a name without language": ('"Atlantis"@nl', '"Atlantis"', '"Atlantis"@nl'),
    "a language that is not known": ('"Atlantis"@en', '"Atlantis"@fr', '"Atlantis"@en'),
    "a text for a thing": ("    mg:evidence ", '    mg:within "Nederland" ;\n    mg:evidence ', "place:netherlands"),
    "a name of the wrong kind": (
        "    mg:evidence ",
        "    mg:within zone:netherlands ;\n    mg:evidence ",
        "place:netherlands",
    ),
    "a value by its name": ("evidence-status:documented", '"gedocumenteerd"', "evidence-status:documented"),
    "a value misspelt": ("evidence-status:documented", "evidence-status:documentd", "evidence-status:documented"),
    "no status with evidence": (
        " ;\n    mg:evidenceStatus evidence-status:documented",
        "",
        "evidence-status:documented",
    ),
    "a status without evidence": ("    mg:evidence passage:seed-003-11-11 ;\n", "", "evidence-status:unverified"),
    "what is only inferred": ("    mg:evidence ", "    mg:hasPart place:denmark ;\n    mg:evidence ", "Place ;"),
    "a capital in the IRI": ("place:atlantis", "place:Atlantis_1", "place:atlantis-1"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_as_people_make_it_is_mended(dataset: Dataset, case: str) -> None:
    right, wrong, mended = MISTAKES[case]
    assert right in PLACE
    text = HEAD + PLACE.replace(right, wrong)
    fixed = fixing.fixed(dataset, [document(text)], BASE)
    assert fixed.checked.findings.shown == ()
    after = fixed.documents[0].content.decode()
    assert mended in after
    assert after.count("# sunken") == 1
    assert after.startswith(HEAD)
    assert abs(len(after.splitlines()) - len(text.splitlines())) <= 1


def test_where_several_would_do_there_is_no_mend(dataset: Dataset) -> None:
    both = HEAD + PLACE.replace('"Atlantis"@en, "Atlantis"@nl', '"Atlantis", "Atlantica"')
    found = checking.check(dataset, document(both), BASE)
    assert found.findings.count > 2
    assert found.mends == {}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("31-03-2021", "2021-03-31"),
        ("31/3/2021", "2021-03-31"),
        ("31 maart 2021", "2021-03-31"),
        ("March 3, 2021", None),
        ("03-04-2021", "2021-04-03"),  # as it is written in Dutch
        ("03/04/2021", None),  # with slashes in both orders
    ],
)
def test_a_date_is_read_where_it_is_one_day_only(dataset: Dataset, text: str, right: str | None) -> None:
    record = f"""{HEAD}period:2021-03-31 a mg:Period ; skos:prefLabel "2021"@nl, "2021"@en ;
    mg:firstDay "{text}" ; mg:lastDay "2021-12-31"^^xsd:date .\n"""
    found = checking.check(dataset, document(record), BASE)
    assert [f.result.constraint.removeprefix(MGS) for f in found.findings.shown] == [
        "Period-firstDay-datatype",
        "Period-firstDay-order",
    ]
    added = {quad.object for mend in found.mends.values() for quad in mend.added}
    assert added == ({Literal(right, datatype=NamedNode(XSD + "date"))} if right else set())


PIECES = st.lists(st.sampled_from([case for case in MISTAKES if "status" not in case]), unique=True, max_size=4)


@settings(max_examples=12, deadline=None)
@given(PIECES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_is_mended_is_what_was_given_with_mends_and_the_rest_of_the_text_stays(
    dataset: Dataset, cases: list[str], newline: str, with_more: bool
) -> None:
    text = PLACE
    for case in cases:
        text = text.replace(*MISTAKES[case][:2], 1)
    more = PLACE.replace("atlantis", "thule").replace("Atlantis", "Thule") if with_more else ""
    text = (HEAD + more + text + "# the end\n").replace("\n", newline)
    expected = quads(text)
    made: list[Mend] = []
    now = document(text)
    while mends := list(checking.check(dataset, now, BASE).mends.values()):
        fixed = fixing.fixed(dataset, [now], BASE, mends[0].key)
        expected = (expected - mends[0].removed) | mends[0].added
        assert quads(fixed.documents[0].content.decode()) == expected
        assert fixed.count == 1
        made, now = [*made, mends[0]], fixed.documents[0]
    every = fixing.fixed(dataset, [document(text)], BASE)
    assert every.count == len(made)
    after = every.documents[0].content.decode()
    assert quads(after) == expected
    kept = (HEAD + more).replace("\n", newline)
    assert after.startswith(kept)
    assert after.endswith(f"# the end{newline}")
    assert "# sunken" in after


def test_a_thing_of_several_documents_is_renamed_in_all(dataset: Dataset) -> None:
    first = document(HEAD + PLACE.replace("place:atlantis", "place:Atlantis_1"))
    other = PLACE.replace("place:atlantis", "place:thule").replace("Atlantis", "Thule")
    second = Document(
        (HEAD + other.replace("mg:evidence ", "mg:within place:Atlantis_1 ;\n    mg:evidence ")).encode(),
        media.TURTLE,
        "that",
    )
    fixed = fixing.fixed(dataset, [first, second], BASE)
    assert fixed.checked.findings.count == 0
    assert [b"place:atlantis-1" in each.content for each in fixed.documents] == [True, True]


def test_what_is_added_has_its_own_language(dataset: Dataset) -> None:
    text = HEAD + PLACE.replace(', "Atlantis"@nl', "")
    (mend,) = checking.check(dataset, document(text), BASE).mends.values()
    place = NamedNode(BASE + "id/place/atlantis")
    assert {q.triple for q in mend.added} == {
        Triple(place, NamedNode(SKOS + "prefLabel"), Literal("Atlantis", language="nl"))
    }


def test_a_mend_that_the_text_cannot_say_is_not_made(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a revision says anything else, nothing is changed, and the mend is still told."""
    text = HEAD + PLACE.replace(', "Atlantis"@nl', "")
    right = fixing.revised
    monkeypatch.setattr(
        fixing, "revised", lambda *given_: right(*given_) + "place:atlantis mg:within place:estonia .\n"
    )
    fixed = fixing.fixed(dataset, [document(text)], BASE)
    assert (fixed.count, fixed.documents) == (0, (document(text),))
    assert len(fixed.checked.mends) == 1
