"""Readers that hold given quads, and what they tell an update would change."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

from pyoxigraph import Quad, Store

from missiegraaf.engine import differing
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.differing import Update
from missiegraaf.engine.versioned import Source, Versioned
from missiegraaf.engine.writer import Writer

PREFIXES = {"given": "e:"}


def held(quads: Iterable[Quad], records: str = "") -> Versioned:
    """A reader that holds these in memory."""
    store = Store()
    store.bulk_extend(quads)
    with mock.patch.object(Versioned, "_whole", return_value=store):
        return Versioned(Source("", 1, True, None, records))


@contextmanager
def read(quads: Iterable[Quad], in_memory: bool, records: str = "") -> Iterator[Versioned]:
    """A reader of a store on disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "quads")
        store = Store(str(path))
        store.bulk_extend(quads)
        del store
        with closing(Writer(path, 1, in_memory, keep=0)) as writer:
            yield Versioned(replace(writer.source, records=records))


def difference(found: Versioned, update: str) -> Difference:
    told = differing.difference(Update(update, "http://base/", PREFIXES, found.records), found.at(1), found.changed)
    assert found.at(1) is found._store
    return told
