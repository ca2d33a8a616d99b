"""The canonical layout of Turtle: the same triples give the same text, and the text gives the same triples."""

import random

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from missiegraaf import files
from missiegraaf.formats.layout import canonical_turtle

PREFIXES = {"ex": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
NAMES = st.sampled_from(["a", "b", "c/d", "e#f", "g.h", "-x", "é", "a,b"]).map(
    lambda n: NamedNode("http://example.org/" + n)
)
BLANKS = st.sampled_from(["x", "y", "z"]).map(BlankNode)
LITERALS = st.one_of(
    st.text(max_size=12).map(Literal),
    st.text(max_size=5).map(lambda text: Literal(text, language="nl")),
    st.integers().map(Literal),
    st.sampled_from(["1", "1.5", "-0.25", "01"]).map(
        lambda n: Literal(n, datatype=NamedNode(PREFIXES["xsd"] + "decimal"))
    ),
    st.booleans().map(Literal),
)
TRIPLES = st.builds(Triple, st.one_of(NAMES, BLANKS), NAMES, st.one_of(NAMES, BLANKS, LITERALS))


def canonical(triples: list[Triple]) -> set[str]:
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def reread(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(text, RdfFormat.TURTLE)]


@given(st.lists(TRIPLES, max_size=12))
def test_what_is_written_reads_back_as_the_same_graph(triples: list[Triple]) -> None:
    assert canonical(reread(canonical_turtle(triples, PREFIXES))) == canonical(triples)


@given(st.lists(st.builds(Triple, NAMES, NAMES, st.one_of(NAMES, LITERALS)), max_size=12), st.randoms())
def test_the_order_of_the_triples_leaves_no_trace(triples: list[Triple], chance: random.Random) -> None:
    shuffled = list(triples)
    chance.shuffle(shuffled)
    assert canonical_turtle(shuffled, PREFIXES) == canonical_turtle(triples, PREFIXES)


def test_a_list_and_a_nested_node_are_written_in_their_place() -> None:
    text = "@prefix ex: <http://example.org/> .\n\nex:a ex:p ( ex:b ex:c ) ;\n    ex:q [\n        ex:r 1\n    ] .\n"
    assert canonical_turtle(reread(text), PREFIXES) == text


def test_every_file_of_the_project_stands_in_the_canonical_layout() -> None:
    """An edit that `missiegraaf export` would lay out otherwise is a diff somebody has to read."""
    paths = [path for name in ("ontology", "data", "shapes") for path in files.turtle_files(name)]
    assert len(paths) >= 60
    for path in paths:
        text = path.read_text(encoding="utf-8")
        heading = "\n".join(line[2:] for line in text.split("\n\n", 1)[0].splitlines() if line.startswith("# "))
        assert canonical_turtle(reread(text), files.prefixes(), heading) == text, path
