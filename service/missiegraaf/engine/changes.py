"""What happened since the readers started: a file for each Change, or a snapshot of each version.

A reader in memory follows the Changes, forward and back; one that reads from disk opens the snapshot of a version.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse, serialize

# Changes that stay at least: more than come while a reader reads a large store into memory.
FOLLOWED: Final = 1000


@dataclass(frozen=True)
class Difference:
    """Quads that were there and go, and quads that were not there and come."""

    removed: frozenset[Quad]
    added: frozenset[Quad]

    def apply(self, dataset: Store) -> None:
        """Carry it out on a dataset. A graph from which all goes is no more."""
        for quad in self.removed:
            dataset.remove(quad)
        dataset.extend(self.added)
        for name in {quad.graph_name for quad in self.removed} - {DefaultGraph()}:
            if next(dataset.quads_for_pattern(None, None, None, name), None) is None:
                dataset.remove_graph(name)

    def undone(self) -> Difference:
        """Return the difference that takes this one back."""
        return Difference(self.added, self.removed)


def write(folder: Path, version: int, difference: Difference, keep: int) -> None:
    """Add the Change that leads to `version`; of the older ones, `keep` stay, or FOLLOWED. Raises OSError."""
    removed, added = _bytes(difference.removed), _bytes(difference.added)
    unfinished = folder / "unfinished"
    unfinished.write_bytes(f"{len(removed)}\n".encode() + removed + added)
    unfinished.replace(folder / str(version))
    (folder / str(version - max(keep, FOLLOWED))).unlink(missing_ok=True)


def read(folder: Path, version: int) -> Difference:
    """Return the Change that led to `version`. Raises FileNotFoundError where it is no longer, or not yet, there."""
    length, _, quads = (folder / str(version)).read_bytes().partition(b"\n")
    return Difference(_quads(quads[: int(length)]), _quads(quads[int(length) :]))


def snapshot(folder: Path, version: int) -> Path:
    """Return the folder of the snapshot of a version."""
    return folder / f"snapshot-{version}"


def write_snapshot(folder: Path, version: int, dataset: Store, keep: int) -> None:
    """Add a snapshot of the dataset as it is; of the older ones, `keep` stay. Raises OSError.

    At least one does, which a reader may just be about to open.
    """
    target = snapshot(folder, version)
    shutil.rmtree(target, ignore_errors=True)  # half of one, which the disk did not take
    dataset.backup(str(target))
    shutil.rmtree(snapshot(folder, version - max(keep, 1) - 1), ignore_errors=True)


def kept(folder: Path) -> range:
    """Return the versions whose Changes are kept, in their order."""
    found = sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())
    return range(found[0], found[-1] + 1) if found else range(0)


def quad_data(quads: Iterable[Quad]) -> str:
    """Return quads as SPARQL 1.1 Update writes them between the braces of INSERT DATA (QuadData)."""
    by_graph: dict[str, list[Quad]] = {}
    for quad in quads:
        by_graph.setdefault(str(quad.graph_name), []).append(quad)
    blocks = []
    for name, found in by_graph.items():
        triples = (serialize([quad.triple for quad in found], format=RdfFormat.N_TRIPLES) or b"").decode()
        blocks.append(triples if name == "DEFAULT" else f"GRAPH {name} {{ {triples} }}")
    return "\n".join(blocks)


def _bytes(quads: Iterable[Quad]) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def _quads(content: bytes) -> frozenset[Quad]:
    return frozenset(parse(content, RdfFormat.N_QUADS, rename_blank_nodes=False))
