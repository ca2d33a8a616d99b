"""What the log holds of a Change is what the Change did, whatever characters stand in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple

from missiegraaf import log
from missiegraaf.namespaces import BASE

HERE, OTHER = BASE + "id/place/here", BASE + "id/place/other"
PROPERTY = NamedNode(BASE + "def#description")
# Some of which Python counts as ends of lines, and N-Triples does not.
texts = st.lists(st.text('a\n\r\x0b\x0c\x1c\x85\u2028\u2029 <>"\\'), max_size=3)


def quads(record: str, said: Collection[str]) -> frozenset[Quad]:
    graph = NamedNode(record.replace("/id/", "/doc/"))
    return frozenset(Quad(NamedNode(record), PROPERTY, Literal(text), graph) for text in said)


@given(texts, texts)
@example(["a\u2028b"], ["a\u0085<b"])
def test_an_entry_tells_of_each_record_what_went_and_what_came(went: list[str], came: list[str]) -> None:
    removed, added = quads(HERE, went) | quads(OTHER, came), quads(HERE, came) | quads(OTHER, went)
    change = log.Change(removed, added, "a1", "editor", "to try", datetime(2026, 1, 1, tzinfo=UTC))
    said = [quad.triple for quad in log.entry(change, 7, BASE)]
    for record in (HERE, OTHER):
        (entry,) = log.entries(said, record, BASE)
        assert entry.removed == of(record, removed)
        assert entry.added == of(record, added)


def of(record: str, changed: Collection[Quad]) -> set[Triple]:
    return {quad.triple for quad in changed if quad.subject == NamedNode(record)}
