"""Whoever replays the feed has the graph; however it was written, and whatever happened meanwhile."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from missiegraaf import feed, log
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.feed import pages as feed_pages
from missiegraaf.log import Change
from missiegraaf.namespaces import BASE, DCT

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
    states = [states[0], *(new for old, new in zip(states, states[1:], strict=False) if new != old)]
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
