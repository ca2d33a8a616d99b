"""Publishing while the service runs: one process at a time, always of the newest version, however many were written."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from missiegraaf import log
from missiegraaf.config import Settings
from missiegraaf.engine import embedded, processes
from missiegraaf.engine.remote import Engine
from missiegraaf.published import Published
from missiegraaf.publishing import publish

_NICE: Final = 10  # publishing waits for queries, not they for it
_LOOKS: Final = 1.0  # seconds from one look for a new version to the next


def publish_once(settings: Settings) -> bool:
    """Publish what the store, or the engine, has now, in a process of its own; tell whether that went well."""
    process = multiprocessing.get_context("spawn").Process(target=_publish, args=(settings,), daemon=True)
    process.start()
    process.join()
    return process.exitcode == 0


def follow(settings: Settings, version: Callable[[], int]) -> threading.Event:
    """Publish each version that there is when there is time for it; return what ends that.

    After each comes a pause as long as it took, and as long as the setting: dumps take at most half of a processor.
    """
    ended = threading.Event()
    threading.Thread(target=_follow, args=(settings, version, ended), daemon=True).start()
    return ended


def _follow(settings: Settings, version: Callable[[], int], ended: threading.Event) -> None:
    published = Published.of(settings)
    while not ended.wait(_LOOKS):
        if version() > max(published.versions(), default=0):
            started = time.monotonic()
            publish_once(settings)
            ended.wait(max(settings.publish_seconds, time.monotonic() - started))


def _publish(settings: Settings) -> None:
    processes.die_with_parent()
    os.nice(_NICE)
    if settings.engine:
        engine = Engine(settings.engine, settings.engine_update, settings.base_iri)
        with closing(engine.endpoint):
            version, dataset = engine.whole()
    else:
        dataset = embedded.read(Path(settings.store))
        filled = embedded.about(Path(settings.store), settings.base_iri)["version"]
        version = max(filled, log.newest_version(dataset, settings.base_iri))
    publish(dataset, version, settings)
