"""The statements of a text are those that a parser finds, and each term stands where it is said to stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse, serialize
from rdflib import Graph

from missiegraaf import files
from missiegraaf.formats.positions import Place, Places
from missiegraaf.formats.statements import Unreadable, statements

E = "http://e.example/a/"
iris = st.sampled_from([E + name for name in ("x", "y#z", "ü", "a.b", "p-1", "")])
literals = st.builds(Literal, st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)) | st.builds(
    Literal, st.text("ab\"'\\\n\t", max_size=5), language=st.sampled_from(["nl", "en-gb"])
)
numbers = st.builds(Literal, st.integers(-5, 5))
nodes = st.builds(NamedNode, iris)
blanks = st.builds(BlankNode, st.sampled_from(["b0", "b1"]))
quads = st.builds(Quad, nodes | blanks, nodes, nodes | blanks | literals | numbers)


def texts(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else "_"


def expected(content: str | bytes, format_: RdfFormat, base: str | None = None) -> list[tuple[str, ...]]:
    found = {(q.subject, q.predicate, q.object) for q in parse(content, format_, base_iri=base)}
    return sorted({tuple(map(texts, triple)) for triple in found})


def read(text: str, base: str = "") -> list[tuple[str, ...]]:
    found = {
        tuple("_" if term.text.startswith("_:") else term.text for term in (s.subject, s.predicate, s.object))
        for s in statements(text, base)
    }
    return sorted(found)


@given(st.lists(quads, max_size=8))
@pytest.mark.parametrize("format_", [RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.TRIG, RdfFormat.N_QUADS])
def test_what_is_written_is_read(format_: RdfFormat, found: list[Quad]) -> None:
    content = serialize(
        found, format=format_, prefixes={"e": E} if format_ in (RdfFormat.TURTLE, RdfFormat.TRIG) else {}
    )
    text = (content or b"").decode()
    assert read(text) == expected(text, format_)


@given(st.lists(quads, max_size=8))
def test_what_another_writes_is_read(found: list[Quad]) -> None:
    lines = (serialize([q.triple for q in found], format=RdfFormat.N_TRIPLES) or b"").decode()
    text = Graph().parse(data=lines, format="nt").serialize(format="turtle")
    assert read(text) == expected(text, RdfFormat.TURTLE)


@pytest.mark.parametrize("path", files.turtle_files("data"), ids=lambda path: path.name)
def test_every_term_of_the_records_stands_where_it_is_said_to(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert read(text) == expected(text, RdfFormat.TURTLE)
    for statement in statements(text):
        for term in (statement.subject, statement.predicate):
            written = text[term.start : term.end].replace("\\", "")
            assert term.text.endswith(written.partition(":")[2] or "type"), (term, written)


TURTLE = """@prefix h: <http://h.example/def#> . <http://h.example/> h:p h:q .
@prefix : <http://e.example/> . # a comment with . and ;
PREFIX e: <a/>
BASE <http://e.example/b/>
<> a :C ; ;
   e:p\\,q "one"@nl , '''two
lines''' ,
   3 ; .
[ :p ( 1 -2.5e3 "x"^^:t ) ] :q [] .
[ :alone true ] .
:s :p <c#d>,<\\u0041> .
"""


def test_a_text_with_everything_in_it_is_read() -> None:
    assert {t for t in read(TURTLE, E) if "_" not in t} == {
        t for t in expected(TURTLE, RdfFormat.TURTLE, E) if "_" not in t
    }


def test_the_place_of_a_value_goes_before_that_of_its_property_and_that_of_the_record() -> None:
    places = Places(TURTLE, E)
    subject, predicate = "http://e.example/b/", E + "a/p,q"
    assert places.find(subject, predicate, "3") == Place(8, 4)
    assert places.find(subject, predicate, "another") == Place(6, 4)
    assert places.find(subject, "http://e.example/missing") == Place(5, 1)
    assert places.find("http://e.example/nowhere") is None


def test_graphs_and_their_names_are_no_statements() -> None:
    text = "@prefix : <e:> . :g { :a :p :b . :c :q 1 } GRAPH :h { :d :p :e } { :f :p 2 . } :i :p :j ."
    assert read(text) == [
        ("e:a", "e:p", "e:b"),
        ("e:c", "e:q", "1"),
        ("e:d", "e:p", "e:e"),
        ("e:f", "e:p", "2"),
        ("e:i", "e:p", "e:j"),
    ]
    assert read("<e:a> <e:p> <e:b> <e:g> .\n<e:a> <e:p> 'x'@nl <e:g> .\n") == [
        ("e:a", "e:p", "e:b"),
        ("e:a", "e:p", "x"),
    ]


@pytest.mark.parametrize(
    "text",
    ["nonsense", ":a :p :b .", "<e:a> <e:p> ", "<e:a> <e:p> <e:b>", '{"@context": {}}', "<?xml version='1.0'?>", "["],
)
def test_what_is_no_such_text_is_told(text: str) -> None:
    with pytest.raises(Unreadable):
        statements(text)
    assert Places(text).find("e:a") is None


def test_in_other_formats_a_mention_is_better_than_nothing() -> None:
    assert Places('{\n  "@id": "e:a"\n}').mention("e:a") == Place(2, 11)
