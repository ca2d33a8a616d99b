"""What the tokens of a query tell."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missiegraaf import queries
from missiegraaf.engine import embedded
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.reader import Job
from missiegraaf.engine.rewriting import faster
from missiegraaf.engine.syntax import LIMIT, depth, services, too_deep
from missiegraaf.engine.versioned import Source
from missiegraaf.errors import QuerySyntaxError, QueryTooDeep, ServiceRefused
from missiegraaf.formats import media
from missiegraaf.formats.terminals import tokens


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
    assert len(services(query)) == 1


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
    assert services(query) == []


@pytest.mark.parametrize(
    ("query", "endpoints"),
    [
        ("SELECT * { SERVICE <http://e/x> { ?s ?p ?o } }", ["http://e/x"]),
        ("SELECT * { service # <http://e/y>\n silent<http://e/x>{ ?s ?p ?o } }", ["http://e/x"]),
        (
            "PREFIX e: <http://e/> SELECT * { SERVICE e:x { SERVICE SILENT <http://e/y> {} } }",
            ["http://e/x", "http://e/y"],
        ),
        ("SELECT * { SERVICE e:x { } }", [None]),
        ("PREFIX e: <http://e/> PREFIX e: <http://f/> SELECT * { SERVICE e:x { } }", [None]),
        ("SELECT * { SERVICE ?x { } }", [None]),
        ("SELECT * { SERVICESILENT <http://e/x> { } }", [None]),
        ("SELECT * { 1SERVICE <http://e/x> { } }", [None]),
        ("PREFIX service: <http://e/> SELECT * { SERVICE service:x { } }", ["http://e/x"]),
        ("PREFIX service: <http://e/> SELECT * { SERVICE SILENT service:x { } }", ["http://e/x"]),
        ("SELECT * { ?a ?b ?c FILTER(?a<'x>'&&1=1) SERVICE <http://f/> {} }", [None]),
        ("SELECT * { ?a ?b ?c FILTER(?a<1#>'''\n) SERVICE <http://f/> {} #'''\n }", [None]),
        ("SELECT * { ?a ?b ?c FILTER(?a<1)SERVICE:x#>\n{} }", [None]),
    ],
)
def test_the_endpoint_of_each_service_clause_is_told_or_is_unknown(query: str, endpoints: list[str | None]) -> None:
    assert services(query) == endpoints


@given(st.text("ab:?<>{}()[]\"'\\.#-_@^,;| \n0é"))
def test_the_tokens_are_the_text(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text


# What is repeated to chain or to nest, and how often pyoxigraph 0.5.13 takes it on a stack of 8 MB.
DEEP = {
    "group": ("SELECT * {", "{", "", "}", "}", 2200),
    "exists": ("SELECT * {?s ?p ?o ", "FILTER EXISTS{?s ?p ?o ", "", "}", "}", 840),
    "exists in a function": ("SELECT * {?s ?p ?o ", "FILTER(IF(EXISTS{?s ?p ?o ", "", "},1,2))", "}", 420),
    "optional": ("SELECT * {", "?s ?p ?o OPTIONAL{", "", "}", "}", 2600),
    "parentheses": ("ASK {?s ?p ?o FILTER(", "(", "1", ")", ")}", 4800),
    "function": ("ASK {?s ?p ?o FILTER(", "STR(", "1", ")", ")}", 960),
    "or": ("ASK {?s ?p ?o FILTER(1", "||?o=1", "", "", ")}", 9600),
    "plus": ("ASK {?s ?p ?o FILTER(1", "+?o", "", "", ")}", 6800),
    "signed numbers": ("ASK {?s ?p ?o FILTER(1", "-1", "", "", ")}", 6800),
    "not": ("ASK {?s ?p ?o FILTER(", "!", "?o", "", ")}", 9600),
    "union": ("SELECT * {{}", "UNION{?s ?p ?o}", "", "", "}", 6500),
    "minus": ("SELECT * {?s ?p ?o ", "MINUS{?s ?p ?x}", "", "", "}", 2600),
    "bind": ("SELECT * {?s ?p ?o ", "BIND(?o AS ?x)", "", "", "}", 2600),
    "select": ("SELECT (1 AS ?a)", "(1 AS ?x)", "", "", "{}", 2600),
    "describe": ("DESCRIBE <a>", " <b>", "", "", "", 2600),
    "alternatives": ("SELECT * {?s (<p>", "|<p>", "", "", ")* ?o}", 8300),
    "path": ("SELECT * {?s ", "(", "<p>", ")", " ?o}", 13700),
    "nodes": ("SELECT * {?s ?p ", "[<p> ", "1", "]", "}", 3400),
    "collections": ("SELECT * {?s ?p ", "(", "1", ")", "}", 9600),
    "triples": ("SELECT * {", "?s ?p ?o.", "", "", "}", 6000),
    "less than, read as an IRI": ("ASK {?s ?p ?o FILTER(?s<1", "+1", "", "", "&&1>?o)}", 6800),
    "parentheses, read as an IRI": ("ASK {?s ?p ?o FILTER(?s<", "(", "1", ")", ">?o)}", 4800),
}


def repeated(kind: str, times: int) -> str:
    head, part, middle, close, tail, _ = DEEP[kind]
    return head + part * times + middle + close * times + tail


@pytest.mark.parametrize("kind", DEEP)
def test_what_would_overflow_the_stack_is_refused_at_a_third_of_it(kind: str) -> None:
    assert too_deep(repeated(kind, DEEP[kind][-1] // 3))
    assert too_deep(repeated(kind, 100_000))


@pytest.mark.parametrize("kind", DEEP)
def test_an_honest_depth_is_not_refused(kind: str) -> None:
    assert not too_deep(repeated(kind, 30))


def test_depths_within_one_another_add_up() -> None:
    text = "1"
    for _ in range(40):
        text = f"({text}{'||?o' * 30})"
    assert too_deep(f"ASK {{ ?s ?p ?o FILTER({text}) }}")


@pytest.mark.parametrize("kind", ["exists in a function", "function", "minus", "or"])
def test_the_deepest_query_that_is_not_refused_ends_no_process(kind: str) -> None:
    times = max(times for times in range(20, 1000, 10) if not too_deep(repeated(kind, times)))
    program = "import pyoxigraph, sys; pyoxigraph.Store().query(sys.argv[1], base_iri='http://e/')"
    subprocess.run([sys.executable, "-c", program, repeated(kind, times)], check=True)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { VALUES ?x { " + "-1 <http://e/a-b/c> 'x'@en " * 5000 + "} }",
        "SELECT * { VALUES (?x ?y) { " + "(1 <http://e/x>) " * 5000 + "} }",
        "SELECT * { ?s ?p ?o FILTER(?o IN (1" + ", -1, <http://e/a-b>" * 5000 + ")) }",
        "SELECT (CONCAT('a'" + ", 'b'" * 5000 + ") AS ?x) {}",
        "".join(f"PREFIX p{n}: <http://e/{n}>\n" for n in range(5000)) + "ASK {}",
    ],
)
def test_long_lists_are_not_deep(query: str) -> None:
    assert not too_deep(query)


def test_no_saved_question_comes_near_the_limit() -> None:
    assert max(depth(query.text) for query in queries.saved()) * 4 < LIMIT


@pytest.mark.parametrize(
    "part",
    ["a.", "é", "((", "'a", '"', "<a", ": ", "?a", "@a-", "#", "{ ", "?a<(#>", "1..", "EXISTS{?a ?b ?c.?c ?d ?e}"],
)
def test_no_text_takes_long(part: str) -> None:
    """A fifth of a megabyte is read in a second; an expression that goes back over its tracks would take an hour."""
    text = part * (200_000 // len(part))
    services("SERVICE " + text)
    too_deep(text)
    faster("FILTER EXISTS {" + text)


def test_the_readers_call_the_allowed_endpoint_and_refuse_others_and_depth(tmp_path: Path) -> None:
    embedded.create(tmp_path, [], {"base": "http://e/"})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        allowed = f"http://127.0.0.1:{listening.getsockname()[1]}/sparql"
        limits = Limits(processes=1, seconds=2, services=frozenset([allowed]))
        with Readers(Source(str(embedded.quads_path(tmp_path)), 1), limits) as readers:

            def ask(query: str) -> bytes:
                return readers.read(Job(query, {"boolean": media.JSON, "solutions": None, "graph": None}))

            with pytest.raises(ServiceRefused, match="http://e/other"):
                ask(f"ASK {{ SERVICE <{allowed}> {{}} SERVICE SILENT <http://e/other> {{}} }}")
            with pytest.raises(ServiceRefused, match="by an IRI"):
                ask("ASK { SERVICE ?x {} }")
            with pytest.raises(QueryTooDeep, match="VALUES"):
                ask("ASK {" + "{" * 5000 + "}" * 5001)
            wrong = "ASK { ?a ?b ?c FILTER EXISTS { ?a ?d ?e . ?e ?f ?g } ?x }"
            with pytest.raises(QuerySyntaxError) as error:
                ask(wrong)
            assert (error.value.extra["line"], error.value.extra["column"]) == (1, len(wrong) + 1)
            listening.listen()
            with pytest.raises(Exception, match="ended after"):  # the endpoint never answers
                ask(f"ASK {{ SERVICE <{allowed}> {{ ?s ?p ?o }} }}")
        listening.accept()[0].close()


@pytest.mark.parametrize("spelled", ["mg:hasPart", "m\\u0067:hasPart"])
def test_a_prefix_that_a_query_uses_goes_with_it(spelled: str) -> None:
    prefixes = {"mg": "http://e/", "g": "http://g/", "": "http://n/"}
    job = Job(f"ASK {{ ?a {spelled} ?b }}", {}, prefixes=prefixes)
    assert job.asked(1, 0).prefixes.items() >= {"mg": "http://e/"}.items()
    assert "unused" not in Job("ASK {}", {}, prefixes={"unused": "http://e/"}).asked(1, 0).prefixes
