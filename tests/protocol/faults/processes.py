"""The processes of a service, by what the kernel tells of them."""

import time
from collections.abc import Callable
from pathlib import Path


def processes(store: Path) -> dict[int, tuple[int, str]]:
    """The processes of the service that was started with this store in its environment: parent and command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"MISSIEGRAAF_STORE={store}\0".encode() in (folder / "environ").read_bytes():
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                found[int(folder.name)] = (parent, (folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended, or is another user's
            continue
    return found


def readers(store: Path) -> set[int]:
    """The reader processes: children of a child of the main process."""
    found = processes(store)
    return {
        pid
        for pid, (parent, command) in found.items()
        if "spawn_main" in command and "spawn_main" in found.get(parent, (0, ""))[1]
    }


def eventually(what: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not (there := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return there
