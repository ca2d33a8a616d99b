"""The rules of OWL 2 RL/RDF: against owlrl as the oracle, against made-up contradictions, and how they are split."""

import random
import re
from collections.abc import Iterable

import owlrl
import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from missiegraaf import files, reasoning, transaction, validation
from missiegraaf.namespaces import BASE

from .conftest import LONG

ONTOLOGY = [quad.triple for path in files.turtle_files("ontology") for quad in parse(path=str(path))]
SCHEMA = [
    quad.triple
    for path in files.turtle_files("ontology")
    if "schemes" not in path.parts
    for quad in parse(path=str(path))
]

# Which rule carries out which construct of the ontology language; others in the ontology would need a rule first.
COVERED = {
    str(RDFS.subClassOf): {"cax-sco", "scm-sco"},
    str(RDFS.subPropertyOf): {"prp-spo1", "scm-spo"},
    str(RDFS.domain): {"prp-dom", "scm-dom1", "scm-dom2"},
    str(RDFS.range): {"prp-rng", "scm-rng1", "scm-rng2"},
    str(OWL.propertyChainAxiom): {"prp-spo2"},
    str(OWL.inverseOf): {"prp-inv1", "prp-inv2"},
    str(OWL.TransitiveProperty): {"prp-trp"},
    str(OWL.SymmetricProperty): {"prp-symp"},
    str(OWL.AsymmetricProperty): {"prp-asyp"},
    str(OWL.IrreflexiveProperty): {"prp-irp"},
    str(OWL.disjointWith): {"cax-dw"},
    str(OWL.AllDisjointClasses): {"cax-adc"},
    str(OWL.AllDisjointProperties): {"prp-adp"},
    str(OWL.propertyDisjointWith): {"prp-pdw"},
}
# Declarations and annotations, from which no rule of ours draws anything.
NEUTRAL = {
    *(str(OWL[name]) for name in ("Ontology", "Class", "ObjectProperty", "DatatypeProperty", "members", "versionIRI")),
    *(str(OWL[name]) for name in ("versionInfo",)),
    *(str(RDFS[name]) for name in ("label", "isDefinedBy")),
}


def comparable(graph: Iterable[tuple[Node, Node, Node]]) -> set[tuple[Node, Node, Node]]:
    """What is compared: not literal and blank subjects, reflexive sameAs, owl:Thing, and the schema itself."""
    records = BASE + "id/"
    return {
        (s, p, o)
        for s, p, o in graph
        if isinstance(s, URIRef) and str(s).startswith(records) and o != OWL.Thing and not (p == OWL.sameAs and s == o)
    }


def closures(triples: list[Triple]) -> tuple[set[tuple[Node, Node, Node]], set[tuple[Node, Node, Node]]]:
    """What our rules and what owlrl make of the same triples."""
    ours = validation.to_graph([*triples, *reasoning.infer(triples).inferred])
    theirs = validation.to_graph(triples)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(theirs)
    return comparable(ours), comparable(theirs)


def sample(graph: transaction.Graph, seed: int, records: int) -> list[Triple]:
    """The ontology with some records whole, chosen by a seed so that a run can be repeated."""
    names = sorted({q.graph_name.value for q in graph.quads if q.graph_name.value.startswith(BASE + "doc/")})  # type: ignore[union-attr]
    chosen = set(random.Random(seed).sample(names, records))  # noqa: S311  # a sample, not a secret
    return SCHEMA + [q.triple for q in graph.quads if q.graph_name.value in chosen]  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(3))
def test_samples_of_the_records_entail_what_owlrl_says(asserted: transaction.Graph, seed: int) -> None:
    triples = sample(asserted, seed, 220)
    assert len(triples) >= 2000
    ours, theirs = closures(triples)
    assert theirs - ours == set()
    assert ours - theirs == set()


@pytest.mark.skipif(not LONG, reason="takes a minute: `make oracles`")
def test_all_records_entail_what_owlrl_says(asserted: transaction.Graph) -> None:
    ours, theirs = closures(asserted.triples)
    assert len(ours) > 60_000
    assert theirs - ours == set()
    assert ours - theirs == set()


def test_every_rule_that_draws_conclusions_has_something_to_draw_them_from(asserted: transaction.Graph) -> None:
    """A rule that the ontology cannot trigger has no place here, and one that is left out would be missed."""
    graph = validation.to_graph(asserted.triples)
    used = {str(p) for p in graph.predicates()} | {str(o) for o in graph.objects(None, RDF.type)}
    language = {term for term in used if term.startswith((str(OWL), str(RDFS)))}
    assert language - COVERED.keys() - NEUTRAL == set()
    needed = set().union(*(rules for construct, rules in COVERED.items() if construct in used))
    assert needed == {rule.name for rule in reasoning.rules()}
    assert len(needed) == 21


def test_every_chain_has_two_links() -> None:
    """`prp-spo2.rq` is written for two; the standard has a rule for each length."""
    graph = Graph()
    for path in files.turtle_files("ontology"):
        graph.parse(path, format="turtle")
    chains = list(graph.objects(None, OWL.propertyChainAxiom))
    assert len(chains) == 3
    assert all(len(list(graph.items(chain))) == 2 for chain in chains)


def test_the_ontology_stays_inside_the_profile_and_our_own_limits() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in files.turtle_files("ontology"))
    forbidden = "FunctionalProperty InverseFunctionalProperty hasKey sameAs unionOf disjointUnionOf gYear homepage> ."
    assert [word for word in forbidden.split() if re.search(rf"(owl|xsd):{word}\b", text)] == []


def test_nothing_that_is_asserted_is_also_inferred(asserted: transaction.Graph) -> None:
    assert not set(asserted.triples) & reasoning.infer(asserted.triples).inferred


def test_the_records_do_not_contradict_the_ontology(asserted: transaction.Graph) -> None:
    assert reasoning.infer(asserted.triples).conflicts == ()


@pytest.mark.parametrize(
    ("rule", "turtle", "fault"),
    [
        ("cax-dw", "mission:x a mg:Mission, mg:MMIP .", {"mg:Mission", "mg:MMIP"}),
        ("cax-adc", "topsector:x a mg:Topsector, mg:Place .", {"mg:Agent", "mg:Place"}),
        (
            "cax-adc",
            "theme:x mg:lead theme:x\\#l . theme:x\\#l mg:participant theme:y . theme:y a mg:Theme .",
            {"mg:Theme"},
        ),
        ("prp-pdw", "group:x mg:statedForm form:fieldlab ; mg:assignedForm form:fieldlab .", {"form:fieldlab"}),
        ("prp-adp", "theme:x mg:lead theme:x\\#p ; mg:involvement theme:x\\#p .", {"mg:lead", "mg:involvement"}),
        ("prp-asyp", "programme:x mg:renews programme:y . programme:y mg:renews programme:x .", {"programme:x"}),
        ("prp-irp", "programme:x mg:monitors programme:x .", {"mg:monitors"}),
    ],
)
def test_a_contradiction_is_reported_with_its_triples(rule: str, turtle: str, fault: set[str]) -> None:
    prefixes = files.prefixes()
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items())
    wrong = [quad.triple for quad in parse(head + turtle, RdfFormat.TURTLE)]
    found = [conflict for conflict in reasoning.infer(ONTOLOGY + wrong).conflicts if conflict.rule == rule]
    assert found
    mentioned = {
        part.value
        for c in found
        for t in c.triples
        for part in (t.subject, t.predicate, t.object)
        if isinstance(part, NamedNode)
    }
    assert {prefixes[name.split(":")[0]] + name.split(":")[1] for name in fault} <= mentioned


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CONSTRUCT { ?x a ex:T }\nWHERE { ?x ?p ?y }", "no schema says"),
        ("CONSTRUCT { ?x a ?c }\nWHERE { ?p ex:q ?c . ?x ?p ?y . FILTER(?x != ?y) }", "only the schema is filtered"),
        ("ASK { ?x a ex:T }", "expected CONSTRUCT"),
    ],
)
def test_a_rule_that_cannot_be_split_into_schema_and_records_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _ = reasoning.Rule("made-up", f"PREFIX ex: <https://example.org/>\n\n{text}\n", contradiction=False).body


def test_every_rule_is_split_into_schema_and_records() -> None:
    sizes = {rule.name: (len(rule.body.data), len(rule.body.heads)) for rule in reasoning.rules()}
    assert {name for name, (data, _) in sizes.items() if data == 0} == {n for n in sizes if n.startswith("scm-")}
    assert {name for name, (data, _) in sizes.items() if data == 2} == {
        *("cax-adc", "cax-dw", "prp-adp", "prp-asyp", "prp-pdw", "prp-spo2", "prp-trp"),
    }
    assert {name for name, (_, heads) in sizes.items() if heads == 2} == {
        *("cax-adc", "cax-dw", "prp-adp", "prp-asyp", "prp-pdw"),
    }
