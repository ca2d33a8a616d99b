"""A version that is published: its dumps say what the graph says, and are there whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import zstandard
from pyoxigraph import Literal, NamedNode, Quad, parse

from missiegraaf import dumps, export, publishing
from missiegraaf.config import Settings
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.errors import NotFound, NotPublished
from missiegraaf.facts import COMPRESSIONS
from missiegraaf.formats import media
from missiegraaf.namespaces import BASE, SKOS
from missiegraaf.published import Published

INFERRED = NamedNode(BASE + "inferred")
LABEL = NamedNode(SKOS + "hiddenLabel")


def place(name: str, label: str, graph: NamedNode | None = None) -> Quad:
    record = NamedNode(f"{BASE}id/place/{name}")
    return Quad(record, LABEL, Literal(label), graph or NamedNode(f"{BASE}doc/place/{name}"))


@pytest.fixture
def small() -> Dataset:
    quads = [place("a", "é\n\"'"), place("b", "<b>"), place("a", "follows", INFERRED)]
    return in_memory([*quads, *(Quad(*quad.triple) for quad in quads)])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store=str(tmp_path), kept_dumps=2)


def unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else zstandard.decompress(content, 10**8)


def test_each_dump_says_what_the_graph_says(small: Dataset, settings: Settings) -> None:
    publishing.publish(small, 1, settings)
    published, seen = Published.of(settings), []
    for file in published.newest().files:
        path = published.folder / "1" / file.name
        assert (len(path.read_bytes()), hashlib.sha256(path.read_bytes()).hexdigest()) == (file.length, file.sha256)
        content = unpacked(path)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.content_length, file.content_sha256)
        graphs = [g for g in small.named_graphs() if file.inferred or g != INFERRED]
        expected = {quad for graph in graphs for quad in small.quads_for_pattern(None, None, None, graph)}
        quads = set(parse(content, media.RDF[file.suffix]))
        if file.suffix == "ttl":
            assert {quad.triple for quad in quads} == {quad.triple for quad in expected}
        else:
            assert quads == expected
        seen.append((file.suffix, file.inferred, file.compression))
    assert len(set(seen)) == len(seen) == len(dumps.FORMATS) * 2 * len(COMPRESSIONS) == 16
    canonical = published.folder / "1" / dumps.name(1, True, "nq", "gz")
    asserted, inferred = export.lines(small, BASE)
    assert unpacked(canonical) == b"".join(sorted(asserted + inferred))


def test_equal_graphs_give_equal_files(small: Dataset, settings: Settings, tmp_path: Path) -> None:
    other = replace(settings, store=str(tmp_path / "other"))
    for each in (settings, other):
        publishing.publish(small, 1, each)
    first, second = (
        {p.name: p.read_bytes() for p in (Path(s.store) / "published/1").iterdir()} for s in (settings, other)
    )
    assert first == second
    assert len(first) == 16 + 2  # the facts and the site map


def test_former_versions_go_but_as_many_as_are_kept(small: Dataset, settings: Settings) -> None:
    for version in (1, 2, 4, 4, 3):
        publishing.publish(small, version, settings)
    assert Published.of(settings).versions() == [2, 4]
    with pytest.raises(NotFound, match="there are: 2, 4"):
        Published.of(settings).facts(1)


def test_a_failure_leaves_what_was_published_and_no_half_of_it(small: Dataset, settings: Settings) -> None:
    published = Published.of(settings)
    with pytest.raises(NotPublished):
        published.newest()
    publishing.publish(small, 1, settings)
    no_space = OSError("no space")
    with mock.patch.object(dumps, "serialize", side_effect=no_space), pytest.raises(OSError, match="no space"):
        publishing.publish(small, 2, settings)
    assert (published.versions(), published.newest().version) == ([1], 1)
    publishing.publish(small, 2, settings)
    assert (published.versions(), len(published.newest().files)) == ([1, 2], 16)
    assert not (published.folder / "unfinished").exists()
