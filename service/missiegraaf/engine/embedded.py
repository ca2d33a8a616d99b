"""The embedded store on disk: built whole in a new folder, then named `current` in one step.

STORE/current -> graph-<name>     the graph in use, a symbolic link
STORE/graph-<name>/quads/         the RocksDB database of pyoxigraph
STORE/graph-<name>/about.json     layout, version, and what the graph was made from
STORE/lock                        held by the one process that serves or loads
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from missiegraaf.errors import StoreError

LAYOUT: Final = 1
_TRIES: Final = 5  # to open a store that a service writes
Dataset = Store


def in_memory(quads: Iterable[Quad] = ()) -> Dataset:
    """Return a dataset in memory that holds these quads."""
    dataset = Store()
    dataset.bulk_extend(quads)
    return dataset


def create(store: Path, quads: Iterable[Quad], about: Mapping[str, Any], silent: Iterable[Quad] = ()) -> None:
    """Write a graph of public quads to a new folder and make it the current one; former ones are removed after that.

    Each quad goes to its named graph and to the default graph, `silent` ones to theirs alone. Either all of it becomes
    current or nothing changes. The caller holds `lock`. Raises OSError where the disk does not take it.
    """
    former = list(store.glob("graph-*"))
    current = (store / "current").resolve()
    for left_over in former:
        if left_over.resolve() != current:
            shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="graph-", dir=store))
    dataset = Store(str(folder / "quads"))
    dataset.bulk_extend(_with_default_graph(quads))
    dataset.bulk_extend(silent)
    dataset.optimize()
    dataset.flush()
    del dataset  # closes the database
    (folder / "about.json").write_text(json.dumps({"layout": LAYOUT, **about}, indent=2) + "\n", encoding="utf-8")
    link = folder / "link"
    link.symlink_to(folder.name)
    link.replace(store / "current")
    for old in former:
        shutil.rmtree(old, ignore_errors=True)


def is_filled(store: Path) -> bool:
    """Tell whether the store has a current graph."""
    return (store / "current").exists()


def about(store: Path, base_iri: str | None = None) -> dict[str, Any]:
    """Return what is known of the current graph: version, base, sha256 of the files, numbers of triples.

    Raises StoreError where there is none, one of another layout, or, where `base_iri` is given, of another base.
    """
    path = store / "current" / "about.json"
    if not is_filled(store):
        raise StoreError(f"{store} holds no graph; `missiegraaf load --store {store}` fills it")
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        layout, base = found["layout"], found["base"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreError(f"{path} cannot be read ({error!r}); load the data again with --replace") from None
    if layout != LAYOUT:
        raise StoreError(f"{store} has layout {layout}, this version reads {LAYOUT}; load the data into a new folder")
    if base_iri not in (None, base):
        raise StoreError(
            f"{store} was filled under {base}, the base IRI is {base_iri}; load the data into a new folder"
        )
    return found


def quads_path(store: Path) -> Path:
    """Return the folder that `read` and the reader processes open; it stays the same while they are open."""
    about(store)
    return (store / "current").resolve() / "quads"


def size(store: Path) -> int:
    """Return the number of quads of the current graph, the default graph's among them."""
    return len(read(store))


def read(store: Path) -> Dataset:
    """Return the current graph, read-only: what is there now, whatever happens next. Raises StoreError."""
    failure: Exception | None = None
    for _ in range(_TRIES):
        try:
            return Store.read_only(str(quads_path(store)))
        except (OSError, RuntimeError) as error:  # a table that a service put others in the place of, just now
            failure = error
    raise StoreError(f"{store} cannot be opened: {failure}")


def public_quads(dataset: Dataset) -> Iterator[Quad]:
    """Yield every quad of the named graphs; the default graph repeats them."""
    return (quad for quad in dataset if not isinstance(quad.graph_name, DefaultGraph))


def filled_graphs(dataset: Dataset) -> list[str]:
    """Return the IRIs of the named graphs that hold something, sorted; a graph that was emptied keeps its name."""
    names = sorted(name.value for name in dataset.named_graphs() if isinstance(name, NamedNode))
    return [name for name in names if any(dataset.quads_for_pattern(None, None, None, NamedNode(name)))]


@contextmanager
def lock(store: Path) -> Iterator[None]:
    """Hold the store for writing or serving. Raises StoreError where another process holds it."""
    try:
        store.mkdir(parents=True, exist_ok=True)
        handle = (store / "lock").open("a")
    except OSError as error:
        raise StoreError(f"{store} cannot be used as a store: {error.strerror}") from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{store} is in use by another process; stop it first, or give another --store") from None
        yield


def _with_default_graph(quads: Iterable[Quad]) -> Iterator[Quad]:
    for quad in quads:
        yield quad
        yield Quad(quad.subject, quad.predicate, quad.object)
