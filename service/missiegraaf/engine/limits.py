"""What a query may use."""

from __future__ import annotations

from dataclasses import dataclass

from missiegraaf.config import Settings


@dataclass(frozen=True)
class Limits:
    """What the readers may use: processes, seconds a query, megabytes of memory and of result, requests that wait.

    `rows` is the most that a result may have, 0 for no limit; `cache` is megabytes of results to keep, 0 for none;
    `services` are the endpoints that a query may call.
    """

    processes: int = 2
    seconds: float = 30
    memory: int = 4096
    result: int = 256
    waiting: int = 2
    cache: int = 0
    services: frozenset[str] = frozenset()
    rows: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings name."""
        return cls(
            settings.readers,
            settings.query_seconds,
            settings.reader_megabytes,
            settings.result_megabytes,
            settings.waiting_queries,
            settings.cache_megabytes,
            frozenset(settings.service_allowed.split()),
            settings.result_rows,
        )
