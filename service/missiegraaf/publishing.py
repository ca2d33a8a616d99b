"""Publishing a version: the feed brought to it, its dumps, its site map and what is known of it, all of it or nothing.

FOLDER/feed/        the pages of the change feed
FOLDER/<version>/   a published version (see `published`)
"""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import replace

from missiegraaf import dumps, feed, log, statistics
from missiegraaf.config import Settings
from missiegraaf.engine.embedded import Dataset
from missiegraaf.engine.reader import Ask
from missiegraaf.published import FACTS, Published
from missiegraaf.sitemaps import sitemaps


def publish(dataset: Dataset, version: int, settings: Settings) -> None:
    """Publish a dataset in its version, unless that is done; former ones go, but as many as the settings keep.

    Equal stores give equal files. A crash leaves what was published before. Raises OSError where the disk is full.
    """
    published = Published.of(settings)
    published.folder.mkdir(parents=True, exist_ok=True)
    dumped = max(published.versions(), default=0)
    feed.extend(dataset, str(published.feed), settings.base_iri, settings.feed_pages, dumped)
    with (published.folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if max(published.versions(), default=0) < version:
            _publish(dataset, version, published, settings)


def _publish(dataset: Dataset, version: int, published: Published, settings: Settings) -> None:
    base, folder = settings.base_iri, published.folder / "unfinished"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    ask = Ask.of(dataset)
    try:
        for name, content in sitemaps(dataset, base, log.time(ask, 1, base)).items():
            (folder / name).write_bytes(content)
        numbers = statistics.gather(dataset, base, version, log.time(ask, version, base))
        facts = replace(numbers, files=dumps.write(dataset, version, folder, base))
        (folder / FACTS).write_text(facts.to_json(), encoding="utf-8")
        for path in folder.iterdir():  # a power cut leaves none of a version, or all
            with path.open("rb") as file:
                os.fsync(file.fileno())
        folder.rename(published.folder / str(version))
    finally:  # a disk that is full is the service's too
        shutil.rmtree(folder, ignore_errors=True)
    for old in published.versions()[: -settings.kept_dumps]:
        (published.folder / str(old)).rename(published.folder / f"removed-{old}")
    for removed in published.folder.glob("removed-*"):
        shutil.rmtree(removed, ignore_errors=True)
