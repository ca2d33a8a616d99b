"""Validation says what pySHACL alone says, of a whole graph and of a Change."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple
from rdflib import RDF, Graph

from missiegraaf import transaction, validation
from missiegraaf.engine.embedded import in_memory
from missiegraaf.namespaces import BASE, RDFS, XSD
from missiegraaf.validation import Validator

from .alone import Findings, alone, findings
from .conftest import LONG

MG = BASE + "def#"
INFERRED = NamedNode(BASE + "inferred")
TYPE = NamedNode(str(RDF.type))


def changed(quads: Iterable[Quad], removed: Iterable[Quad], added: Iterable[Quad]) -> list[Triple]:
    return [quad.triple for quad in ({*quads} - {*removed}) | {*added}]


def assert_reach(
    validator: Validator, quads: list[Quad], before: Findings, removed: list[Quad], added: list[Quad]
) -> Findings:
    """A Change's findings are those of the whole changed graph, and none of the new ones is missed."""
    dataset = in_memory([*quads, *(Quad(q.subject, q.predicate, q.object) for q in quads)])
    told = findings(validator.change(dataset, removed, added, [INFERRED]))
    now = findings(validator.whole(changed(quads, removed, added)))
    touched = {quad.graph_name for quad in (*removed, *added)}
    nodes = {q.subject.value for q in {*quads, *added} if q.graph_name in touched}
    assert told <= now
    assert {f for f in now if f[0] in nodes} <= told
    assert now - before <= told
    return told


# The project's own shapes and records.


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return validation.shapes()


@pytest.fixture(scope="module")
def validator(shapes: Graph) -> Validator:
    return Validator(shapes)


@pytest.fixture(scope="module")
def cut_out(asserted: transaction.Graph) -> list[Quad]:
    """Some records of each class, what they point to, and the ontology."""
    chosen = random.Random(4)  # noqa: S311
    by_graph: dict[NamedNode, list[Quad]] = {}
    for quad in asserted.quads:
        by_graph.setdefault(quad.graph_name, []).append(quad)
    by_class: dict[object, list[NamedNode]] = {}
    for quad in asserted.quads:
        if quad.predicate == TYPE and quad.subject.value.startswith(BASE + "id/"):
            by_class.setdefault(quad.object, []).append(quad.graph_name)
    names = {name for found in by_class.values() for name in chosen.sample(sorted(found, key=str), min(2, len(found)))}
    for _ in range(1):
        pointed = {
            q.object.value.partition("#")[0]
            for name in names
            for q in by_graph[name]
            if isinstance(q.object, NamedNode)
        }
        names |= {NamedNode(iri.replace("/id/", "/doc/")) for iri in pointed} & by_graph.keys()
    return [quad for name in sorted({*names, NamedNode(BASE + "def")}, key=str) for quad in by_graph[name]]


def mutation(quads: list[Quad], chosen: random.Random) -> tuple[list[Quad], list[Quad]]:
    """A Change that may break a record: one of the ways in which editors do."""
    records = [quad for quad in quads if quad.graph_name.value.startswith(BASE + "doc/")]
    quad, other = chosen.choice(records), chosen.choice(records)
    made = lambda s, p, o: Quad(s, p, o, quad.graph_name)  # noqa: E731
    way = chosen.randrange(6)
    if way == 0:  # a triple is lost
        return [quad], []
    if way == 1:  # a record is deleted that others point to
        return [q for q in records if q.graph_name == quad.graph_name], []
    if way == 2:  # a class is changed
        (one, *_) = [q for q in records if q.subject == quad.subject and q.predicate == TYPE] or [quad]
        (two, *_) = [q for q in records if q.subject == other.subject and q.predicate == TYPE] or [other]
        return [one], [made(one.subject, one.predicate, two.object)]
    if way == 3:  # two objects are swapped
        back = Quad(other.subject, other.predicate, quad.object, other.graph_name)
        return [quad, other], [made(quad.subject, quad.predicate, other.object), back]
    if way == 4:  # another record's property
        return [], [made(quad.subject, other.predicate, other.object)]
    # text where a thing belongs
    return [quad], [made(quad.subject, quad.predicate, Literal("06-12345678", language="fr"))]


def test_a_broken_graph_has_the_findings_that_pyshacl_alone_has(
    validator: Validator, shapes: Graph, cut_out: list[Quad]
) -> None:
    chosen = random.Random(7)  # noqa: S311
    quads = set(cut_out)
    for _ in range(150):
        removed, added = mutation(sorted(quads, key=str), chosen)
        quads = (quads - {*removed}) | {*added}
    triples = changed(quads, [], [])
    expected = alone(triples, shapes)
    assert len({constraint for _, constraint, *_ in expected}) > 60
    assert findings(validator.whole(triples)) == expected


def test_the_findings_on_a_change_are_those_of_the_whole_changed_graph(
    validator: Validator, cut_out: list[Quad]
) -> None:
    chosen = random.Random(11)  # noqa: S311
    before = findings(validator.whole([quad.triple for quad in cut_out]))
    changes, broken = (15, 8) if LONG else (6, 3)
    told = [assert_reach(validator, cut_out, before, *mutation(cut_out, chosen)) for _ in range(changes)]
    assert sum(map(bool, told)) >= broken


# Any shapes: each component, on data in which anything may happen.

SHAPES = """
@prefix : <urn:x#> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:prefixes sh:declare [ sh:prefix "" ; sh:namespace "urn:x#"^^xsd:anyURI ] .
:S sh:targetClass :C ; sh:property :min, :max, :class, :datatype, :string, :kind, :pattern, :languages, :unique, :in,
    :value, :disjoint, :less, :order, :equals, :from, :some, :sequence, :back, :far, :near, :length ;
    sh:node :N ; sh:or ( [ sh:class :D ] :min ) ; sh:sparql :once, :chained .
:T sh:targetSubjectsOf :p ; sh:not [ sh:property [ sh:path :q ; sh:datatype xsd:integer ; sh:minCount 1 ] ] .
:U sh:targetObjectsOf :q ; sh:xone ( [ sh:class :C ] [ sh:class :D ] ) ; sh:severity sh:Warning .
:V sh:targetNode :a, 1 ; sh:and ( :N [ sh:nodeKind sh:IRI ] ) .
:N a sh:NodeShape ; sh:property [ sh:path :r ; sh:maxCount 1 ; sh:node [ sh:property :kind ] ] .
:min sh:path :p ; sh:minCount 1 . :max sh:path :p ; sh:maxCount 1 . :class sh:path :p ; sh:class :C .
:datatype sh:path :q ; sh:datatype xsd:integer . :string sh:path :q ; sh:datatype xsd:string .
:kind sh:path :q ; sh:nodeKind sh:BlankNodeOrIRI . :pattern sh:path :q ; sh:pattern "^[0-9u]" .
:languages sh:path :q ; sh:languageIn ( "nl" "en" ) . :unique sh:path :q ; sh:uniqueLang true .
:in sh:path :p ; sh:in ( :a :b "x" 1 ) . :value sh:path :q ; sh:hasValue "x" .
:disjoint sh:path :p ; sh:disjoint :r . :less sh:path :s ; sh:lessThan :t . :order sh:path :s ; sh:lessThanOrEquals :t .
:equals sh:path :p ; sh:equals :r . :from sh:path :s ; sh:minInclusive 2 . :length sh:path :q ; sh:minLength 2 .
:some sh:path :p ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape [ sh:class :D ] .
:sequence sh:path ( :p [ sh:inversePath :r ] ) ; sh:class :D . :back sh:path [ sh:inversePath :p ] ; sh:minCount 1 .
:far sh:path ( [ sh:zeroOrMorePath :p ] :q ) ; sh:maxCount 2 .
:near sh:path [ sh:alternativePath ( [ sh:zeroOrOnePath :r ] [ sh:oneOrMorePath :p ] ) ] ; sh:property :kind .
:once sh:prefixes :prefixes ; sh:select "SELECT $this ?value WHERE { $this :q ?value . ?other :q ?value . \
FILTER (?other != $this) FILTER NOT EXISTS { ?other :p ?x . ?x :r $this } }" .
:chained sh:prefixes :prefixes ; sh:select "SELECT $this WHERE { { BIND ($this AS ?n) } UNION { $this :p+ ?n } \
?n :r/^:q ?m OPTIONAL { ?m a ?c } FILTER (!BOUND(?c)) }" .
"""
NODES = [NamedNode("urn:x#" + name) for name in "abc"]
NUMBERS = [Literal(1), Literal(2), Literal("one", datatype=NamedNode(XSD + "integer"))]
TEXTS = [Literal("x"), Literal("x", language="nl"), Literal("y", language="nl"), Literal("z", language="fr")]
CLASSES = [NamedNode("urn:x#" + name) for name in "CDE"]
LINKS, ORDERED = ([NamedNode("urn:x#" + name) for name in names] for names in ("pqr", "st"))


def triples(*terms: list[NamedNode] | list[Literal]) -> st.SearchStrategy[Triple]:
    return st.builds(Triple, *map(st.sampled_from, terms))


GRAPHS = st.lists(
    st.one_of(
        triples(NODES, LINKS, NODES),
        triples(NODES, LINKS, [*TEXTS, *NUMBERS]),
        triples(NODES, ORDERED, NUMBERS[:2]),
        triples(NODES, [TYPE], CLASSES),
        triples(CLASSES, [NamedNode(RDFS + "subClassOf")], CLASSES),
    ),
    min_size=6,
    max_size=24,
).map(lambda found: [*(Triple(node, TYPE, CLASSES[0]) for node in NODES[:2]), *found])


@pytest.fixture(scope="module")
def any_shapes() -> Graph:
    return Graph().parse(data=SHAPES, format="turtle")


@pytest.fixture(scope="module")
def any_validator(any_shapes: Graph) -> Validator:
    return Validator(any_shapes)


@settings(max_examples=100, deadline=None)
@given(GRAPHS)
def test_each_component_finds_what_pyshacl_alone_finds(
    any_validator: Validator, any_shapes: Graph, found: list[Triple]
) -> None:
    assert findings(any_validator.whole(found)) == alone(found, any_shapes)


@settings(max_examples=100, deadline=None)
@given(GRAPHS, GRAPHS, st.lists(st.integers(0, 13), max_size=3))
def test_a_change_is_seen_wherever_a_shape_reads_it(
    any_validator: Validator, found: list[Triple], more: list[Triple], lost: list[int]
) -> None:
    quads = [Quad(t.subject, t.predicate, t.object, t.subject) for t in dict.fromkeys(found)]
    before = findings(any_validator.whole([quad.triple for quad in quads]))
    added = [Quad(t.subject, t.predicate, t.object, t.subject) for t in more[2:4]]
    removed = [quads[i] for i in lost if i < len(quads) and quads[i] not in added]
    assert_reach(any_validator, quads, before, removed, added)
