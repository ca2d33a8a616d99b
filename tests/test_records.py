"""The records in `data/`: complete, canonical, and true to their sources where those are at hand."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from missiegraaf import files, transaction
from missiegraaf.engine.embedded import in_memory
from missiegraaf.namespaces import BASE, DCT, SKOS

MG = BASE + "def#"
DIMENSIONS = ("indicator", "about", "period", "area", "unit", "figureStatus", "evidence")
ROWS = {
    "topsectors.csv": 10,
    "tkis.csv": 18,
    "themes.csv": 11,
    "missions.csv": 48,
    "mmips.csv": 69,
    "learning_communities.csv": 308,
    "organisations.csv": 398,
    "programmes.csv": 76,
    "observations.csv": 426,
    "sources.csv": 109,
    "lc_sources.csv": 433,
}


@pytest.fixture(scope="module")
def quads() -> list[Quad]:
    return list(transaction.read().quads)


@pytest.fixture(scope="module")
def records(quads: list[Quad]) -> list[Quad]:
    return [quad for quad in quads if quad.subject.value.startswith(BASE + "id/")]  # type: ignore[union-attr]


def values(quads: list[Quad], predicate: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for quad in quads:
        if quad.predicate.value == predicate:
            found.setdefault(quad.subject.value, []).append(quad.object.value)  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize(("name", "count"), ROWS.items())
def test_every_row_of_the_reference_has_its_one_record(
    records: list[Quad], reference: Path, name: str, count: int
) -> None:
    with (reference / name).open(encoding="utf-8") as handle:
        ids = [row[next(iter(row))] for row in csv.DictReader(handle)]
    assert len(ids) == count
    carried = Counter(i for found in values(records, DCT + "identifier").values() for i in found)
    assert {i: carried[i] for i in ids if carried[i] != 1} == {}


def test_rows_that_mean_one_thing_are_one_record(records: list[Quad], reference: Path) -> None:
    owner = {i: subject for subject, found in values(records, DCT + "identifier").items() for i in found}
    with (reference / "same_thing.csv").open(encoding="utf-8") as handle:
        pairs = [(row["id"], row["same_as"]) for row in csv.DictReader(handle)]
    assert len(pairs) == 53
    assert [pair for pair in pairs if owner[pair[0]] != owner[pair[1]]] == []


def test_each_passage_has_the_hash_of_its_lines(records: list[Quad], lines: Callable[[str], bytes]) -> None:
    first, last, document, sha = (values(records, MG + p) for p in ("firstLine", "lastLine", "inDocument", "sha256"))
    passages = [subject for subject in first if "/passage/" in subject]
    assert len(passages) >= 520
    for subject in passages:
        source = document[subject][0].rpartition("/")[2]
        name = f"{source}-{first[subject][0]}-{last[subject][0]}"
        assert subject.endswith(f"/passage/{name}")
        assert hashlib.sha256(lines(name)).hexdigest() == sha[subject][0], subject


def test_what_was_printed_stands_in_the_lines_of_its_passage(
    records: list[Quad], lines: Callable[[str], bytes]
) -> None:
    evidence, printed = values(records, MG + "evidence"), values(records, MG + "asWritten")
    assert len(printed) >= 140
    for subject, texts in printed.items():
        passages = [place for place in evidence[subject] if "/passage/" in place]
        assert passages, subject
        for passage in passages:
            assert texts[0] in lines(passage.rpartition("/")[2]).decode(), subject


def test_names_stand_letter_for_letter_in_the_lines_of_each_passage(
    records: list[Quad], lines: Callable[[str], bytes]
) -> None:
    """A no-break space in a document counts as a space: it is layout, not a letter of the name."""
    evidence, named = values(records, MG + "evidence"), values(records, MG + "nameText")
    assert len(named) >= 580
    astray = [
        (subject, place)
        for subject, texts in named.items()
        for place in evidence[subject]
        if texts[0] not in lines(place.rpartition("/passage/")[2]).decode().replace("\u00a0", " ")
    ]
    assert astray == []


def test_a_printed_name_is_recorded_once_per_document(records: list[Quad]) -> None:
    evidence, kind = values(records, MG + "evidence"), values(records, MG + "namingKind")
    counted: Counter[tuple[str, ...]] = Counter()
    for subject, (text,) in values(records, MG + "nameText").items():
        (document,) = {place.rpartition("/passage/")[2].rsplit("-", 2)[0] for place in evidence[subject]}
        counted[subject.partition("#")[0], text, kind[subject][0], document] += 1
    assert [name for name, n in counted.items() if n > 1] == []


def test_one_figure_is_one_record(records: list[Quad]) -> None:
    """Data Cube, IC-11 and IC-12: each observation has each dimension, and no two have the same values of all."""
    dimensions = [values(records, MG + name) for name in DIMENSIONS]
    figures = {quad.subject.value for quad in records if quad.predicate.value == MG + "indicator"}
    assert len(figures) >= 400
    assert [figure for figure in figures if any(figure not in dimension for dimension in dimensions)] == []
    told_apart = Counter(tuple(tuple(sorted(dimension[figure])) for dimension in dimensions) for figure in figures)
    assert [key for key, n in told_apart.items() if n > 1] == []


def test_literals_are_as_the_store_keeps_them(quads: list[Quad]) -> None:
    """The store canonicalises numbers and dates; a literal written otherwise would change under an export."""
    kept = set(in_memory(quads))
    assert [str(quad) for quad in quads if quad not in kept] == []


def test_a_record_graph_holds_only_its_record(quads: list[Quad]) -> None:
    astray = [q for q in quads if transaction.record_graph(q.subject.value) not in (None, q.graph_name.value)]  # type: ignore[union-attr]
    assert astray == []
    triples = Counter(quad.triple for quad in quads)
    assert [str(triple) for triple, n in triples.items() if n > 1] == []


def test_every_iri_of_ours_that_is_spoken_of_is_spoken_for(quads: list[Quad]) -> None:
    known = {quad.subject for quad in quads}
    named = {
        q.object for q in quads if isinstance(q.object, NamedNode) and q.object.value.startswith((BASE + "id/", MG))
    }
    assert sorted(str(node) for node in named - known) == []


def test_names_and_texts_are_there_in_both_languages(quads: list[Quad]) -> None:
    bilingual = [SKOS + name for name in ("prefLabel", "definition", "editorialNote")] + [DCT + "description"]
    tags: dict[tuple[str, str], Counter[str | None]] = {}
    for quad in quads:
        if quad.predicate.value in bilingual and isinstance(quad.object, Literal):
            key = (quad.subject.value, quad.predicate.value)  # type: ignore[union-attr]
            tags.setdefault(key, Counter())[quad.object.language] += 1
    assert len(tags) > 2000
    assert {key: found for key, found in tags.items() if set(found) != {"nl", "en"} or found["nl"] != found["en"]} == {}


def test_no_addresses_or_numbers_of_persons(quads: list[Quad]) -> None:
    private = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|\b0\d{1,3}[- ]?\d{6,8}\b|\+31[ \d-]{8,}")
    assert [str(q) for q in quads if isinstance(q.object, Literal) and private.search(q.object.value)] == []


def test_there_are_records_of_every_collection() -> None:
    assert len(files.turtle_files("data")) >= 38
