"""What goes and what comes with a Change of a few triples, and how little is read to tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from missiegraaf import files, reasoning
from missiegraaf.engine.embedded import Dataset
from missiegraaf.namespaces import BASE

from .maintained import INFERRED, LOG, TYPE, Maintained, rdfs, x

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
