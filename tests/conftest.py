"""What tests share: the project's own graph, read from its files once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Quad

from missiegraaf import reasoning, transaction
from missiegraaf.engine.embedded import Dataset, in_memory

# These modules assert for tests, and say what differs as the tests do.
pytest.register_assert_rewrite(f"{__package__}.differences", f"{__package__}.maintained")
pytest.register_assert_rewrite(f"{__package__}.protocol.faults.marks")

LONG = "MISSIEGRAAF_LONG" in os.environ  # `make oracles` and `make faults`
SHARED = Path(os.environ.get("MISSIEGRAAF_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def asserted() -> transaction.Graph:
    """Ontology and records, as the files state them."""
    return transaction.read()


@pytest.fixture(scope="session")
def graph(asserted: transaction.Graph) -> Dataset:
    """A dataset in memory whose default graph holds what is asserted and what follows from it."""
    inferred = reasoning.infer(asserted.triples).inferred
    return in_memory(Quad(t.subject, t.predicate, t.object) for t in (*asserted.triples, *inferred))


def beside(name: str) -> Path:
    """A folder of what lies beside the project; the test is skipped where it does not."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set MISSIEGRAAF_SHARED to the folder that holds {name}")
    return folder


@pytest.fixture
def reference() -> Path:
    return beside("reference")


@pytest.fixture
def lines() -> Callable[[str], bytes]:
    """The lines of a passage, by the last part of its IRI: `seed-<number>-<first>-<last>`."""
    folder = beside("seeds")

    def read(passage: str) -> bytes:
        number, first, last = passage.removeprefix("seed-").split("-")
        (path,) = folder.glob(f"{number}_*.txt")
        return b"\n".join(path.read_bytes().split(b"\n")[int(first) - 1 : int(last)])

    return read


@pytest.fixture(scope="session")
def dataset(asserted: transaction.Graph) -> Dataset:
    """What is asserted, in its graphs and in the default graph, as a store has it."""
    return in_memory([*asserted.quads, *(Quad(*quad.triple) for quad in asserted.quads)])
