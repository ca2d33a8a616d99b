"""What may go wrong around the service: what its tests share, a small store to write in, its admin, a service.

`make faults` runs the long versions (MISSIEGRAAF_LONG=1): 200 kills and ten minutes of mixed load.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from missiegraaf import tokens, transaction
from missiegraaf.engine import embedded
from missiegraaf.namespaces import BASE

from ..conftest import started
from .marks import PLACES


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory, asserted: transaction.Graph) -> Path:
    """A store of some 220 records: those that are written here, and all that they point to; with the ontology."""
    folder = tmp_path_factory.mktemp("seed")
    records: dict[NamedNode | None, list[Quad]] = {}
    for quad in asserted.quads:
        records.setdefault(quad.graph_name, []).append(quad)
    written = [f"place/{place}" for pair in PLACES for place in pair] + ["programme/zorgpact", "programme/techniekpact"]
    found, new = set(), {NamedNode(f"{BASE}doc/{name}") for name in written}
    while new:
        found |= new
        objects = {q.object.value for name in new for q in records[name] if isinstance(q.object, NamedNode)}
        new = {NamedNode(transaction.record_graph(iri) or iri) for iri in objects} & records.keys() - found
    quads = tuple(quad for name in sorted({*found, NamedNode(BASE + "def")}, key=str) for quad in records[name])
    with embedded.lock(folder):
        transaction.load(folder, transaction.Graph(quads, asserted.sha256, own=False), trusted=True)
    return folder


@pytest.fixture
def store(seed: Path, tmp_path: Path) -> Path:
    """A copy of it, to write in."""
    return Path(shutil.copytree(seed, tmp_path / "store", symlinks=True))


@pytest.fixture
def admin(store: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(store, 'an admin', 'admin')}"}


@pytest.fixture
def service(store: Path) -> Iterator[str]:
    with started(MISSIEGRAAF_STORE=str(store), MISSIEGRAAF_QUERY_SECONDS="30") as (address, _):
        yield address
