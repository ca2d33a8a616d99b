"""What tests share: the project's own graph, read from its files once."""

from __future__ import annotations

import pytest
from pyoxigraph import Quad

from missiegraaf import reasoning, transaction
from missiegraaf.engine.embedded import Dataset, in_memory


@pytest.fixture(scope="session")
def asserted() -> transaction.Graph:
    """Ontology and records, as the files state them."""
    return transaction.read()


@pytest.fixture(scope="session")
def graph(asserted: transaction.Graph) -> Dataset:
    """A dataset in memory whose default graph holds what is asserted and what follows from it."""
    inferred = reasoning.infer(asserted.triples).inferred
    return in_memory(Quad(t.subject, t.predicate, t.object) for t in (*asserted.triples, *inferred))
