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
    ],
)
def test_the_word_alone_is_no_service_clause(query: str) -> None:
    assert not calls_service(query)
