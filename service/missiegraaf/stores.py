"""The store that a command is about, and what it must hold before it is served; that is told on standard error."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from missiegraaf import publisher, transaction
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.engine.endpoint import Endpoint
from missiegraaf.engine.remote import Engine
from missiegraaf.errors import ConfigurationError, UnreadableFile
from missiegraaf.published import Published


def folder(options: argparse.Namespace, settings: Settings) -> Path:
    """Return the folder that the option names, else the setting."""
    return Path(options.store or settings.store)


def opened(options: argparse.Namespace, settings: Settings) -> embedded.Dataset:
    """Return its graph, to read. Raises StoreError where there is none, ConfigurationError as `expect_own` does."""
    expect_own(settings)
    embedded.about(folder(options, settings), settings.base_iri)
    return embedded.read(folder(options, settings))


def of_tokens(options: argparse.Namespace, settings: Settings) -> Path:
    """Return the folder, with a graph in it, or beside an engine that holds one. Raises StoreError."""
    found = folder(options, settings)
    if settings.engine:
        found.mkdir(parents=True, exist_ok=True)
    else:
        embedded.about(found, settings.base_iri)
    return found


def expect_own(settings: Settings) -> None:
    """Raise ConfigurationError where the graph is held elsewhere: a folder would be another graph, or none."""
    if settings.engine:
        raise ConfigurationError(
            f"the setting `engine` names {Endpoint(settings.engine).name}, and this command takes a store; ask the "
            "engine itself, or `query --endpoint`"
        )


def prepare_store(store: Path, settings: Settings, empty: bool) -> None:
    """Fill an empty store with the project's files, or with nothing; the caller holds its lock.

    Raises what `fill` does.
    """
    if not embedded.is_filled(store) and empty:
        embedded.create(store, (), transaction.nothing(settings.base_iri))
    elif not embedded.is_filled(store):
        fill(store, transaction.read(base_iri=settings.base_iri), settings, trusted=False)
    else:
        _compare(embedded.about(store, settings.base_iri), settings)


def prepare_engine(settings: Settings, empty: bool) -> None:
    """The same for the server of `settings.engine`; that of a plain dataset is left as it is."""
    engine = Engine(settings.engine, settings.engine_update, settings.base_iri)
    with closing(engine.endpoint):
        if settings.plain_dataset:
            return
        if not engine.is_empty():
            _compare(engine.about(), settings)
        elif empty:
            engine.create((), transaction.nothing(settings.base_iri))
        else:
            _say("checking every record against the shapes; this takes some seconds")
            _say_loaded(transaction.fill(engine, transaction.read(base_iri=settings.base_iri)), engine.endpoint.name)


def prepare_published(settings: Settings) -> None:
    """Publish the graph where nothing is published of it yet, so that harvesters find it from the first answer on."""
    if settings.publish and not settings.plain_dataset and not Published.of(settings).versions():
        _say("publishing: dumps, change feed and descriptions; this takes some seconds")
        if not publisher.publish_once(settings):
            _say("nothing could be published; it is tried again while the service runs")


def fill(store: Path, graph: transaction.Graph, settings: Settings, trusted: bool) -> None:
    """Make a graph the store's current one. Raises what transaction.load does."""
    if not trusted:
        _say("checking every record against the shapes; this takes some seconds")
    loaded = transaction.load(store, graph, settings.base_iri, trusted)
    _say_loaded(loaded, str(store))


def _say_loaded(loaded: transaction.Loaded, where: str) -> None:
    _say(f"loaded {loaded.asserted} asserted and {loaded.inferred} inferred triples into {where}")


def _compare(about: dict[str, Any], settings: Settings) -> None:
    """Say so where the project's files are no longer what filled the store; they are never taken in unasked."""
    try:
        changed = about["own"] and about["sha256"] != transaction.read(base_iri=settings.base_iri).sha256
    except UnreadableFile as error:
        _say(f"serving the store; of the files: {error.detail}")
        return
    if changed:
        _say("the files differ from those that filled the store; `load --replace` takes them in")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
