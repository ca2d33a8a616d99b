"""Every sentence of the model has what holds it, and the records keep those that no shape can hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple
from rdflib import Graph, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH

from missiegraaf import files, transaction, validation
from missiegraaf.namespaces import BASE, SKOS

from .sentences import SENTENCES

TESTS = Path(__file__).parents[1]
MG = BASE + "def#"
MGS = BASE + "shapes#"


def test_every_sentence_has_something_that_holds_it() -> None:
    assert {sentence.rule for sentence in SENTENCES} == set(range(17))
    assert [sentence.asks for sentence in SENTENCES if not sentence.constraints and not sentence.tests] == []


def test_every_constraint_in_the_table_exists_and_is_linked() -> None:
    graph = validation.shapes()
    linked = {str(node).removeprefix(MGS) for p in (SH.property, SH.sparql) for node in graph.objects(None, p)}
    named = {name for sentence in SENTENCES for name in sentence.constraints.split()}
    assert len(named) >= 190
    assert sorted(named - linked) == []


def test_every_test_in_the_table_exists() -> None:
    for name in {name for sentence in SENTENCES for name in sentence.tests.split()}:
        path, _, function = name.partition("::")
        assert re.search(rf"^def {function}\(", (TESTS / path).read_text(encoding="utf-8"), re.M), name


@pytest.fixture(scope="module")
def records(asserted: transaction.Graph) -> list[Triple]:
    return [triple for triple in asserted.triples if str(triple.subject).startswith(f"<{BASE}id/")]


def test_every_class_with_records_is_the_target_of_a_shape_of_its_own(records: list[Triple]) -> None:
    """Its own, not only that of a class above it; a ministry has nothing to it that an organisation has not."""
    ontology = Graph().parse(files.folder("ontology") / "missiegraaf.ttl")
    used = {t.object.value for t in records if t.predicate.value == str(RDF.type) and isinstance(t.object, NamedNode)}
    ours = {iri for iri in used if iri.startswith(MG)}
    assert len(ours) >= 44
    assert sorted(iri for iri in ours if (URIRef(iri), RDF.type, OWL.Class) not in ontology) == []
    targets = {str(target) for target in validation.shapes().objects(None, SH.targetClass)}
    without = {iri.removeprefix(MG) for iri in ours - targets}
    assert without <= {"Ministry"}
    above = ontology.transitive_objects(URIRef(MG + "Ministry"), RDFS.subClassOf)
    assert targets & {str(iri) for iri in above}


def test_records_use_the_properties_of_the_ontology(records: list[Triple]) -> None:
    ontology = Graph().parse(files.folder("ontology") / "missiegraaf.ttl")
    known = {str(p) for kind in (OWL.ObjectProperty, OWL.DatatypeProperty) for p in ontology.subjects(RDF.type, kind)}
    assert sorted({t.predicate.value for t in records if t.predicate.value.startswith(MG)} - known) == []


def test_no_name_rests_on_a_tag_alone(records: list[Triple]) -> None:
    """Where a name is that of a tag, another naming of the same record prints it too."""
    kinds = {str(t.subject): str(t.object) for t in records if t.predicate.value == MG + "namingKind"}
    texts = {str(t.subject): str(t.object) for t in records if t.predicate.value == MG + "nameText"}
    current = {(str(t.subject), str(t.object)) for t in records if t.predicate.value == SKOS + "prefLabel"}
    printed: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
    for triple in records:
        if triple.predicate.value == MG + "naming":
            naming = str(triple.object)
            tag = kinds[naming] == f"<{BASE}id/naming-kind/tag>"
            printed[tag].add((str(triple.subject), texts[naming]))
    assert printed[True]
    assert (printed[True] & current) - printed[False] == set()
