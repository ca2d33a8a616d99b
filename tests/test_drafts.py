"""A form holds a record without loss: filled in, sent and read again it is the record that it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple

from missiegraaf import drafts, editing, files, forms, transaction
from missiegraaf.drafts import Draft, Entry
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.formats import minting
from missiegraaf.names import Names
from missiegraaf.namespaces import BASE, RDF, SKOS, XSD

MG = BASE + "def#"
FORMS = forms.forms()
COMMUNITY = BASE + "id/learning-community/ace-mobility"


@pytest.fixture(scope="module")
def dataset(asserted: transaction.Graph) -> Dataset:
    plain = (Quad(q.subject, q.predicate, q.object) for q in asserted.quads)
    return in_memory([*asserted.quads, *plain])


@pytest.fixture(scope="module")
def names(dataset: Dataset) -> Names:
    return Names(dataset, files.prefixes(), "nl")


def sent(draft: Draft, prefix: str = "") -> dict[str, list[str]]:
    """What a browser sends of the page of a draft."""
    found: dict[str, list[str]] = defaultdict(list)
    for asked in draft.form.fields:
        for number, entry in enumerate(draft.values(asked)):
            name = prefix + asked.key
            if entry.part:
                found[f"{name}.{number}.iri"] = ["" if entry.part.new else entry.part.iri]
                found |= sent(entry.part, f"{name}.{number}.")
            elif asked.pair:
                found[f"{name}.{entry.tag}"].append(entry.text.replace("\n", "\r\n"))
            else:
                found[name].append(entry.text.replace("\n", "\r\n"))
                if asked.kind in ("tagged", "literal"):
                    found[name + ".tag"].append(entry.tag)
    return found


def read_again(draft: Draft, inputs: Mapping[str, list[str]]) -> Draft:
    found = drafts.of_inputs(draft.form, lambda name: inputs.get(name, ()), inputs, FORMS)
    found.iri = draft.iri
    return found


def test_every_record_comes_back_from_its_form_as_it_was(asserted: transaction.Graph, names: Names) -> None:
    stored: dict[NamedNode, set[Triple]] = defaultdict(set)
    for quad in asserted.quads:
        if quad.graph_name.value.startswith(BASE + "doc/"):
            stored[quad.graph_name].add(quad.triple)
    records = triples = untouched = 0
    for graph, said in stored.items():
        iri = graph.value.replace("/doc/", "/id/", 1)
        draft = editing._draft(said, iri, names, BASE)
        if draft is None:
            continue
        again, troubles = drafts.triples(read_again(draft, sent(draft)), names.read)
        rest = {t for t in drafts.rest(draft, said, names.read) if t.predicate.value != RDF + "type"}
        assert not troubles, iri
        assert again | {t for t in said if t.predicate.value == RDF + "type"} | rest == said, iri
        records, triples, untouched = records + 1, triples + len(said), untouched + len(rest)
    assert records >= 2_200
    assert untouched < triples / 1000  # nearly all of it can be edited


def literals() -> st.SearchStrategy[Literal]:
    text = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(str.strip)
    return st.one_of(
        text.map(Literal),
        st.builds(lambda t, tag: Literal(t, language=tag), text, st.sampled_from(["nl", "en", "de", "nl-be"])),
        st.dates().map(lambda day: Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))),
        st.integers().map(lambda n: Literal(str(n), datatype=NamedNode(XSD + "integer"))),
    )


@given(st.lists(st.tuples(st.sampled_from(FORMS[MG + "LearningCommunity"].fields), literals()), max_size=8))
def test_whatever_is_said_of_a_record_is_kept(names: Names, said: list[tuple[forms.Field, Literal]]) -> None:
    """Also what the form does not expect: a text where a thing belongs, a language that is none of ours."""
    class_ = Triple(NamedNode(COMMUNITY), NamedNode(RDF + "type"), NamedNode(MG + "LearningCommunity"))
    stored = {class_, *(Triple(NamedNode(COMMUNITY), NamedNode(field.path), term) for field, term in said)}
    draft = editing._draft(stored, COMMUNITY, names, BASE)
    assert draft is not None
    again, troubles = drafts.triples(read_again(draft, sent(draft)), names.read)
    assert not troubles
    assert again | drafts.rest(draft, stored, names.read) == stored


def community(**entries: list[Entry]) -> Draft:
    return Draft(FORMS[MG + "LearningCommunity"], BASE + "id/learning-community/new", entries, new=True)


def test_a_thing_is_read_by_its_name_in_either_language_or_by_its_iri(names: Names) -> None:
    field = next(f for f in FORMS[MG + "LearningCommunity"].fields if f.key == "statedForm")
    fieldlab = NamedNode(BASE + "id/form/fieldlab")
    for text in ("form:fieldlab", " Fieldlab ", "fieldlab", fieldlab.value, names.show(fieldlab)):
        assert names.read(text, field) == fieldlab
    with pytest.raises(drafts.Unknown) as unknown:
        names.read("fieldlap", field)
    assert "(form:fieldlab)" in unknown.value.near[0]


def test_what_names_nothing_or_is_no_value_is_told_at_its_entry(names: Names) -> None:
    draft = community(
        prefLabel=[Entry("Nieuw", "nl")],
        statedPlace=[Entry("Nergenshuizen")],
        firstDay=[Entry("vorig jaar")],
        webPage=[Entry("www.example.org")],
    )
    found, troubles = drafts.triples(draft, names.read)
    assert {t.path.rpartition("#")[2]: t.text for t in troubles} == {
        "statedPlace": "Nergenshuizen",
        "firstDay": "vorig jaar",
        "webPage": "www.example.org",
    }
    assert all(set(trouble.message) == {"nl", "en"} for trouble in troubles)
    assert found == {Triple(NamedNode(draft.iri), NamedNode(SKOS + "prefLabel"), Literal("Nieuw", language="nl"))}


@pytest.mark.parametrize(
    ("key", "text", "tag", "expected"),
    [
        ("evidenceStatus", "bewezen", "", "Expected: the IRI of something that is there."),
        ("statedPlace", "place:a<b", "", "Nothing is known by this name."),
        ("webPage", "e.example", "", "Expected: a web address that starts with https://."),
        ("prefLabel", "Nieuw", "n l", "Expected: a language code as nl or en."),
    ],
)
def test_an_entry_that_is_no_value_is_told_what_its_field_takes(
    names: Names, key: str, text: str, tag: str, expected: str
) -> None:
    found, (trouble,) = drafts.triples(community(**{key: [Entry(text, tag)]}), names.read)
    assert not found
    assert trouble.message["en"] == expected


def test_dates_and_numbers_are_taken_as_people_write_them_and_what_would_not_be_read_again_is_kept(
    names: Names,
) -> None:
    observation = FORMS[MG + "Observation"]
    value = next(field for field in observation.fields if field.key == "value")
    draft = Draft(observation, BASE + "id/observation/new", {value.key: [Entry(" 1250,5 ")]}, new=True)
    found, troubles = drafts.triples(draft, names.read)
    assert not troubles
    decimal = NamedNode(XSD + "decimal")
    assert Literal("1250.5", datatype=decimal) in {triple.object for triple in found}
    found, troubles = drafts.triples(community(firstDay=[Entry("31-1-2021")]), names.read)
    assert not troubles
    assert {t.object for t in found} == {Literal("2021-01-31", datatype=NamedNode(XSD + "date"))}
    for text in ("1.250", "2.50"):  # a thousand or a fraction; a number that is written otherwise
        stored = {Triple(NamedNode(draft.iri), NamedNode(value.path), Literal(text, datatype=decimal))}
        shown = drafts.of_triples(observation, draft.iri, stored, FORMS, names.show)
        assert shown.values(value) == []
        assert drafts.rest(shown, stored, names.read) == stored
    draft.entries = {value.key: [Entry("1.250")]}
    (trouble,) = drafts.triples(draft, names.read)[1]
    assert ("duizend" in trouble.message["nl"], "thousand" in trouble.message["en"]) == (True, True)


def test_a_new_part_is_named_after_what_it_says_and_no_two_are_named_alike(names: Names) -> None:
    member = FORMS[MG + "Membership"]

    def part() -> Entry:
        entries = {"member": [Entry("organisation:saxion")], "basis": [Entry(BASE + "id/basis/unverified")]}
        return Entry(part=Draft(member, "", entries, new=True))

    draft = community(membership=[part(), part()])
    found, troubles = drafts.triples(draft, names.read)
    assert not troubles
    made = {t.object.value for t in found if t.predicate.value == MG + "membership"}
    assert made == {f"{draft.iri}#member-saxion", f"{draft.iri}#member-saxion-2"}
    assert {t.subject.value for t in found if t.object.value == member.iri} == made


def test_a_claim_is_named_after_its_property() -> None:
    link, record = MG + "claim", BASE + "id/learning-community/new"
    about = minting.local(MG + "statedForm")
    first = minting.part(record, link, about, ())
    assert first == f"{record}#claim-form"
    assert minting.part(record, link, about, (), "fieldlab", several=True) == f"{first}-fieldlab"
    assert minting.part(record, link, about, (first,), "fieldlab") == f"{first}-fieldlab"
    assert minting.part(record, link, about, (first, f"{first}-fieldlab"), "fieldlab") == f"{first}-fieldlab-2"
    assert minting.local(MG + "firstDay") == "first-day"


@given(st.text(max_size=80))
def test_a_slug_is_a_name_that_records_may_have(text: str) -> None:
    slug = minting.slug(text)
    assert all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in slug)
    assert minting.slug(slug) == slug
