"""Forms ask for what records say: each property that a class uses, and each that its shapes want, with an example."""

from __future__ import annotations

from collections import defaultdict

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from missiegraaf import forms, transaction
from missiegraaf.forms import Field, Form
from missiegraaf.namespaces import BASE, LANGUAGES, RDF, RDFS, SKOS

MG = BASE + "def#"
OF_THE_MODEL = {MG + name for name in ("Statement", "DataSet")}
FORMS = forms.forms()


@pytest.fixture(scope="module")
def classes(asserted: transaction.Graph) -> dict[str, set[str]]:
    """The classes of the ontology that each subject of a record is called an instance of."""
    found: dict[str, set[str]] = defaultdict(set)
    for triple in asserted.triples:
        if triple.predicate.value == RDF + "type" and triple.object.value.startswith(MG):
            found[triple.subject.value].add(triple.object.value)
    return found


def fields(cls: str) -> dict[str, Field]:
    return {field.key: field for field in FORMS[MG + cls].fields}


def test_every_class_that_records_have_has_a_form(classes: dict[str, set[str]]) -> None:
    named = {iri for subject, found in classes.items() for iri in found if subject.startswith(BASE + "id/")}
    assert len(FORMS) >= 49
    assert named - FORMS.keys() <= {MG + "Agent", MG + "Form"}  # beside a zone; a value list, kept with the ontology
    assert {form.iri.removeprefix(MG) for form in FORMS.values() if form.is_part} == {
        "Claim", "Membership", "Naming", "NotStated", "Participation", "Position",
    }  # fmt: skip


def test_a_form_asks_for_whatever_a_record_of_its_classes_says(
    asserted: transaction.Graph, classes: dict[str, set[str]]
) -> None:
    asked = 0
    for triple in asserted.triples:
        known = [FORMS[cls] for cls in classes.get(triple.subject.value, ()) if cls in FORMS]
        if known and triple.predicate.value != RDF + "type":
            asked += 1
            assert triple.predicate.value in {f.path for form in known for f in form.fields}, triple
    assert asked > 40_000


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.key)
def test_names_and_help_are_there_in_both_languages(form: Form) -> None:
    assert set(form.name) == set(LANGUAGES)
    assert form.fields
    for field in form.fields:
        assert set(field.name) == set(field.group.name) == set(LANGUAGES), field.key
        assert set(field.help) in (set(), set(LANGUAGES)), field.key
        assert field.example or field.kind == "part" or field.key in ("contradicts", "positionStatement"), field.key


def test_every_example_is_a_value_that_the_field_takes(asserted: transaction.Graph) -> None:
    types, schemes = defaultdict(set), defaultdict(set)
    above: dict[str, set[str]] = defaultdict(set)
    for triple in asserted.triples:
        for predicate, found in ((RDF + "type", types), (SKOS + "inScheme", schemes), (RDFS + "subClassOf", above)):
            if triple.predicate.value == predicate:
                found[triple.subject.value].add(getattr(triple.object, "value", ""))
    examples = 0
    for field in (field for form in FORMS.values() for field in form.fields if field.example):
        (quad,) = parse(f"<urn:s> <urn:p> {field.example} .", RdfFormat.TURTLE)
        examples += 1
        if isinstance(quad.object, Literal):
            assert field.kind == "literal" or quad.object.datatype.value == field.datatype, field
        elif field.kind != "address":
            assert isinstance(quad.object, NamedNode)
            iri = quad.object.value
            assert types[iri], field
            known = types[iri] | {up for cls in types[iri] for up in above[cls]}
            known |= {up for cls in known for up in above[cls]}
            assert not field.classes or known & set(field.classes), field
            assert not field.schemes or schemes[iri] & set(field.schemes), field
    assert examples >= 500


def test_rules_of_the_shapes_make_the_fields() -> None:
    community, claim, naming = fields("LearningCommunity"), fields("Claim"), fields("Naming")
    name = community["prefLabel"]
    assert (name.kind, name.pair, name.required, name.single) == ("tagged", True, True, True)
    assert community["editorialNote"].pair
    assert not community["editorialNote"].required
    status = community["communityStatus"]
    assert (status.kind, status.schemes, status.single) == ("concept", (BASE + "id/scheme/community-status",), True)
    assert community["statedForm"].classes == (MG + "Form",)
    assert (community["membership"].kind, community["membership"].part) == ("part", MG + "Membership")
    assert community["webPage"].kind == "address"
    assert (claim["statedValue"].kind, claim["statedThing"].classes) == ("literal", ())
    assert (naming["basis"].fixed, naming["nameText"].pair) == (BASE + "id/basis/stated", False)
    assert fields("Participation")["confidence"].schemes == (BASE + "id/scheme/confidence",)
    assert fields("Observation")["about"].classes == ()
    assert (FORMS[MG + "Ministry"].key, FORMS[MG + "Ministry"].kind) == ("ministry", "organisation")


def test_the_form_of_several_classes_asks_for_all_their_fields_once() -> None:
    one, other = FORMS[MG + "LearningCommunity"], FORMS[MG + "Programme"]
    both = forms.joined([one, other])
    assert both.key == one.key
    assert [field.key for field in both.fields] == [
        field.key for field in sorted({f.key: f for f in (*other.fields, *one.fields)}.values(), key=lambda f: f.rank)
    ]
    assert {field.key for field in both.fields} == {f.key for f in (*one.fields, *other.fields)}


def test_another_base_gives_the_same_forms_under_that_base() -> None:
    other = forms.forms("https://example.org/other/")
    assert [iri.rpartition("#")[2] for iri in other] == [iri.rpartition("#")[2] for iri in FORMS]
    assert "w3id.org/missiegraaf" not in repr(other)
