"""The embedded store on disk: built whole in a new folder, then named `current` in one step.

STORE/current -> graph-<hash>     the graph in use, a symbolic link
STORE/graph-<hash>/quads/         the RocksDB database of pyoxigraph
STORE/graph-<hash>/about.json     layout, version, and what the graph was made from
STORE/lock                        held by the one process that serves or loads
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pyoxigraph import DefaultGraph, Quad, Store

from missiegraaf.errors import StoreError

LAYOUT: Final = 1
Dataset = Store


def in_memory(quads: Iterable[Quad] = ()) -> Dataset:
    """Return a dataset in memory that holds these quads."""
    dataset = Store()
    dataset.bulk_extend(quads)
    return dataset


def create(store: Path, quads: Iterable[Quad], about: Mapping[str, Any], name: str) -> None:
    """Write a graph of public quads to a new folder and make it the current one; a former one is removed after that.

    Each quad goes to its named graph and to the default graph. Either all of it becomes current or nothing changes.
    The caller holds `lock`.
    """
    building, final = store / f"building-{name}", store / f"graph-{name}"
    for left_over in (building, *store.glob("building-*")):
        shutil.rmtree(left_over, ignore_errors=True)
    building.mkdir(parents=True)
    dataset = Store(str(building / "quads"))
    dataset.bulk_extend(_with_default_graph(quads))
    dataset.optimize()
    dataset.flush()
    del dataset  # closes the database
    (building / "about.json").write_text(json.dumps({"layout": LAYOUT, **about}, indent=2) + "\n", encoding="utf-8")
    former = [folder for folder in store.glob("graph-*") if folder != final]
    shutil.rmtree(final, ignore_errors=True)
    building.rename(final)
    link = store / f"current-{name}"
    link.unlink(missing_ok=True)
    link.symlink_to(final.name)
    link.replace(store / "current")
    for folder in former:
        shutil.rmtree(folder, ignore_errors=True)


def is_filled(store: Path) -> bool:
    """Tell whether the store has a current graph."""
    return (store / "current").exists()


def about(store: Path) -> dict[str, Any]:
    """Return what is known of the current graph. Raises StoreError where there is none, or one of another layout."""
    try:
        found: dict[str, Any] = json.loads((store / "current" / "about.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{store} holds no graph; `missiegraaf load --store {store}` fills it") from None
    if found.get("layout") != LAYOUT:
        raise StoreError(
            f"{store} has layout {found.get('layout')}, this version reads {LAYOUT}; load the data into a new folder"
        )
    return found


def quads_path(store: Path) -> Path:
    """Return the folder that `read` and the reader processes open; it stays the same while they are open."""
    about(store)
    return (store / "current").resolve() / "quads"


def read(store: Path) -> Dataset:
    """Return the current graph, read-only: what is there now, whatever happens next."""
    return Store.read_only(str(quads_path(store)))


def public_quads(dataset: Dataset) -> Iterator[Quad]:
    """Yield every quad of the named graphs; the default graph repeats them."""
    return (quad for quad in dataset if not isinstance(quad.graph_name, DefaultGraph))


@contextmanager
def lock(store: Path) -> Iterator[None]:
    """Hold the store for writing or serving. Raises StoreError where another process holds it."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / "lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{store} is in use by another process; stop it first, or give another --store") from None
        yield


def _with_default_graph(quads: Iterable[Quad]) -> Iterator[Quad]:
    for quad in quads:
        yield quad
        yield Quad(quad.subject, quad.predicate, quad.object)
