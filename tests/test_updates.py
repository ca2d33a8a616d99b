"""What is told of an update from its text is what the engine does with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from missiegraaf.engine import updates
from missiegraaf.errors import QueryTooDeep, ServiceRefused

DATASET = """INSERT DATA { <e:a> <e:p> 1, "a" . <e:b> <e:p> 1 .
  GRAPH <e:g> { <e:a> <e:p> 1 . <e:b> <e:q> "b" } GRAPH <e:h> { <e:b> <e:p> 2 } }"""
PROLOGUES = ("", "PREFIX x: <e:> # a ; {\n", "BASE <http://e/>\n", "PREFIX p: <e:>\nPREFIX x: <f:>")
TRIPLES = ("<e:a> <e:p> 1", "given:a given:p 01", '<e:a> <e:p> "a"', "<e:b> <e:q> 'b;}'", "<r> <e:p> '''INSERT'''")
SEPARATORS = (" . ", " .\n# } ; DELETE\n")


@st.composite
def operations(draw: st.DrawFn) -> str:
    triples = draw(st.sampled_from(SEPARATORS)).join(draw(st.lists(st.sampled_from(TRIPLES), max_size=3)))
    block = f"GRAPH <e:{draw(st.sampled_from('gh'))}> {{ {triples} }}" if draw(st.booleans()) else triples
    verb = draw(st.sampled_from(("INSERT DATA", "delete\tdata", "INSERT # ;\n DATA")))
    return f"{verb}{{ {block} }}"


def filled() -> Store:
    store = Store()
    store.update(DATASET)
    return store


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PROLOGUES), st.lists(operations(), min_size=1, max_size=5))
def test_operations_with_data_change_what_they_say(prologue: str, found: list[str]) -> None:
    update, store = prologue + " ; ".join(found), filled()
    asked = {"base_iri": "http://base/", "prefixes": {"given": "e:"}}
    told = updates.of_data(update, **asked)  # type: ignore[arg-type]
    assert told is not None
    expected = (set(store) - told[0]) | told[1]
    store.update(update, **asked)  # type: ignore[arg-type]
    assert set(store) == expected


@pytest.mark.parametrize(
    "update",
    [
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT DATA { <e:a> <e:p> 1 } ; CLEAR ALL",
        "INSERT DATA { <e:a> <e:p> 1",
        r"PREFIX x: <e:\u0041#> INSERT DATA { <e:a> <e:p> 1 } ; CLEAR ALL",
    ],
)
def test_other_operations_are_not_told(update: str) -> None:
    assert updates.of_data(update, "http://base/", {}) is None


PATTERNS = ("?s ?p ?o", "GRAPH ?g { ?s ?p ?o }", "{ ?s ?p ?o } UNION { GRAPH <e:h> { ?s ?p ?o } }")
MODIFY = (
    "DELETE {{ ?s ?p ?o }} {using} WHERE {{ {pattern} }} # done",
    "INSERT {{ GRAPH <e:new> {{ ?s ?p ?o }} }} {using}where{{ {pattern} }}",
    "DELETE {{ ?s ?p ?o }} INSERT {{ ?s <e:where> 'WHERE' }} {using} WHERE {{ {pattern} }}",
)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("modify", MODIFY)
@pytest.mark.parametrize(("default", "named"), [(["e:g"], []), (["e:g", "e:h"], []), ([], ["e:h"]), (["e:g"], ["e:h"])])
def test_a_dataset_of_the_request_is_as_one_in_the_update(
    modify: str, pattern: str, default: list[str], named: list[str]
) -> None:
    using = " ".join([f"USING <{iri}>" for iri in default] + [f"USING NAMED <{iri}>" for iri in named])
    store, expected = filled(), filled()
    store.update(updates.with_dataset(modify.format(using="", pattern=pattern), default, named))
    expected.update(modify.format(using=using, pattern=pattern))
    assert set(store) == set(expected)


@pytest.mark.parametrize("pattern", ["?s ?p 1", "GRAPH <e:h> { ?s ?p ?o }"])
def test_delete_where_has_a_dataset_too(pattern: str) -> None:
    store, expected = filled(), filled()
    store.update(updates.with_dataset(f"DELETE WHERE {{ {pattern} }} # done", ["e:g"], ["e:h"]))
    expected.update(f"DELETE {{ {pattern} }} USING <e:g> USING NAMED <e:h> WHERE {{ {pattern} }}")
    assert set(store) == set(expected)


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <http://e/>",
        "LOADSILENT<http://e/>",
        "PREFIX : <http://e/> LOAD:x",
        "PREFIX : <http://e/> INSERT DATA {} ; LOADSILENT:x",
        "PREFIX : <http://e/> INSERT { ?s ?p ?o } WHERE { SERVICE:x { ?s ?p ?o } }",
        r"PREFIX a: <http://e/\u0041#> LOAD <http://e/>",
        "PREFIX : <http://e/> INSERT { ?s ?p ?o } WHERE { FILTER(1<2)SERVICE:x#>\n{ ?s ?p ?o } }",
        "INSERT {} WHERE { FILTER(1<2&&'>'='a') } ; LOAD <http://e/> # '",
    ],
)
def test_what_would_fetch_is_refused(update: str) -> None:
    with pytest.raises(ServiceRefused):
        updates.refuse_calls(update)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <e:a> <e:p> 'LOAD SERVICE' } # LOAD <http://e/>",
        "PREFIX upload: <http://e/> INSERT DATA { <urn:a-b> upload:x 'SERVICE' . upload:a a upload:B }",
        "PREFIX service: <http://e/> WITH service:g INSERT { ?s service:p 1 } WHERE { GRAPH service:x { ?s ?p ?o } }",
        "PREFIX upload: <http://e/> CLEAR SILENT GRAPH upload:x ; ADD upload:a TO upload:b",
    ],
)
def test_the_words_alone_are_no_reason(update: str) -> None:
    updates.refuse_calls(update)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <e:a> <e:p> " + "[ <e:p> " * 20_000 + "1" + "]" * 20_000 + " }",
        "DELETE DATA { <e:a> <e:p> " + "(" * 20_000 + ")" * 20_000 + " }",
        "INSERT DATA {} ; INSERT { <e:a> <e:p> 1 } WHERE { FILTER(" + "true||" * 20_000 + "true) }",
    ],
)
def test_depth_is_refused(update: str) -> None:
    with pytest.raises(QueryTooDeep):
        updates.refuse_depth(update)


def test_much_data_is_not_deep() -> None:
    updates.refuse_depth("INSERT DATA { " + "<e:a> <e:p> [ <e:q> (1 2) ] . " * 20_000 + "};" * 1)
