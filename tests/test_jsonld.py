"""JSON-LD as it is sent: with its context it is the same graph, whatever the graph; and the contexts themselves."""

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from missiegraaf import contexts, files, vocabulary
from missiegraaf.formats import jsonld
from missiegraaf.namespaces import BASE, RDF, XSD

ADDRESS = "http://here.example/context/0.1.0.jsonld"
VERSION, CONTEXT = contexts.newest(BASE)

# IRIs with and without a prefix of ours, some that begin as one of them, some that a prefix would not give back.
NAMES = st.text("abz09-._~%é🐢:/#?=", max_size=8)
NODES = st.one_of(
    st.builds(lambda start, name: f"{start}{name}", st.sampled_from(sorted(files.prefixes().values())), NAMES),
    st.builds(
        lambda scheme, name: f"{scheme}:{name}", st.sampled_from(["urn:x", "role", "dct", "context", "http"]), NAMES
    ),
    st.sampled_from([RDF + "nil", f"{BASE}def#", f"{BASE}id/role//x", "http://a//b", "http://purl.org/dc/terms/"]),
).filter(lambda iri: not iri.count("#") > 1 and "%" not in iri and ":#" not in iri)
IRIS = NODES.map(NamedNode)
OWN = st.sampled_from([NamedNode(term["@id"]) for term in CONTEXT.values() if isinstance(term, dict)])
PREDICATES = st.one_of(IRIS, OWN, st.just(NamedNode(RDF + "type")))
TYPES = st.sampled_from([XSD + name for name in ("date", "decimal", "integer", "boolean", "string", "double")])
LITERALS = st.one_of(
    st.builds(lambda text, kind: Literal(text, datatype=NamedNode(kind)), st.text(max_size=6), TYPES),
    st.builds(
        lambda text, language: Literal(text, language=language), st.text(max_size=6), st.sampled_from(["nl", "en-gb"])
    ),
    st.builds(lambda text, kind: Literal(text, datatype=kind), st.text(max_size=6), IRIS),
)
BLANK = st.sampled_from([BlankNode("a"), BlankNode("b")])
TRIPLES = st.lists(
    st.builds(Triple, st.one_of(IRIS, BLANK), PREDICATES, st.one_of(IRIS, OWN, BLANK, LITERALS)), max_size=8
)


def canonical(triples: Any) -> Dataset:
    dataset = Dataset(Quad(*triple) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def read(document: bytes) -> Dataset:
    """The triples of a document, with our context in the place of its address."""
    found = json.loads(document)
    if isinstance(found, dict):
        named = found["@context"]
        assert ADDRESS in (named, named[0])
        found["@context"] = CONTEXT if named == ADDRESS else [CONTEXT, *named[1:]]
    return canonical(quad.triple for quad in parse(json.dumps(found).encode(), RdfFormat.JSON_LD))


def usable(triples: list[Triple]) -> bool:
    """Tell whether the parser takes these IRIs at all."""
    try:
        list(parse("".join(f"{triple} .\n" for triple in triples).encode(), RdfFormat.N_TRIPLES))
    except SyntaxError:
        return False
    return True


@settings(max_examples=400)
@given(TRIPLES.filter(usable))
def test_with_its_context_a_document_is_the_same_graph(triples: list[Triple]) -> None:
    assert read(jsonld.compacted(triples, CONTEXT, ADDRESS)) == canonical(triples)
    assert read(jsonld.expanded(triples)) == canonical(triples)


@given(TRIPLES, st.randoms())
def test_the_same_triples_give_the_same_bytes(triples: list[Triple], order: random.Random) -> None:
    before = jsonld.compacted(triples, CONTEXT, ADDRESS), jsonld.expanded(triples)
    order.shuffle(triples)
    assert (jsonld.compacted(triples * 2, CONTEXT, ADDRESS), jsonld.expanded(triples)) == before


def test_names_are_those_of_turtle_and_values_of_a_known_type_are_plain() -> None:
    community, mg = f"{BASE}id/learning-community/ace-mobility", f"{BASE}def#"
    start = NamedNode(f"{BASE}def#startDate")
    said = [
        Triple(NamedNode(community), NamedNode(RDF + "type"), NamedNode(mg + "LearningCommunity")),
        Triple(NamedNode(community), NamedNode(mg + "communityStatus"), NamedNode(f"{BASE}id/community-status/active")),
        Triple(NamedNode(community), start, Literal("2021-01-31", datatype=NamedNode(XSD + "date"))),
        Triple(NamedNode(community), NamedNode("http://purl.org/dc/terms/title"), Literal("ACE", language="nl")),
    ]
    context = {"mg:startDate": {"@id": start.value, "@type": XSD + "date"}, **CONTEXT}
    assert json.loads(jsonld.compacted(said, context, ADDRESS))["@graph"] == [
        {
            "@id": "learning-community:ace-mobility",
            "@type": "mg:LearningCommunity",
            "dct:title": {"@language": "nl", "@value": "ACE"},
            "mg:communityStatus": "community-status:active",
            "mg:startDate": "2021-01-31",
        }
    ]


def test_the_context_of_the_ontology_is_what_is_made_of_it() -> None:
    triples = vocabulary.read("def", BASE)[1]
    told = vocabulary.vocabulary(triples, f"{BASE}def#", "en", {})
    assert told.version == VERSION
    assert contexts.text(VERSION, BASE) == contexts.made(triples, files.prefixes(), f"{BASE}def#")


def test_contexts_are_in_the_order_of_their_numbers() -> None:
    assert contexts.versions() == sorted(contexts.versions(), key=lambda name: tuple(map(int, name.split("."))))
    assert len(contexts.versions()) >= 1
