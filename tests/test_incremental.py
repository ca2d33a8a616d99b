"""Inference that follows Changes, against the rules run as they are written, until nothing new follows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple

from missiegraaf import reasoning, transaction
from missiegraaf.namespaces import BASE, RDF

from .maintained import INFERRED, TYPE, Maintained, closure, hold, owl, rdfs, x


def listed(members: Sequence[NamedNode]) -> tuple[NamedNode, list[Triple]]:
    """An RDF list, its nodes named after what follows in it."""
    nodes = [x("list-" + "-".join(m.value[-2:] for m in members[i:])) for i in range(len(members))]
    links = pairwise([*nodes, NamedNode(RDF + "nil")])
    firsts = [Triple(n, NamedNode(RDF + "first"), m) for n, m in zip(nodes, members, strict=True)]
    return nodes[0], firsts + [Triple(a, NamedNode(RDF + "rest"), b) for a, b in links]


def axiom(kind: str, members: Sequence[NamedNode]) -> list[Triple]:
    head, triples = listed(members)
    return [
        Triple(x("axiom-" + head.value[-11:]), TYPE, owl(kind)),
        Triple(x("axiom-" + head.value[-11:]), owl("members"), head),
        *triples,
    ]


def chain(prop: NamedNode, links: Sequence[NamedNode]) -> list[Triple]:
    head, triples = listed(links)
    return [Triple(prop, owl("propertyChainAxiom"), head), *triples]


def said(
    subject: st.SearchStrategy[Any], predicate: NamedNode, value: st.SearchStrategy[Any]
) -> st.SearchStrategy[list[Triple]]:
    return st.builds(lambda s, o: [Triple(s, predicate, o)], subject, value)


CLASSES = st.sampled_from([x(f"C{i}") for i in range(5)])
PROPERTIES = st.sampled_from([x(f"p{i}") for i in range(5)])
THINGS = st.sampled_from([x(f"t{i}") for i in range(4)])
KINDS = ("TransitiveProperty", "SymmetricProperty", "AsymmetricProperty", "IrreflexiveProperty")
SCHEMA = st.one_of(
    said(CLASSES, rdfs("subClassOf"), CLASSES),
    said(PROPERTIES, rdfs("subPropertyOf"), PROPERTIES),
    said(PROPERTIES, rdfs("domain"), CLASSES),
    said(PROPERTIES, rdfs("range"), CLASSES),
    said(PROPERTIES, owl("inverseOf"), PROPERTIES),
    said(PROPERTIES, TYPE, st.sampled_from([owl(kind) for kind in KINDS])),
    said(CLASSES, owl("disjointWith"), CLASSES),
    said(PROPERTIES, owl("propertyDisjointWith"), PROPERTIES),
    st.builds(chain, PROPERTIES, st.tuples(PROPERTIES, PROPERTIES)),
    st.builds(axiom, st.just("AllDisjointClasses"), st.lists(CLASSES, min_size=2, max_size=3, unique=True)),
    st.builds(axiom, st.just("AllDisjointProperties"), st.lists(PROPERTIES, min_size=2, max_size=3, unique=True)),
)
# A property of records that says something of the schema: what follows from records can change the clauses.
META = said(PROPERTIES, rdfs("subPropertyOf"), st.sampled_from([rdfs("subClassOf"), TYPE]))
RECORDS = st.one_of(
    said(THINGS, TYPE, CLASSES),
    st.builds(lambda s, p, o: [Triple(s, p, o)], THINGS, PROPERTIES, THINGS),
    st.builds(lambda s, p, o: [Triple(s, p, o)], THINGS | CLASSES, PROPERTIES, THINGS | CLASSES),
    st.builds(lambda s, p, n: [Triple(s, p, Literal(n))], THINGS, PROPERTIES, st.integers(0, 1)),
)
GRAPHS = st.sampled_from([x("doc/a"), x("doc/b")])


def placed(strategy: st.SearchStrategy[list[Triple]], least: int, most: int) -> st.SearchStrategy[list[Quad]]:
    """Triples in graphs; now and then one in two of them."""
    groups = st.lists(st.tuples(strategy, GRAPHS), min_size=least, max_size=most)
    return groups.map(lambda gs: [Quad(t.subject, t.predicate, t.object, g) for ts, g in gs for t in ts])


slow = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(
    schema=placed(SCHEMA, 3, 12),
    records=placed(RECORDS, 4, 20),
    data=st.data(),
)
def test_following_changes_of_records_equals_inference_from_nothing(
    schema: list[Quad], records: list[Quad], data: st.DataObject
) -> None:
    maintained = Maintained([*schema, *records])
    conflicts = set(hold(maintained))
    for _ in range(3):
        present = sorted((q for q in maintained.dataset if q.graph_name in (x("doc/a"), x("doc/b"))), key=str)
        mentioned = [q for q in present if not maintained.program.is_schema(q.triple)]
        removed = data.draw(st.lists(st.sampled_from(mentioned), max_size=4)) if mentioned else []
        delta = maintained.change(removed, data.draw(placed(RECORDS, 0, 4)))
        now = set(hold(maintained))
        assert set(delta.conflicts) == now - conflicts
        event(f"went and came: {bool(delta.gone)} {bool(delta.new)}, conflicts {bool(delta.conflicts)}")
        conflicts = now


@slow
@given(
    first=placed(SCHEMA | RECORDS | META, 3, 20),
    data=st.data(),
)
def test_following_changes_of_the_schema_equals_inference_from_nothing(first: list[Quad], data: st.DataObject) -> None:
    maintained = Maintained(first)
    conflicts = set(hold(maintained))
    for _ in range(2):
        present = sorted((q for q in maintained.dataset if q.graph_name in (x("doc/a"), x("doc/b"))), key=str)
        removed = data.draw(st.lists(st.sampled_from(present), max_size=4)) if present else []
        delta = maintained.change(removed, data.draw(placed(SCHEMA | RECORDS | META, 0, 4)))
        now = set(hold(maintained))
        assert set(delta.conflicts) == now - conflicts
        conflicts = now


@slow
@given(schema=placed(SCHEMA, 0, 10), records=placed(RECORDS, 0, 15), more=placed(RECORDS, 1, 6))
def test_an_empty_change_does_nothing_and_removing_what_was_added_restores(
    schema: list[Quad], records: list[Quad], more: list[Quad]
) -> None:
    maintained = Maintained([*schema, *records])
    nothing = maintained.follow([], [])
    assert (nothing.gone, nothing.new, nothing.conflicts) == (frozenset(), frozenset(), ())
    before = set(maintained.dataset)
    added = [quad for quad in more if quad not in maintained.dataset]
    there = maintained.change([], added)
    back = maintained.change(added, [])
    assert (back.gone, back.new) == (there.new, there.gone)
    assert set(maintained.dataset) == before


def test_schema_that_follows_late_is_followed_too() -> None:
    says = [Triple(x("s"), rdfs("subPropertyOf"), rdfs("subClassOf")), Triple(x("s"), TYPE, owl("SymmetricProperty"))]
    asserted = {*says, Triple(x("D"), x("s"), x("C")), Triple(x("thing"), TYPE, x("C"))}
    assert Triple(x("thing"), TYPE, x("D")) in closure(asserted)
    assert reasoning.infer(asserted).inferred == closure(asserted)


def test_records_of_the_project_removed_and_put_back(asserted: transaction.Graph) -> None:
    maintained = Maintained(asserted.quads)
    before = set(maintained.dataset)
    names = sorted({q.graph_name.value for q in asserted.quads if q.graph_name.value.startswith(BASE + "doc/")})  # type: ignore[union-attr]
    chosen = random.Random(7).sample(names, 20)  # noqa: S311  # a sample, not a secret
    removed = [[q for q in asserted.quads if q.graph_name.value == name] for name in chosen]  # type: ignore[union-attr]
    for quads in removed:
        assert maintained.change(quads, []).conflicts == ()
    inference = reasoning.infer(maintained.asserted())
    assert maintained.graph(INFERRED) == inference.inferred
    assert len(before) - len(set(maintained.dataset)) > 300
    for quads in removed:
        assert maintained.change([], quads).conflicts == ()
    assert set(maintained.dataset) == before
