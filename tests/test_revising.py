"""A text that is revised says what it should, and whatever was not touched stands there as before, to the byte."""

from __future__ import annotations

import re
from collections.abc import Collection

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from missiegraaf import fixing
from missiegraaf.checking import Document
from missiegraaf.formats import media
from missiegraaf.formats.revising import FORMATS, revised
from missiegraaf.formats.statements import Unreadable
from missiegraaf.namespaces import XSD

E = "http://e.example/a/"
things = st.builds(NamedNode, st.sampled_from([E + name for name in ("x", "y#z", "ü", "a.b", "p-1")]))
texts = st.builds(Literal, st.text('ab"\\\n# ;,.', max_size=4), language=st.sampled_from(["nl", "en-GB"]))
plain = st.builds(Literal, st.text("ab1#.", max_size=3))
numbers = st.builds(Literal, st.sampled_from(["1", "01", "2.50"]), datatype=st.just(NamedNode(XSD + "decimal")))
triples = st.builds(Triple, things, things, things | texts | plain | numbers | st.builds(Literal, st.integers(0, 3)))
COMMENTS = st.lists(st.sampled_from(["", "# one, ; .\n", ' # [ "\n  ']), min_size=40, max_size=40)


def said(text: str, rdf_format: RdfFormat) -> set[Triple]:
    return {quad.triple for quad in parse(text, rdf_format)}


def with_comments(text: str, comments: list[str]) -> str:
    """Comments between the tokens of a text that has no strings with spaces."""
    left = iter(comments)
    return "".join(part + next(left, "") if part.isspace() else part for part in re.split(r"(\s+)", text))


@pytest.mark.parametrize("rdf_format", FORMATS, ids=str)
@given(st.lists(triples, min_size=1, max_size=9), st.data())
def test_a_revised_text_says_what_it_should(rdf_format: RdfFormat, given_: list[Triple], data: st.DataObject) -> None:
    prefixes = {"e": E} if rdf_format in (RdfFormat.TURTLE, RdfFormat.TRIG) else {}
    text = (serialize([Quad(*t) for t in given_], format=rdf_format, prefixes=prefixes) or b"").decode()
    before = said(text, rdf_format)
    removed = data.draw(st.sets(st.sampled_from(sorted(before, key=str)), max_size=3))
    added = set(data.draw(st.lists(triples, max_size=3))) - before
    after = revised(text, rdf_format, removed, added, {})
    assert said(after, rdf_format) == before - removed | added


@given(st.lists(triples, min_size=1, max_size=9), st.sampled_from(FORMATS), st.data())
def test_a_thing_that_is_renamed_is_so_wherever_it_is_a_subject_or_an_object(
    found: list[Triple], rdf_format: RdfFormat, data: st.DataObject
) -> None:
    text = (serialize([Quad(*t) for t in found], format=rdf_format) or b"").decode()
    old, new = data.draw(things), NamedNode(E + "new")
    after = revised(text, rdf_format, [], [], {old.value: new.value})

    def named(term: object) -> object:
        return new if term == old else term

    assert said(after, rdf_format) == {Triple(named(t.subject), t.predicate, named(t.object)) for t in found}  # type: ignore[arg-type]


WORDS = st.lists(
    st.builds(Triple, things, things, things | st.builds(Literal, st.sampled_from("abc"))), min_size=2, max_size=9
)


@given(WORDS, COMMENTS, st.data())
def test_comments_and_layout_stay_and_the_lines_without_the_statement_are_the_same(
    found: list[Triple], comments: list[str], data: st.DataObject
) -> None:
    turtle = (serialize(found, format=RdfFormat.TURTLE, prefixes={"e": E}) or b"").decode()
    text = with_comments(turtle, comments)
    assert said(text, RdfFormat.TURTLE) == set(found)
    gone = data.draw(st.sampled_from(found))
    after = revised(text, RdfFormat.TURTLE, [gone], [], {})
    assert said(after, RdfFormat.TURTLE) == set(found) - {gone}
    # Nothing comes, and of what goes nothing was a comment.
    left = iter(text)
    assert all(character in left for character in after)
    assert sorted(re.findall("# [^\n]*", after)) == sorted(re.findall("# [^\n]*", text))


BEFORE = """@prefix e: <http://e.example/a/> . # one
e:x a e:C ; # what it is
    e:name "X"@nl,  # to go on
        "Y"@en ;
    e:link e:y , e:z ;  e:last 3 . # the end
e:y a e:C ; .
"""


def triple(subject: str, predicate: str, value: NamedNode | Literal) -> Triple:
    return Triple(NamedNode(E + subject), NamedNode(E + predicate), value)


X, Y = Literal("X", language="nl"), Literal("Y", language="en")
RIGHT: dict[str, tuple[list[Triple], list[Triple], str, str]] = {
    "a value for another": ([triple("x", "name", X)], [triple("x", "name", Literal("Z"))], '"X"@nl', '"Z"'),
    "the first value": ([triple("x", "name", X)], [], '"X"@nl,  # to', "  # to"),
    "the last value": ([triple("x", "link", NamedNode(E + "z"))], [], " , e:z", ""),
    "the only value": ([triple("x", "last", Literal(3))], [], " ;  e:last 3", ""),
    "one more value": ([], [triple("x", "link", NamedNode(E + "q"))], "e:z", "e:z , e:q"),
    "a value below another": ([], [triple("x", "alone", X)], "e:last 3", 'e:last 3 ;  e:alone "X"@nl'),
    "another property": ([], [triple("y", "n", Literal(1))], "e:y a e:C ;", "e:y a e:C ;\n    e:n 1 ;"),
    "another subject": ([], [triple("q", "n", Literal(1))], "e:C ; .\n", "e:C ; .\ne:q e:n 1 .\n"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_revision_is_as_small_as_it_can_be(case: str) -> None:
    removed, added, old, new = RIGHT[case]
    assert BEFORE.count(old) == 1
    expected = said(BEFORE, RdfFormat.TURTLE) - {*removed} | {*added}
    after = revised(BEFORE, RdfFormat.TURTLE, removed, added, {})
    assert after == BEFORE.replace(old, new)
    assert said(after, RdfFormat.TURTLE) == expected


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("e:x e:p e:y ;\n  .\ne:y e:p e:x .\n", "e:y e:p e:x .\n"),
        ("e:x e:p e:y ; ; e:q e:z .\n", "e:x e:q e:z .\n"),
    ],
)
def test_a_statement_goes_with_the_semicolons_that_would_be_left(text: str, left: str) -> None:
    """Turtle takes several in a row, and one before the dot, but none after a subject (Turtle, 2.4)."""
    head = "@prefix e: <http://e.example/a/> .\n"
    after = revised(head + text, RdfFormat.TURTLE, [triple("x", "p", NamedNode(E + "y"))], [], {})
    assert after == head + left


def test_a_quad_that_is_added_stands_in_the_graph_of_its_neighbour() -> None:
    text = "<e:a> <e:p> <e:b> <e:g> . # one\n<e:c> <e:p> <e:b> .\n"
    new = Triple(NamedNode("e:a"), NamedNode("e:q"), NamedNode("e:c"))
    assert revised(text, RdfFormat.N_QUADS, [], [new], {}) == text.replace(
        "<e:g> .", "<e:g> .\n<e:a> <e:q> <e:c> <e:g> ."
    )


def refused(text: str, rdf_format: RdfFormat, removed: Collection[Triple]) -> None:
    with pytest.raises(Unreadable):
        revised(text, rdf_format, removed, [], {})


def test_what_is_not_said_cannot_be_taken_away_and_other_formats_have_no_places() -> None:
    refused(BEFORE, RdfFormat.TURTLE, [triple("x", "name", Literal("X"))])
    refused("{}", RdfFormat.JSON_LD, [])


def test_a_prefix_is_used_where_it_is_declared_before_and_stands_for_one_thing() -> None:
    declared = "@prefix e: <http://e.example/a/> .\n@prefix f: <e:> .\n@prefix f: <http://f.example/> .\n"
    text = f"<e:a> <e:p> <e:b> .\n{declared}e:x e:p <e:c> .\n"
    early = Triple(NamedNode("e:a"), NamedNode(E + "q"), NamedNode("http://f.example/b"))
    late = triple("x", "q", NamedNode("http://f.example/b"))
    after = revised(text, RdfFormat.TURTLE, [], [early, late], {})
    assert f"<e:b> ;\n    <{E}q> <http://f.example/b> ." in after
    assert "<e:c> ;\n    e:q <http://f.example/b> ." in after
    assert said(after, RdfFormat.TURTLE) == said(text, RdfFormat.TURTLE) | {early, late}


lines = st.text("a\n\r\x0b\x85\u2028", max_size=6)


@given(lines, lines)
@example("a\u2028b\n", "a\u2028c\n")
def test_a_diff_has_each_line_of_both_files_whole(before: str, after: str) -> None:
    documents = [Document(text.encode(), media.TURTLE, "a file") for text in (before, after)]
    _, _, *found = list(fixing.changes(*documents, context=99)) or ["", ""]
    ends = "\n\\ No newline at end of file\n"
    for text, sign in ((before, "-"), (after, "+")) if found else ():
        said = [line[1:].removesuffix(ends) for line in found if line.startswith((" ", sign))]
        assert said == re.findall(r"[^\n]*\n|[^\n]+", text)
