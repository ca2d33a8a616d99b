"""What the tokens of a query tell."""

import pytest

from missiegraaf.engine.syntax import calls_service


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }",
        "SELECT * { service SILENT ?x { ?s ?p ?o } }",
        "PREFIX e: <http://e/> SELECT * { SERVICE e:x {} }",
        'SELECT * { ?s ?p "a#b" . SERVICE <http://e/> {} }',
        "SELECT * { ?s ?p 'it\\'s' . SERVICE <http://e/> {} }",
        "SELECT * { ?a ?b ?c FILTER(?a<3) SERVICE <http://e/> {} }",
        "SELECT * { SERVICESILENT <http://e/> {?s ?p ?o} }",
        "PREFIX a: <http://e/> SELECT * { SERVICEa:y {?s ?p ?o} }",
        "SELECT * { SERVICE:x {?s ?p ?o} }",
        "SELECT * { OPTIONAL { ?q ?r 1SERVICE <http://e/> {?s ?p ?o} } }",
        "PREFIX service: <http://e/> SELECT * { service:x {?s ?p ?o} }",
        "SELECT * # no end of line in an IRI <a#b\n { SERVICE <http://e/> {} }",
    ],
)
def test_a_service_clause_is_seen(query: str) -> None:
    assert calls_service(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 'SERVICE' }",
        'SELECT * { ?s ?p """ "SERVICE <http://e/> { } """ }',
        "SELECT * { ?s ?p ?o } # SERVICE <http://e/> {}",
        "SELECT ?service { ?service ?p ?o }",
        "PREFIX service: <http://e/> SELECT * { service:SERVICE ?p ?o }",
        "SELECT * { <http://e/SERVICE> ?p ?o }",
        "SELECT * { ?s ?p 'x'@service }",
        "SELECT * { _:service ?p ?o }",
        "PREFIX service: <http://e/> SELECT * { GRAPH service:x { ?s ?p ?o } }",
    ],
)
def test_the_word_alone_is_no_service_clause(query: str) -> None:
    assert not calls_service(query)


@pytest.mark.parametrize("part", ["a.", "é", "((", "'a", '"', "<a", ": ", "?a", "@a-", "#", "{ "])
def test_no_text_takes_long(part: str) -> None:
    """A megabyte is read in a second; an expression that goes back over its tracks would take an hour."""
    calls_service(part * (1_000_000 // len(part)))
