"""What an update would change is told as the engine does it on a copy, and the dataset stays as it was."""

from __future__ import annotations

from collections.abc import Iterable
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from missiegraaf.engine import differing
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.differing import Update
from missiegraaf.engine.versioned import Versioned

from .differences import PREFIXES, difference, held, read

NODES = [NamedNode(f"e:{name}") for name in "abgh"]
QUADS = st.builds(
    Quad,
    st.sampled_from(NODES[:3]),
    st.sampled_from([NamedNode("e:p"), NamedNode("e:q")]),
    st.sampled_from([*NODES, Literal(1), Literal("b")]),
    st.sampled_from([DefaultGraph(), NamedNode("e:g"), NamedNode("e:h")]),
)
DATASETS = st.frozensets(QUADS, min_size=3, max_size=12)

PROLOGUES = ("", "PREFIX x: <e:> # a ; {\n", "BASE <http://e/>\n", "PREFIX p: <e:>\nPREFIX x: <f:>")
TRIPLES = ("<e:a> <e:p> 1", "given:a given:p 01", '<e:a> <e:p> "a"', "<e:b> <e:q> 'b;}'", "<r> <e:p> '''INSERT'''")
SEPARATORS = (" . ", " .\n# } ; DELETE\n")
TEMPLATES = (
    "?s ?p ?o",
    "?o ?p ?s",
    "?s ?o ?u . ?s <e:p> $o",
    "GRAPH <e:g> { ?s ?p ?o } ?s <e:q> ?s",
    "GRAPH ?g { ?s ?p ?o . ?o <e:p> '}' }",
    "GRAPH ?o { ?s given:p 1, ?u } # }\n",
    "<e:a> <e:p> 1 ; <e:q> 'b'",
    "",
)
WHERES = (
    "?s ?p ?o",
    "?s ?p ?o . ?o ?q ?x",
    "GRAPH ?g { ?s ?p ?o }",
    "GRAPH <e:h> { ?s ?p ?o } OPTIONAL { ?s <e:q> ?u }",
    "{ ?s ?p ?o } UNION { GRAPH ?g { ?o ?p ?s } }",
    "?s ?p ?o FILTER NOT EXISTS { ?s <e:q> ?y . ?y ?z 1 }",
    "?s ?p ?n BIND(IF(ISNUMERIC(?n), ?n + 1, BNODE()) AS ?o)",
    "VALUES (?s ?o) { (<e:a> 1) (UNDEF 'x') } ?s ?p ?o MINUS { ?s <e:q> 1 }",
    "?s ?p ?o FILTER(1<2&&'> } WHERE {'!='a')",
    "?s ?p ?o { SELECT ?s (COUNT(*) AS ?u) { ?s ?p ?o FILTER(1<2&&?p!=<e:q>) } GROUP BY ?s }",
    "",
)
DATASET_CLAUSES = (
    "",
    "",
    " USING <e:g> ",
    "USING <e:g>USING given:h",
    "USING<e:h>USING NAMED<e:g>",
    "USING NAMED <e:g>",
)


@st.composite
def data(draw: st.DrawFn) -> str:
    triples = draw(st.sampled_from(SEPARATORS)).join(draw(st.lists(st.sampled_from(TRIPLES), max_size=3)))
    block = f"GRAPH <e:{draw(st.sampled_from('gh'))}> {{ {triples} }}" if draw(st.booleans()) else triples
    verb = draw(st.sampled_from(("INSERT DATA", "delete\tdata", "INSERT # ;\n DATA", "DELETEDATA")))
    return f"{verb}{{ {block} }}"


@st.composite
def modifications(draw: st.DrawFn) -> str:
    templates = [draw(st.sampled_from(TEMPLATES)) for _ in range(2)]
    verbs = draw(st.sampled_from((("DELETE",), ("insert",), ("DELETE", "INSERT"))))
    parts = " ".join(f"{verb}{{ {template} }}" for verb, template in zip(verbs, templates, strict=False))
    graph = draw(st.sampled_from(("", "", "WITH <e:g> ", "WITHgiven:h ")))
    return f"{graph}{parts}{draw(st.sampled_from(DATASET_CLAUSES))} WHERE{{ {draw(st.sampled_from(WHERES))} }}"


OTHERS = st.sampled_from(
    (
        "DELETE WHERE { ?s ?p 1 GRAPH ?g { ?s ?q ?o } }",
        "DELETEWHERE { ?s ?p ?o }",
        "CLEAR SILENT GRAPH <e:g>",
        "DROP SILENT GRAPH given:h",
        "COPY SILENT <e:g> TO <e:h>",
        "CLEAR NAMED",
    )
)


def on_a_copy(quads: Iterable[Quad], update: str) -> tuple[set[Quad], set[Quad]]:
    copy = Store()
    copy.bulk_extend(quads)
    before = set(copy)
    copy.update(update, base_iri="http://base/", prefixes=PREFIXES)
    return before - set(copy), set(copy) - before


def without_blank_nodes(quads: Iterable[Quad]) -> set[Quad]:
    """A new blank node has another name each time."""
    return {quad for quad in quads if "_:" not in str(quad)}


UPDATES = st.builds(
    lambda prologue, operations: prologue + " ;\n".join(operations),
    st.sampled_from(PROLOGUES),
    st.lists(st.one_of(modifications(), modifications(), data(), OTHERS), min_size=1, max_size=4),
)


def changes_what_it_changes_on_a_copy(found: Versioned, quads: frozenset[Quad], update: str) -> None:
    removed, added = on_a_copy(quads, update)
    told = difference(found, update)
    assert without_blank_nodes(told.removed) == without_blank_nodes(removed)
    assert without_blank_nodes(told.added) == without_blank_nodes(added)
    assert len(told.added) == len(added)
    assert set(found.at(1)) == quads
    assert set(found.at(1).named_graphs()) == {quad.graph_name for quad in quads} - {DefaultGraph()}


@settings(max_examples=400, deadline=None)
@given(DATASETS, UPDATES)
def test_an_update_changes_what_it_changes_on_a_copy(quads: frozenset[Quad], update: str) -> None:
    changes_what_it_changes_on_a_copy(held(quads), quads, update)


@settings(max_examples=10, deadline=None)
@given(DATASETS, UPDATES)
def test_an_update_of_a_dataset_on_disk_does_too(quads: frozenset[Quad], update: str) -> None:
    with read(quads, in_memory=False) as found:
        changes_what_it_changes_on_a_copy(found, quads, update)


@settings(max_examples=100, deadline=None)
@given(DATASETS, st.sampled_from(PROLOGUES), st.lists(data(), min_size=1, max_size=5))
def test_operations_with_data_need_no_dataset(quads: frozenset[Quad], prologue: str, operations: list[str]) -> None:
    update = prologue + " ; ".join(operations)
    told = differing.of_data(Update(update, "http://base/", PREFIXES, ""))
    assert told is not None
    removed, added = on_a_copy(quads, update)
    assert (told.removed & quads, told.added - quads) == (removed, added)


@pytest.mark.parametrize(
    "update",
    [
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT DATA { <e:a> <e:p> 1 } ; CLEAR ALL",
        "INSERT DATA { <e:a> <e:p> 1",
        "DELETE DATA { _:a <e:p> 1 }",
        r"PREFIX x: <e:\u0041#> INSERT DATA { <e:a> <e:p> 1 } ; CLEAR ALL",
    ],
)
def test_other_operations_do(update: str) -> None:
    assert differing.of_data(Update(update, "http://base/", {}, "")) is None


QUAD = Quad(NamedNode("e:a"), NamedNode("e:p"), Literal(1), NamedNode("e:g"))


@pytest.mark.parametrize("in_memory", [True, False])
@pytest.mark.parametrize(
    "update",
    [
        "DELETE { ?s ?p ?o } INSERT { GRAPH ?g { ?s ?p 2 } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "INSERT DATA { <e:b> <e:p> 1 } ; WITH <e:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o } ; CLEAR SILENT GRAPH <e:g>",
        "DELETE WHERE { GRAPH <e:g> { ?s ?p ?o } } ; DROP SILENT GRAPH <e:g>",
    ],
)
def test_these_are_told_without_a_copy(update: str, in_memory: bool) -> None:
    with (
        read([QUAD, Quad(*QUAD.triple, NamedNode("e:h"))], in_memory) as found,
        mock.patch.object(differing, "_by_copy", side_effect=AssertionError),
    ):
        difference(found, update)


@pytest.mark.parametrize(
    ("update", "error"),
    [
        ("DELETE WHERE { ?s ?p ?o ", SyntaxError),
        ("DELETE { _:a <e:p> ?o } WHERE { ?s ?p ?o }", SyntaxError),
        ("CLEAR GRAPH <e:nowhere>", RuntimeError),
        ("CLEAR GRAPH <e:g> ; DROP GRAPH <e:g>", RuntimeError),
        (
            "INSERT DATA { <e:b> <e:p> 1 } ; INSERT { ?s ?p ?x } WHERE { ?s ?p ?o BIND(<e:none>(?o) AS ?x) }",
            RuntimeError,
        ),
    ],
)
@pytest.mark.parametrize("in_memory", [True, False])
def test_an_update_that_fails_leaves_the_dataset_as_it_was(
    update: str, error: type[Exception], in_memory: bool
) -> None:
    with read([QUAD], in_memory) as found:
        with pytest.raises(error):
            difference(found, update)
        assert list(found.at(1)) == [QUAD]


def test_a_dataset_that_cannot_be_taken_back_is_read_anew() -> None:
    with read([QUAD], in_memory=True) as found:
        update = (
            "CLEAR GRAPH <e:g> ; INSERT { <e:b> <e:p> ?n } WHERE { SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } }"
        )
        with mock.patch.object(Difference, "undone", side_effect=MemoryError), pytest.raises(MemoryError):
            difference(found, update)
        assert QUAD not in found._store
        assert list(found.at(1)) == [QUAD]
