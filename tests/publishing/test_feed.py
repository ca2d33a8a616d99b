"""Whoever replays the feed has the graph; however it was written, and whatever happened meanwhile."""

from __future__ import annotations

import fcntl
import itertools
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, parse

from missiegraaf import feed, log
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.errors import StoreError
from missiegraaf.feed import pages as feed_pages
from missiegraaf.log import Change
from missiegraaf.namespaces import BASE, DCT, LDES

from . import replay

RECORDS = [f"{BASE}id/place/{name}" for name in ("a", "b", "caf%C3%A9")]
QUADS = [
    Quad(NamedNode(record + part), NamedNode(DCT + "title"), Literal(text), NamedNode(record.replace("/id/", "/doc/")))
    for record in RECORDS
    for part in ("", "#part")
    for text in ('x-missiegraaf:feed "quoted"\n', "é")
]
STATES = st.lists(st.frozensets(st.sampled_from(QUADS)), min_size=1, max_size=7)


def change(dataset: Dataset, version: int, target: frozenset[Quad]) -> None:
    """Write the Change that leads from what is there to the target, as a commit does; a day passes each time."""
    there = frozenset(quad for quad in dataset if quad.graph_name not in (log.graph(BASE), DefaultGraph()))
    time = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(days=version)
    made = Change(there - target, target - there, "somebody", "editor", "because", time)
    for quad in made.removed:
        dataset.remove(quad)
        if not any(dataset.quads_for_pattern(None, None, None, quad.graph_name)):
            dataset.remove_graph(quad.graph_name)
    dataset.extend([*made.added, *log.entry(made, version, BASE)])


def lines(state: frozenset[Quad]) -> bytes:
    return b"".join(sorted(f"{quad} .\n".encode() for quad in state))


@settings(max_examples=40, deadline=None)
@given(states=STATES, steps=st.sets(st.integers(1, 7)), size=st.integers(1, 4))
def test_a_replay_gives_every_version_and_equal_pages_in_whatever_steps_they_were_made(
    states: list[frozenset[Quad]], steps: set[int], size: int
) -> None:
    """Pages are the same bytes when all Changes are put into them at once."""
    states = [states[0], *(new for old, new in itertools.pairwise(states) if new != old)]
    dataset = in_memory(states[0])
    with mock.patch.object(feed_pages, "_MEMBERS", size), tempfile.TemporaryDirectory() as folder:
        by_steps, at_once = Path(folder, "steps"), Path(folder, "once")
        for version, target in enumerate(states, 1):
            if version > 1:
                change(dataset, version, target)
            if version in steps:
                feed.extend(dataset, str(by_steps), BASE)
        for place in (by_steps, at_once):
            feed.extend(dataset, str(place), BASE)
            expected = {version: lines(state) for version, state in enumerate(states, 1) if version > 1 or state}
            assert dict(replay.replayed(replay.pages(place))) == expected
        assert contents(by_steps) == contents(at_once)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def written() -> Dataset:
    """Five versions of three records."""
    dataset, states = in_memory(QUADS[:4]), [QUADS[2:6], QUADS[4:9], QUADS[8:12], QUADS[:12]]
    for version, target in enumerate(states, 2):
        change(dataset, version, frozenset(target))
    return dataset


@pytest.fixture
def small_pages() -> Iterator[None]:
    with mock.patch.object(feed_pages, "_MEMBERS", 2):
        yield


@pytest.mark.usefixtures("small_pages")
def test_a_page_says_the_same_in_every_format(written: Dataset, tmp_path: Path) -> None:
    feed.extend(written, str(tmp_path), BASE)
    kept = feed.Pages(tmp_path)
    reached = kept.state
    assert (reached.version, reached.first, reached.since) == (5, 1, "")
    for page in range(1, reached.last + 1):
        content = {offer.suffix: kept.content(reached, page, offer, replay.FEED) for offer in feed.FORMATS}
        graphs = [set(parse(content[offer.suffix], offer.rdf)) for offer in feed.FORMATS]
        assert graphs[0] == graphs[1] == graphs[2] != set()
        ends = ["true"] * (page < reached.last)
        assert ends == replay.objects(graphs[0], LDES + "immutable")
    assert reached.last == 5


@pytest.mark.usefixtures("small_pages")
def test_a_failure_before_the_state_is_written_leaves_the_former_pages(written: Dataset, tmp_path: Path) -> None:
    """Also when what was half done is done again with more Changes than before."""
    before, after = tmp_path / "before", tmp_path / "after"
    first = in_memory(quad for quad in written if quad.graph_name != log.graph(BASE))
    for graph in {quad.graph_name for quad in QUADS}:
        first.clear_graph(graph)
    first.extend(QUADS[:4])
    for folder in (before, after):
        feed.extend(first, str(folder), BASE)
    found = contents(before)
    with (
        mock.patch.object(Path, "replace", side_effect=OSError("no space")),
        pytest.raises(StoreError, match="no space"),
    ):
        feed.extend(written, str(before), BASE)
    assert {name: content for name, content in contents(before).items() if name in found} == found
    assert feed.state(before) == feed.state(after)
    for folder in (before, after):
        feed.extend(written, str(folder), BASE)
    assert list(replay.replayed(replay.pages(before))) == list(replay.replayed(replay.pages(after)))


@pytest.mark.usefixtures("small_pages")
def test_pages_that_are_not_kept_are_gone_and_the_feed_says_from_when_on_it_has_all(
    written: Dataset, tmp_path: Path
) -> None:
    feed.extend(written, str(tmp_path), BASE, keep=2, dumped=5)
    reached = feed.state(tmp_path)
    assert (reached.first, reached.last) == (4, 5)
    assert {path.name.split(".")[0] for path in tmp_path.glob("*.nq")} == {"4", "5-5"}
    root = feed.root(reached, replay.FEED, BASE, {})
    assert replay.nodes(root) == [f"{replay.FEED}/4", f"{replay.FEED}/5"]
    (since,) = replay.objects(root, LDES + "startingFrom")
    kept = list(replay.pages(tmp_path))
    members = {quad.subject for page in kept for quad in page if quad.predicate == NamedNode(DCT + "created")}
    every = list(feed.members(written, 0, 5, BASE))
    assert members >= {member.iri(BASE) for member in every if member.change.time >= since} != set()
    assert any(member.iri(BASE) not in members for member in every)
    begin = [page.version for page in reached.pages]
    for version in range(6):  # all that came after it is there, and it begins on that page or with the next
        number = reached.after(version)
        assert begin[number - 1] <= max(version, 1)
        assert all(later > version for later in begin[number:])


@pytest.mark.usefixtures("small_pages")
def test_pages_that_lead_on_from_the_newest_dump_stay(written: Dataset, tmp_path: Path) -> None:
    for dumped in range(6):
        feed.extend(written, str(tmp_path / str(dumped)), BASE, keep=1, dumped=dumped)
        reached = feed.state(tmp_path / str(dumped))
        assert reached.first == reached.after(dumped)
    assert reached.first == reached.last


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("broken", ["", "{", '{"version": 4'])
def test_pages_whose_state_cannot_be_read_are_made_again(written: Dataset, tmp_path: Path, broken: str) -> None:
    feed.extend(written, str(tmp_path), BASE)
    before = contents(tmp_path)
    (tmp_path / "state.json").write_text(broken, encoding="utf-8")
    (tmp_path / "9.nq").write_text("of nobody", encoding="utf-8")
    feed.extend(written, str(tmp_path), BASE)
    assert contents(tmp_path) == before


def test_who_may_not_wait_leaves_it_to_who_is_at_it(written: Dataset, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        feed.extend(written, str(tmp_path), BASE, wait=False)
        assert feed.state(tmp_path).version == 0
