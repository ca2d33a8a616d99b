"""The numbers of a version are those of its triples, and its sitemap has its documents."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from missiegraaf import log, transaction
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.facts import Facts
from missiegraaf.namespaces import BASE, RDF, XSD
from missiegraaf.sitemaps import moved, sitemaps
from missiegraaf.statistics import gather

TIME = "2026-11-22T10:00:00Z"
TYPE = NamedNode(RDF + "type")
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def stored(quads: Iterable[Quad], silent: Iterable[Quad] = ()) -> Dataset:
    """A dataset as a store has it: each quad in its graph and in the default graph, the log in its own."""
    quads = list(quads)
    return in_memory([*quads, *(Quad(*quad.triple) for quad in quads), *silent])


def own(name: str) -> NamedNode:
    return NamedNode(BASE + name)


KINDS = ("theme", "source")
THINGS = [own(f"id/{kind}/{letter}{part}") for kind in KINDS for letter in "ab" for part in ("", "#part")]
OTHERS = [NamedNode(iri) for iri in ("https://a.example/x", "https://a.example/y", "http://b.example:8080/", "urn:x:y")]
VALUES = [*THINGS, *OTHERS, NamedNode("http://www.w3.org/2004/02/skos/core#broader"), Literal("https://a.example/x")]
CLASSES = [own("def#Theme"), NamedNode("https://schema.org/Thing")]
SAID = st.one_of(
    st.tuples(st.sampled_from(THINGS), st.sampled_from([own("def#p"), own("def#q")]), st.sampled_from(VALUES)),
    st.tuples(st.sampled_from(THINGS), st.just(TYPE), st.sampled_from(CLASSES)),
)


def graph_of(thing: NamedNode) -> NamedNode:
    return NamedNode(thing.value.partition("#")[0].replace("/id/", "/doc/"))


@given(st.sets(SAID, max_size=30), st.sets(SAID, max_size=15))
@settings(deadline=None)
def test_each_number_counts_the_triples_it_speaks_of(
    said: set[tuple[NamedNode, NamedNode, NamedNode]], follows: set[tuple[NamedNode, NamedNode, NamedNode]]
) -> None:
    quads = [Quad(s, p, o, graph_of(s)) for s, p, o in said]
    inferred = [Quad(*triple, own("inferred")) for triple in follows - said]
    logged = Quad(own("log#2"), TYPE, own("def#Logged"), own("log"))
    facts = gather(stored([*quads, *inferred], [logged]), BASE, 7, TIME)
    triples = {quad.triple for quad in (*quads, *inferred)}
    assert (facts.version, facts.time) == (7, TIME)
    assert (facts.asserted, facts.inferred) == (len(said), len(inferred))
    assert (facts.subjects, facts.objects) == (len({t.subject for t in triples}), len({t.object for t in triples}))
    assert facts.classes == Counter(t.object.value for t in triples if t.predicate == TYPE)
    assert facts.properties == Counter(t.predicate.value for t in triples)
    assert facts.records == len({quad.graph_name for quad in quads})
    links = [o for _, p, o in said if isinstance(o, NamedNode) and o not in THINGS and p != TYPE]
    starts = ("https://a.example/", "http://b.example:8080/", "urn:", "http://www.w3.org/2004/02/skos/core#")
    assert sum(facts.links.values()) == len(links)
    assert facts.links == {s: n for s in starts if (n := sum(link.value.startswith(s) for link in links))}
    documents = sorted({quad.graph_name.value for quad in quads})
    first = [next((d for d in documents if f"/{kind}/" in d), None) for kind in sorted(KINDS)]
    assert list(facts.examples) == [name.replace("/doc/", "/id/") for name in first if name]
    assert Facts.from_json(facts.to_json()) == facts


def test_the_numbers_of_the_project_are_those_of_its_files(dataset: Dataset, asserted: transaction.Graph) -> None:
    facts = gather(dataset, BASE, 1, TIME)
    assert (facts.asserted, facts.inferred) == (len(asserted.triples), 0)
    assert facts.classes[BASE + "def#Topsector"] == 10
    assert facts.issued == "2026-11-21"
    assert facts.first_day < facts.last_day == "2050-12-31"
    assert len(facts.roots) == 25
    assert set(facts.roots) <= {t.subject.value for t in asserted.triples}
    things = [t for t in asserted.triples if not str(t.object).startswith((f"<{BASE}", '"'))]
    assert sum(facts.links.values()) == sum(t.predicate == own("def#webPage") for t in things) > 600


def test_a_record_that_was_removed_counts_no_more() -> None:
    dataset = stored([Quad(THINGS[0], TYPE, CLASSES[0], graph_of(THINGS[0]))])
    for quad in list(dataset):
        dataset.remove(quad)
    facts = gather(dataset, BASE, 2, TIME)
    assert (facts.records, facts.examples, facts.asserted) == (0, (), 0)
    assert b"<loc>" not in sitemaps(dataset, BASE, TIME)["sitemap.xml"]


def read(content: bytes) -> dict[str, str]:
    """The addresses of a sitemap with their times."""
    return {
        entry.findtext(SITEMAP + "loc", ""): entry.findtext(SITEMAP + "lastmod", "")
        for entry in ET.fromstring(content)  # noqa: S314  # our own
    }


@given(st.integers(0, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 99)), max_size=20), st.integers(1, 7))
@settings(deadline=None)
def test_a_sitemap_has_each_document_once_with_its_last_change(
    number: int, changes: list[tuple[int, int]], most: int
) -> None:
    documents = [f"{BASE}doc/theme/{index}" for index in range(number)]
    quads = [Quad(NamedNode(d.replace("/doc/", "/id/")), TYPE, CLASSES[0], NamedNode(d)) for d in documents]
    begin, expected = datetime(2026, 11, 22, tzinfo=UTC), dict.fromkeys(documents, TIME)
    logged: list[Quad] = []
    for version, (index, minutes) in enumerate(changes, 2):
        time = begin + timedelta(days=1, minutes=minutes)
        changed = frozenset(Quad(*quad.triple, quad.graph_name) for quad in quads[index : index + 1])
        logged += log.entry(log.Change(frozenset(), changed, "a", "editor", "", time), version, BASE)
        if index < number:
            later = time.strftime("%Y-%m-%dT%H:%M:%SZ")
            expected[documents[index]] = max(later, expected[documents[index]].replace(TIME, ""))
    files = sitemaps(stored(quads, logged), BASE, TIME, most)
    index = read(files.pop("sitemap.xml"))
    if number <= most:
        assert (files, index) == ({}, expected)
        return
    assert list(index) == [BASE + name for name in files]
    parts = {BASE + name: read(content) for name, content in files.items()}
    assert all(0 < len(part) <= most for part in parts.values())
    assert sum(map(len, parts.values())) == number
    assert {page: time for part in parts.values() for page, time in part.items()} == expected
    assert index == {name: max(part.values()) for name, part in parts.items()}


@pytest.mark.parametrize(
    ("name", "address"),
    [("caf\N{LATIN SMALL LETTER E WITH ACUTE}", "caf%C3%A9"), ("caf%C3%A9", "caf%C3%A9"), ("a&b'c", "a&b'c")],
)
def test_an_address_in_a_sitemap_is_a_uri(name: str, address: str) -> None:
    document = NamedNode(f"{BASE}doc/organisation/{name}")
    files = sitemaps(stored([Quad(THINGS[0], TYPE, CLASSES[0], document)]), BASE, TIME)
    assert list(read(files["sitemap.xml"])) == [f"{BASE}doc/organisation/{address}"]


def test_a_sitemap_moves_to_where_the_service_is_reached() -> None:
    document = NamedNode(BASE + "doc/theme/a")
    (content,) = sitemaps(stored([Quad(THINGS[0], TYPE, CLASSES[0], document)]), BASE, TIME).values()
    assert list(read(moved(content, BASE, "http://localhost:8000/"))) == ["http://localhost:8000/doc/theme/a"]
    assert moved(content, BASE, BASE) == content


def test_the_days_of_the_periods_bound_what_the_graph_is_about() -> None:
    days = [Literal(day, datatype=NamedNode(XSD + "date")) for day in ("2019-05-01", "2002-12-01")]
    quads = [Quad(THINGS[0], own("def#firstDay"), day, graph_of(THINGS[0])) for day in days]
    facts = gather(stored(quads), BASE, 1, TIME)
    assert (facts.first_day, facts.last_day) == ("2002-12-01", "2019-05-01")
