"""The synthetic graph: as many as asked, as the shapes ask, as skewed as the real one, and the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf import generate, reasoning, transaction
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.namespaces import BASE, DCT, RDF, SKOS

MG = BASE + "def#"
REAL = 308  # communities of the project's own records


@pytest.fixture(scope="module")
def real(asserted: transaction.Graph) -> list[Triple]:
    concepts = {
        t.subject
        for t in asserted.triples
        if t.object in (NamedNode(SKOS + "Concept"), NamedNode(SKOS + "ConceptScheme"))
    }
    return [t for t in asserted.triples if record(t) and NamedNode(record(t)) not in concepts]


@pytest.fixture(scope="module")
def twice(asserted: transaction.Graph) -> list[Triple]:
    """Two whole layers and a part of a third."""
    return list(generate.generate(asserted.quads, 2 * REAL + 100, 1))


def missiegraaf(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "missiegraaf", *arguments], capture_output=True, check=False)


def record(triple: Triple) -> str:
    subject = triple.subject.value
    return subject.partition("#")[0] if subject.startswith(BASE + "id/") else ""


def of_class(triples: Iterable[Triple], name: str) -> set[str]:
    return {t.subject.value for t in triples if t.predicate.value == RDF + "type" and t.object.value == MG + name}


def degrees(triples: Iterable[Triple], predicate: str) -> list[int]:
    """How often each organisation is referred to, those first to which most refer."""
    triples = list(triples)
    counts = Counter(t.object.value for t in triples if t.predicate.value == MG + predicate)
    return sorted((counts[iri] for iri in of_class(triples, "Organisation")), reverse=True)


def share(found: list[int]) -> float:
    """Which share of all memberships the first 5 % of organisations have."""
    return sum(found[: len(found) // 20]) / sum(found)


KINDS = 4  # of communities: some are a programme, an organisation or both as well


@settings(max_examples=4, deadline=None)
@given(st.integers(KINDS, 320), st.integers())
@example(KINDS, 0)
def test_there_are_as_many_communities_as_asked_and_the_same_graph_every_time(
    asserted: transaction.Graph, communities: int, seed: int
) -> None:
    triples = list(generate.generate(asserted.quads, communities, seed))
    assert len(of_class(triples, "LearningCommunity")) == communities
    assert triples == list(generate.generate(asserted.quads, communities, seed))
    assert len(set(triples)) == len(triples)


def test_too_few_communities_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.nt"
    done = missiegraaf("generate", "--communities", str(KINDS - 1), "--out", path)
    assert done.returncode == 2
    assert f"ask for {KINDS} or more" in done.stderr.decode()
    assert not path.exists()


def test_another_seed_gives_another_graph(asserted: transaction.Graph) -> None:
    one, two = (set(generate.generate(asserted.quads, 20, seed)) for seed in (1, 2))
    assert one != two


def test_a_generated_file_loads_and_conforms(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.nt"
    assert missiegraaf("generate", "--communities", "20", "--seed", "7", "--out", path).stdout == b""
    done = missiegraaf("load", path, "--store", tmp_path / "store")
    assert done.returncode == 0, done.stdout + done.stderr


def test_both_formats_say_the_same_and_twice_the_same_bytes(tmp_path: Path) -> None:
    read = []
    for style in ("nt", "ttl"):
        path = tmp_path / f"synthetic.{style}"
        arguments = ("generate", "--communities", "5", "--seed", "7", "--format", style)
        missiegraaf(*arguments, "--out", path)
        assert missiegraaf(*arguments).stdout == path.read_bytes()
        read.append(transaction.records(path))
    assert set(read[0]) == set(read[1])


def test_a_graph_of_several_layers_conforms_and_contradicts_nothing(
    asserted: transaction.Graph, twice: list[Triple], real: list[Triple]
) -> None:
    own = set(real)
    ontology = [t for t in asserted.triples if t not in own]
    assert reasoning.infer([*ontology, *twice]).conflicts == ()
    subjects = {t.subject for t in (*ontology, *twice)}
    named = {t.object for t in twice if isinstance(t.object, NamedNode) and t.object.value.startswith(BASE)}
    assert named - subjects == set()


def test_other_kinds_are_there_in_proportion(real: list[Triple], twice: list[Triple]) -> None:
    scale = (2 * REAL + 100) / REAL
    kinds = [Counter(record(t).rpartition("/")[0].rpartition("/")[2] for t in found) for found in (real, twice)]
    uneven = {
        kind: (n, kinds[1][kind])
        for kind, n in kinds[0].items()
        if n > 500 and not 0.9 < kinds[1][kind] / n / scale < 1.2
    }
    assert {k: v for k, v in uneven.items() if k != "period"} == {}
    assert 0.95 < len(twice) / len(real) / scale < 1.1


def test_no_record_can_be_taken_for_a_real_one(real: list[Triple], twice: list[Triple]) -> None:
    known = {t for t in real if isinstance(t.object, Literal)}
    names = re.compile(r"/id/(?:[\w-]+/synthetic-|period/|dataset/)")
    others = {record(t) for t in twice if not names.search(t.subject.value)}
    assert {iri.split("/")[-2] for iri in others} == {"passage", "source"}
    assert len(others) < 30
    assert all(t in known for t in twice if record(t) in others and isinstance(t.object, Literal))
    identifiers = Counter(t.object.value for t in twice if t.predicate.value == DCT + "identifier")
    assert max(identifiers.values()) == 1


def test_literals_are_as_the_store_keeps_them(twice: list[Triple]) -> None:
    dataset: Dataset = in_memory()
    dataset.extend(transaction.Quad(t.subject, t.predicate, t.object) for t in twice)
    kept = {quad.triple for quad in dataset}
    assert [str(t) for t in twice if t not in kept] == []


def test_memberships_are_as_skewed_as_in_reality(real: list[Triple], twice: list[Triple]) -> None:
    """A few organisations are members of many communities, most of one or none."""
    there, here = degrees(real, "member"), degrees(twice, "member")
    assert abs(share(there) - share(here)) < 0.05
    assert share(there) > 0.25
    assert abs(here.count(1) / len(here) - there.count(1) / len(there)) < 0.1
    assert abs(sum(here) / len(here) - sum(there) / len(there)) < 0.2
