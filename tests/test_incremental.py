"""Inference that follows Changes, against the rules run as they are written, until nothing new follows."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from missiegraaf import files, reasoning, transaction
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.namespaces import BASE, OWL, RDF, RDFS

INFERRED, LOG = NamedNode(BASE + "inferred"), NamedNode(BASE + "log")
TYPE = NamedNode(RDF + "type")


def x(name: str) -> NamedNode:
    return NamedNode("https://example.org/" + name)


def owl(name: str) -> NamedNode:
    return NamedNode(OWL + name)


def rdfs(name: str) -> NamedNode:
    return NamedNode(RDFS + name)


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


def in_default(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(t.subject, t.predicate, t.object) for t in triples)


def closure(asserted: set[Triple]) -> set[Triple]:
    """What follows: every rule as it is written, again and again."""
    dataset = in_memory(in_default(asserted))
    generative = [rule.text for rule in reasoning.rules() if not rule.contradiction]
    size = -1
    while size != len(dataset):
        size = len(dataset)
        for text in generative:
            dataset.extend(in_default(list(dataset.query(text))))  # type: ignore[arg-type]
    return {quad.triple for quad in dataset} - asserted


@dataclass
class Maintained:
    """A dataset as the writer keeps it, changed by what `follow` says."""

    quads: Iterable[Quad]
    dataset: Dataset = field(init=False)
    program: reasoning.Program = field(init=False)

    def __post_init__(self) -> None:
        named = list(self.quads)
        inference = reasoning.infer({quad.triple for quad in named})
        inferred = [Quad(t.subject, t.predicate, t.object, INFERRED) for t in inference.inferred]
        self.dataset = in_memory([*named, *inferred, *in_default(q.triple for q in [*named, *inferred])])
        # What the log says is not asserted.
        self.dataset.extend([Quad(x("t0"), TYPE, x("C0"), LOG), Quad(x("t0"), x("p0"), x("t1"), LOG)])
        self.program = reasoning.program(self.dataset)

    def asserted(self) -> set[Triple]:
        """What the named graphs assert."""
        return {q.triple for q in self.dataset if q.graph_name not in (DefaultGraph(), INFERRED, LOG)}

    def graph(self, name: NamedNode | DefaultGraph) -> set[Triple]:
        """What stands in a graph."""
        return {quad.triple for quad in self.dataset.quads_for_pattern(None, None, None, name)}

    def follow(self, removed: Iterable[Quad], added: Iterable[Quad]) -> reasoning.Delta:
        """What a Change does; it is not made."""
        return reasoning.follow(self.dataset, removed, added, self.program, INFERRED, LOG)

    def change(self, removed: Iterable[Quad], added: Iterable[Quad]) -> reasoning.Delta:
        """Make a Change."""
        delta = self.follow(removed, added)
        self.program = delta.program
        removed = [*removed, *(Quad(t.subject, t.predicate, t.object, INFERRED) for t in delta.gone)]
        added = [*added, *(Quad(t.subject, t.predicate, t.object, INFERRED) for t in delta.new)]
        for quad in removed:
            self.dataset.remove(quad)
        self.dataset.extend(added)
        for triple in {quad.triple for quad in (*removed, *added)}:
            where = self.dataset.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
            (quad,) = in_default([triple])
            if {found.graph_name for found in where} - {DefaultGraph(), LOG}:
                self.dataset.add(quad)
            else:
                self.dataset.remove(quad)
        return delta


def hold(maintained: Maintained) -> tuple[reasoning.Conflict, ...]:
    """The dataset is what inference from nothing makes of what is asserted; its conflicts are returned."""
    asserted = maintained.asserted()
    inferred = closure(asserted)
    assert maintained.graph(INFERRED) == inferred
    assert maintained.graph(DefaultGraph()) == asserted | inferred
    inference = reasoning.infer(asserted)
    assert inference.inferred == inferred
    return inference.conflicts


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


def test_following_leaves_the_dataset_as_it_is() -> None:
    maintained = Maintained(made_up("theme:a mg:partOf theme:b . theme:b mg:partOf theme:c ."))
    before = set(maintained.dataset)
    maintained.follow(made_up("theme:b mg:partOf theme:c ."), made_up("theme:c mg:partOf theme:d ."))
    assert set(maintained.dataset) == before


ROW = " ".join(f"theme:{a} mg:partOf theme:{b} ." for a, b in pairwise("abcdefghijkl"))


@pytest.mark.parametrize(
    ("before", "removed", "added", "gone", "new"),
    [
        # asserted now, inferred before; and the other way round
        ("theme:a mg:hasPart theme:b .", "", "theme:b mg:partOf theme:a .", "theme:b mg:partOf theme:a .", ""),
        (
            "theme:a mg:hasPart theme:b . theme:b mg:partOf theme:a .",
            "theme:b mg:partOf theme:a .",
            "",
            "",
            "theme:b mg:partOf theme:a .",
        ),
        # two that rest on each other alone do not keep each other up
        ("theme:a mg:relatedTo theme:b .", "theme:a mg:relatedTo theme:b .", "", "theme:b mg:relatedTo theme:a .", ""),
        # one of two ways is left
        (
            "theme:a mg:partOf theme:b, theme:c . theme:b mg:partOf theme:d . theme:c mg:partOf theme:d .",
            "theme:b mg:partOf theme:d .",
            "",
            "theme:d mg:hasPart theme:b .",
            "",
        ),
        # each of a long row still follows, from the one before it
        (
            ROW + " theme:b mg:hasPart theme:a .",
            "theme:a mg:partOf theme:b .",
            "",
            "",
            "theme:a mg:partOf theme:b .",
        ),
        # both removed and added is no change
        ("theme:a mg:partOf theme:b .", "theme:a mg:partOf theme:b .", "theme:a mg:partOf theme:b .", "", ""),
    ],
)
def test_what_goes_and_what_comes(before: str, removed: str, added: str, gone: str, new: str) -> None:
    delta = Maintained([*ONTOLOGY, *made_up(before)]).follow(made_up(removed), made_up(added))
    assert about_things(delta.gone) == {quad.triple for quad in made_up(gone)}
    assert about_things(delta.new) == {quad.triple for quad in made_up(new)}


def test_a_triple_that_stands_in_a_second_graph_stays_asserted() -> None:
    (quad,) = made_up("theme:a mg:hasPart theme:b .")
    twice = Quad(quad.subject, quad.predicate, quad.object, x("doc/b"))
    delta = Maintained([*ONTOLOGY, quad, twice]).follow([quad], [])
    assert (delta.gone, delta.new) == (frozenset(), frozenset())


def test_a_record_from_which_schema_follows_changes_what_follows_from_others() -> None:
    """`t p C` becomes `t rdfs:subClassOf C`, and a thing of `t` is of `C`; and no longer."""
    meta = [Triple(x("p"), rdfs("subPropertyOf"), rdfs("subClassOf")), Triple(x("thing"), TYPE, x("t"))]
    record = [Quad(x("t"), x("p"), x("C"), x("doc/a"))]
    consequences = {Triple(x("t"), rdfs("subClassOf"), x("C")), Triple(x("thing"), TYPE, x("C"))}
    maintained = Maintained([Quad(t.subject, t.predicate, t.object, x("doc/a")) for t in meta])
    assert maintained.change([], record).new == consequences
    assert maintained.change(record, []).gone == consequences


def test_schema_that_follows_late_is_followed_too() -> None:
    says = [Triple(x("s"), rdfs("subPropertyOf"), rdfs("subClassOf")), Triple(x("s"), TYPE, owl("SymmetricProperty"))]
    asserted = {*says, Triple(x("D"), x("s"), x("C")), Triple(x("thing"), TYPE, x("C"))}
    assert Triple(x("thing"), TYPE, x("D")) in closure(asserted)
    assert reasoning.infer(asserted).inferred == closure(asserted)


def test_what_the_log_repeats_is_not_asserted_by_it() -> None:
    logged = Quad(x("t0"), TYPE, x("C0"), x("doc/a"))
    maintained = Maintained([logged, Quad(x("C0"), rdfs("subClassOf"), x("C1"), x("doc/a"))])
    assert maintained.graph(LOG) >= {logged.triple}
    assert maintained.follow([logged], []).gone == {Triple(x("t0"), TYPE, x("C1"))}


def test_a_change_that_contradicts_says_which_triples_and_no_others() -> None:
    maintained = Maintained([*ONTOLOGY, *made_up("mission:x a mg:Mission . mission:y a mg:Mission, mg:MMIP .")])
    delta = maintained.follow([], made_up("mission:x a mg:MMIP ."))
    assert [(c.rule, len(c.triples)) for c in delta.conflicts] == [("cax-dw", 2)]
    assert {t.object.value.rpartition("#")[2] for t in delta.conflicts[0].triples} == {"Mission", "MMIP"}  # type: ignore[union-attr]
    assert maintained.follow([], made_up("mission:x mg:partOf mission:z .")).conflicts == ()


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


class Counting:
    """A dataset that counts what is read of it."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.read = dataset, 0

    def __contains__(self, quad: Quad) -> bool:
        self.read += 1
        return quad in self.dataset

    def quads_for_pattern(self, *pattern: Any) -> Iterator[Quad]:
        """Each search counts one, and each quad that is found."""
        self.read += 1
        for quad in self.dataset.quads_for_pattern(*pattern):
            self.read += 1
            yield quad


@pytest.mark.parametrize(
    "record",
    [
        "theme:n mg:lead theme:n\\#l . theme:n\\#l mg:participant org:hub .",
        "theme:n a mg:Theme ; mg:partOf theme:hub .",
        "theme:n mg:relatedTo theme:hub .",
    ],
)
def test_what_is_read_does_not_grow_with_the_graph(record: str) -> None:
    """Also where all records point to the same thing."""
    changed, counts = made_up(record.replace(":n", ":n0")), []
    for size in (10, 200):
        quads = [q for i in range(size) for q in made_up(record.replace(":n", f":n{i}"))]
        maintained = Maintained([*ONTOLOGY, *quads])
        counting = Counting(maintained.dataset)
        delta = reasoning.follow(counting, changed, [], maintained.program, INFERRED, LOG)  # type: ignore[arg-type]
        assert delta.gone
        maintained.change(changed, [])
        counting_back = Counting(maintained.dataset)
        assert reasoning.follow(counting_back, [], changed, maintained.program, INFERRED, LOG).new == delta.gone  # type: ignore[arg-type]
        counts.append(counting.read + counting_back.read)
    assert counts[1] <= counts[0] + 5  # what is looked at first, of what is equal, differs


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


ONTOLOGY = [
    Quad(q.subject, q.predicate, q.object, NamedNode(BASE + "def"))
    for path in files.turtle_files("ontology")
    if "schemes" not in path.parts
    for q in parse(path=str(path))
]


def made_up(turtle: str) -> list[Quad]:
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in files.prefixes().items())
    return [Quad(q.subject, q.predicate, q.object, x("doc/a")) for q in parse(head + turtle, RdfFormat.TURTLE)]


def about_things(triples: Iterable[Triple]) -> set[Triple]:
    """Without the classes of things, and without other vocabularies' names for our properties."""
    return {t for t in triples if t.predicate.value.startswith(BASE)}
