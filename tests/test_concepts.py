"""The value lists are what NL-SBB, the Dutch standard for concepts, asks of a list; docs/model.md says how."""

from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import RdfFormat, serialize
from rdflib import Graph, Namespace, URIRef

from missiegraaf import transaction

SH = Namespace("http://www.w3.org/ns/shacl#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
OWN = "https://example.org/nl-sbb#"

GOOD = """@prefix dct: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <https://example.org/> .
:list a skos:ConceptScheme ; dct:title "Lijst"@nl, "List"@en .
:a a skos:Concept ; skos:prefLabel "a"@nl ; skos:definition "Een a."@nl ;
    skos:inScheme :list ; skos:topConceptOf :list .
:b a skos:Concept ; skos:prefLabel "b"@nl ; skos:definition "Een b."@nl ; skos:inScheme :list ; skos:broader :a .
"""
# What each rule refuses: a text of the good list, and what stands in its place.
BAD = {
    "list-typed": (":list a skos:ConceptScheme ;", ":list"),
    "list-titled": ('dct:title "Lijst"@nl, "List"@en', 'dct:title "Lijst"'),
    "list-no-concept": ("a skos:ConceptScheme", "a skos:ConceptScheme, skos:Collection"),
    "list-explained": ("dct:title", 'rdfs:comment "zo" ; dct:title'),
    "concept-listed": ('"Een b."@nl ; skos:inScheme :list', '"Een b."@nl'),
    "concept-named": ('skos:prefLabel "b"@nl ;', ""),
    "concept-defined": ('skos:definition "Een b."@nl ;', ""),
    "concept-other-names": ('skos:prefLabel "b"@nl', 'skos:prefLabel "b"@nl ; skos:altLabel "b"@nl'),
    "concept-search-names": ('skos:prefLabel "b"@nl', 'skos:prefLabel "b"@nl ; skos:hiddenLabel "b"@nl'),
    "concept-coded": ("skos:broader :a", "skos:broader :a ; skos:notation :b"),
    "concept-notes": ("skos:broader :a", 'skos:broader :a ; skos:scopeNote "zo"'),
    "concept": (":list ; skos:broader :a", ":list ; skos:broader :a ; skos:topConceptOf :list"),
    "one-name-one-concept": ('"b"@nl ;', '"a"@nl ;'),
}


@pytest.fixture(scope="module")
def rules() -> Graph:
    return Graph().parse(Path(__file__).parent / "concepts" / "nl-sbb.ttl")


def broken(data: Graph, rules: Graph) -> set[str]:
    """The rules that are broken, each with the node that does."""
    _, report, _ = pyshacl.validate(data, shacl_graph=rules, inference="none", advanced=True)
    found = set()
    for result in report.objects(None, SH.result):
        source = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
        found.add(f"{str(source).removeprefix(OWN)} {report.value(result, SH.focusNode)}")
    return found


def test_the_value_lists_keep_the_standard(asserted: transaction.Graph, rules: Graph) -> None:
    in_lists = [triple for triple in asserted.triples if triple.predicate.value == str(SKOS.inScheme)]
    nodes = {node for triple in in_lists for node in (triple.subject, triple.object)}
    said = [triple for triple in asserted.triples if triple.subject in nodes]
    data = Graph().parse(data=serialize(said, format=RdfFormat.N_TRIPLES) or b"", format="nt")
    assert len(set(data.subjects(SKOS.inScheme))) == 461
    assert len(set(data.objects(None, SKOS.inScheme))) == 25
    assert broken(data, rules) == set()


def test_a_good_list_is_good(rules: Graph) -> None:
    assert broken(Graph().parse(data=GOOD), rules) == set()


@pytest.mark.parametrize("rule", BAD)
def test_each_rule_refuses_what_breaks_it(rules: Graph, rule: str) -> None:
    text, other = BAD[rule]
    assert GOOD.count(text) == 1
    found = broken(Graph().parse(data=GOOD.replace(text, other)), rules)
    assert {line.partition(" ")[0] for line in found} == {rule}


def test_every_rule_is_tried(rules: Graph) -> None:
    named = {str(shape).removeprefix(OWN) for shape in rules.objects(URIRef(OWN + "list"), SH.property)}
    named |= {str(shape).removeprefix(OWN) for shape in rules.objects(URIRef(OWN + "concept"), SH.property)}
    assert set(BAD) == named | {"concept", "one-name-one-concept"}
