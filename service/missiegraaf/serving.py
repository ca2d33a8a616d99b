"""Running the application under granian: one worker process that owns the readers, threads for its requests."""

from __future__ import annotations

import multiprocessing
import socket
from typing import Final

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from missiegraaf import publisher
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import processes, turn
from missiegraaf.errors import ConfigurationError

_SPARE: Final = 2  # threads for what neither asks nor writes


def serve(host: str, port: int, settings: Settings) -> None:
    """Serve until a signal ends it. The worker reads its settings, the same, from the environment.

    Raises ConfigurationError where the address is taken: granian itself would share it in silence.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise ConfigurationError(f"cannot listen at {host}:{port}: {error}") from None
    # Not forked: this process may have written a store, and its threads would be missing in the copy.
    multiprocessing.set_start_method("spawn", force=True)
    # As many threads as may wait at the same time, so that none of them keeps others from an answer.
    threads = settings.readers + settings.waiting_queries + 1 + turn.WAITING + _SPARE
    Granian(
        "missiegraaf.serving:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        backpressure=4 * threads,
        workers_kill_timeout=5,
        respawn_failed_workers=True,
        websockets=False,
    ).serve()


def application() -> Flask:
    """Return the application inside the worker process, which ends with its parent."""
    processes.die_with_parent()
    app, settings = create_app(), Settings.from_environment()
    if settings.publish and not settings.plain_dataset:
        publisher.follow(settings, lambda: app.extensions["missiegraaf"].version)
    return app
