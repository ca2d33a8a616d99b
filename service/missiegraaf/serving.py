"""Running the application under granian: one worker process that owns the readers, threads for its requests."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces

THREADS = 8


def serve(host: str, port: int) -> None:
    """Serve until a signal ends it. The worker reads its settings from the environment."""
    Granian(
        "missiegraaf.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
    ).serve()
