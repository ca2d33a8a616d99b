"""What an update would change of records: each triple has the graph of its record, and what is inferred stays."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from missiegraaf.engine import differing
from missiegraaf.engine.differing import Update

from .differences import difference, held, read

RECORDS = "https://e/"
A, B = NamedNode("https://e/id/kind/a"), NamedNode("https://e/id/kind/b#part")
P, LOG, INFERRED = NamedNode("e:p"), NamedNode("https://e/log"), NamedNode("https://e/inferred")
GRAPHS = {A: NamedNode("https://e/doc/kind/a"), B: NamedNode("https://e/doc/kind/b")}
ASSERTED, IMPLIED = Quad(A, P, Literal(1), GRAPHS[A]), Quad(B, P, Literal(1), INFERRED)
RECORDED = [ASSERTED, IMPLIED, Quad(A, P, Literal(1)), Quad(B, P, Literal(1)), Quad(NamedNode("e:no"), P, Literal(1))]


def told_of_records(update: str, in_memory: bool = True) -> tuple[set[Quad], set[Quad]]:
    with nullcontext(held(RECORDED, RECORDS)) if in_memory else read(RECORDED, in_memory, RECORDS) as found:
        told = difference(found, update)
        assert set(found.at(1)) == set(RECORDED)
        return set(told.removed), set(told.added)


def test_what_is_only_inferred_can_be_asserted_and_not_removed() -> None:
    assert told_of_records(f"INSERT {{ {B} {P} ?o }} WHERE {{ {B} {P} ?o }}") == (
        set(),
        {Quad(B, P, Literal(1), GRAPHS[B])},
    )
    assert told_of_records(f"DELETE WHERE {{ {B} {P} ?o }}") == (set(), set())
    assert told_of_records(f"DELETE WHERE {{ ?s {P} 1 }}") == ({ASSERTED, RECORDED[-1]}, set())
    assert told_of_records(f"INSERT {{ ?s {P} 1 }} WHERE {{ {A} {P} ?o BIND({A} AS ?s) }}") == (set(), set())


@pytest.mark.parametrize("in_memory", [True, False])
def test_an_operation_sees_the_records_as_the_one_before_leaves_them(in_memory: bool) -> None:
    changed = f"DELETE {{ GRAPH {GRAPHS[A]} {{ {A} {P} 1 }} }} INSERT {{ {A} {P} 2 }} WHERE {{}}"
    places = f"{{ {A} {P} ?o BIND(<e:default> AS ?place) }} UNION {{ GRAPH ?place {{ {A} {P} ?o }} }}"
    removed, added = told_of_records(f"{changed} ; INSERT {{ {A} ?place ?o }} WHERE {{ {places} }}", in_memory)
    assert removed == {ASSERTED}
    assert added == {Quad(A, place, Literal(2), GRAPHS[A]) for place in (P, NamedNode("e:default"), GRAPHS[A])}


@st.composite
def said(draw: st.DrawFn) -> tuple[str, Quad, bool]:
    """An operation on one triple of a record, by its graph or without it, and whether it comes."""
    subject, value, comes = draw(st.sampled_from((A, B))), draw(st.sampled_from((1, 2))), draw(st.booleans())
    triple = f"{subject} {P} {value}"
    block = draw(st.sampled_from((f"{{ {triple} }}", f"{{ GRAPH {GRAPHS[subject]} {{ {triple} }} }}")))
    verb = "INSERT" if comes else "DELETE"
    form = draw(st.sampled_from(("{verb} DATA {block}", "{verb} {block} WHERE {{ ?s ?p 1 }}")))
    return form.format(verb=verb, block=block), Quad(subject, P, Literal(value), GRAPHS[subject]), comes


@settings(max_examples=150, deadline=None)
@given(st.lists(said(), min_size=1, max_size=5))
def test_of_a_triple_with_and_without_its_graph_the_last_operation_counts(
    operations: list[tuple[str, Quad, bool]],
) -> None:
    update = " ; ".join(text for text, _, _ in operations)
    last = {quad: comes for _, quad, comes in operations}
    expected = (
        {q for q, comes in last.items() if not comes} & {ASSERTED},
        {q for q, comes in last.items() if comes} - {ASSERTED},
    )
    assert told_of_records(update) == expected
    of_data = differing.of_data(Update(update, "", {}, RECORDS))
    assert of_data is None or (of_data.removed & {ASSERTED}, of_data.added - {ASSERTED}) == expected
