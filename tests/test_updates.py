"""What is told of an update from its text is what the engine does with it."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from missiegraaf.engine import updates
from missiegraaf.errors import BadRequest, QueryTooDeep, ServiceRefused

DATASET = """INSERT DATA { <e:a> <e:p> 1, "a" . <e:b> <e:p> 1 .
  GRAPH <e:g> { <e:a> <e:p> 1 . <e:b> <e:q> "b" } GRAPH <e:h> { <e:b> <e:p> 2 } }"""


def filled() -> Store:
    store = Store()
    store.update(DATASET)
    return store


PATTERNS = ("?s ?p ?o", "GRAPH ?g { ?s ?p ?o }", "{ ?s ?p ?o } UNION { GRAPH <e:h> { ?s ?p ?o } }")
MODIFY = (
    "DELETE {{ ?s ?p ?o }}{using}WHERE{{ {pattern} }}",
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


@pytest.mark.parametrize("words", ["DELETE WHERE", "deleteWHERE"])
@pytest.mark.parametrize("pattern", ["?s ?p 1", "GRAPH <e:h> { ?s ?p ?o }"])
def test_delete_where_has_a_dataset_too(pattern: str, words: str) -> None:
    store, expected = filled(), filled()
    store.update(updates.with_dataset(f"{words} {{ {pattern} }} # done", ["e:g"], ["e:h"]))
    expected.update(f"DELETE {{ {pattern} }} USING <e:g> USING NAMED <e:h> WHERE {{ {pattern} }}")
    assert set(store) == set(expected)


@pytest.mark.parametrize(
    "update",
    [
        "WITH <e:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "PREFIX x: <e:>WITHx:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o }USINGx:g WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } USINGNAMED<e:g> WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } USINGNAMEDx:g WHERE { ?s ?p ?o }",
        "INSERTDATA { <e:a> <e:p> 1 } ;USING:g",
    ],
)
def test_an_update_with_a_dataset_of_its_own_takes_no_other(update: str) -> None:
    with pytest.raises(BadRequest, match="beside it"):
        updates.with_dataset(update, ["e:g"], [])


def test_a_name_that_begins_with_a_keyword_is_a_name() -> None:
    update = "PREFIX using: <e:> CLEAR GRAPH using:g ; INSERT { using:a using:p 2 } WHERE { using:b using:p ?o }"
    store = filled()
    store.update(updates.with_dataset(update, ["e:h"], []))
    assert store.query("ASK { <e:a> <e:p> 2 }")


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
        "INSERT DATA { <e:a> <e:p> " + "<< <e:a> <e:p> " * 20_000 + "1 " + ">>" * 20_000 + " }",
        "INSERT DATA { <e:a> <e:p> " + "<<(<e:a> <e:p> " * 20_000 + "1 " + ")>>" * 20_000 + " }",
        "INSERT DATA {} ; INSERT { <e:a> <e:p> 1 } WHERE { FILTER(" + "true||" * 20_000 + "true) }",
    ],
)
def test_depth_is_refused(update: str) -> None:
    with pytest.raises(QueryTooDeep):
        updates.refuse_depth(update)


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ("INSERT DATA { <e:a> <e:p> 'WHERE { }' }", True),
        ("DROP SILENT GRAPH <e:g> ; CREATE GRAPH <e:g> ; INSERT DATA { GRAPH <e:g> { <e:a> <e:p> 1 } }", True),
        ("DELETE WHERE { ?s ?p ?o }", False),
        ("INSERT DATA { <e:a> <e:p> 1 } ; INSERT { ?s <e:q> ?o } WHERE { ?s <e:p> ?o }", False),
        ("no update", False),
    ],
)
def test_what_gives_its_data_matches_nothing(update: str, expected: bool) -> None:
    assert updates.only_data(update) == expected


def test_much_data_is_not_deep() -> None:
    updates.refuse_depth("INSERT DATA { " + "<e:a> <e:p> [ <e:q> (1 2) ] . " * 20_000 + "};" * 1)
