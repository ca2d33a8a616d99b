"""A reader in memory is where the Changes lead, wherever it starts and whatever happens meanwhile."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from missiegraaf.engine import changes, versioned
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.versioned import Source, Versioned
from missiegraaf.engine.writer import Writer
from missiegraaf.errors import StoreError

QUADS = [
    Quad(NamedNode("e:s"), NamedNode("e:p"), Literal(text), graph)
    for text in "abc"
    for graph in (DefaultGraph(), NamedNode("e:g"))
]
STATES = st.lists(st.frozensets(st.sampled_from(QUADS)), min_size=2, max_size=7)


def leading(states: list[frozenset[Quad]]) -> list[Difference]:
    return [Difference(old - new, new - old) for old, new in pairwise(states)]


@settings(max_examples=60, deadline=None)
@given(states=STATES, data=st.data())
def test_a_reader_is_where_the_changes_lead_wherever_it_starts(
    states: list[frozenset[Quad]], data: st.DataObject
) -> None:
    """The store is opened when it has the Changes up to `opened`; others come before it is read and while it is."""
    last = len(states) - 1
    opened = data.draw(st.integers(0, last), "opened")
    files = data.draw(st.integers(opened, min(opened + 1, last)), "files before the store is opened")
    later = data.draw(st.integers(files, last), "files when it is read")
    with tempfile.TemporaryDirectory() as folder:
        quads, since = Path(folder, "quads"), Path(folder, "since")
        since.mkdir()
        Store(str(quads)).bulk_extend(states[opened])
        differences = leading(states)

        def write(start: int, stop: int) -> None:
            for version in range(start + 1, stop + 1):
                changes.write(since, version, differences[version - 1], keep=0)

        write(0, files)

        def open_it(path: str) -> Store:
            write(files, later)
            return Store(path)

        with mock.patch.object(versioned, "Store", mock.Mock(side_effect=Store, read_only=open_it)):
            follower = Versioned(Source(str(quads), 0, True, str(since)))
        write(later, last)
        for version in data.draw(st.lists(st.integers(0, last), min_size=1, max_size=6), "asked"):
            assert frozenset(follower.at(version)) == states[version]


def test_a_change_that_the_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    """A reader that started in its midst does not take it for one either."""
    writer = Writer(tmp_path / "quads", 0, in_memory=True, keep=0)
    store, started = writer.store, []

    def refuse(*_: object) -> None:
        started.append(Versioned(writer.source))
        raise OSError("no space left")

    writer._store = mock.Mock(wraps=store, **{"update.side_effect": refuse})
    with pytest.raises(StoreError, match="nothing was written"):
        writer.apply(Difference(frozenset(), frozenset(QUADS[:2])))
    assert (writer.version, len(store)) == (0, 0)
    writer._store = store
    assert writer.apply(Difference(frozenset(), frozenset(QUADS[2:3]))) == 1
    assert frozenset(started[0].at(1)) == frozenset(store) == frozenset(QUADS[2:3])
    writer.close()


def test_a_change_that_is_written_and_not_synced_is_told_so_and_seen(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "quads", 0, in_memory=True, keep=20)
    follower = Versioned(writer.source)
    with (
        mock.patch("os.fsync", side_effect=OSError("no space left")),
        pytest.raises(StoreError, match="it was written"),
    ):
        writer.apply(Difference(frozenset(), frozenset(QUADS[:2])))
    assert writer.version == 1
    assert frozenset(follower.at(1)) == frozenset(writer.store) == frozenset(QUADS[:2])
    writer.close()


def test_a_former_version_is_found_without_reading_the_store_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "quads", 0, in_memory=True, keep=20)
    follower = Versioned(writer.source)
    for quad in QUADS[:3]:
        writer.apply(Difference(frozenset(), frozenset([quad])))
    assert len(follower.at(3)) == 3
    with mock.patch.object(Versioned, "_whole", side_effect=AssertionError):
        assert len(follower.at(1)) == 1
    writer.close()


def test_half_a_snapshot_is_written_anew(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "quads", 0, in_memory=False, keep=1)
    changes.snapshot(Path(writer.source.since or ""), 1).mkdir()
    assert writer.update("INSERT DATA { <e:s> <e:p> 1 }", "e:") == 1
    assert len(Versioned(writer.source).at(1)) == 1
    writer.close()
