"""The store is another's: in use by another service, or laid out for another version."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from missiegraaf.engine import embedded

from .client import ask


def refusal(store: Path) -> str:
    """What a service says that refuses this store."""
    command = [sys.executable, "-m", "missiegraaf", "serve", "--port", "0", "--store", str(store)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    return ended.stderr


def test_a_second_service_on_a_store_says_so_and_stops(service: str, store: Path) -> None:
    assert f"{store} is in use by another process" in refusal(store)
    assert ask(service, "ASK {}").data.count(b"true") == 1


@pytest.mark.parametrize("layout", [embedded.LAYOUT - 1, embedded.LAYOUT + 1])
def test_a_store_of_another_layout_is_refused_by_name(store: Path, layout: int) -> None:
    path = store / "current" / "about.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"layout": layout}))
    said = refusal(store)
    assert f"has layout {layout}, this version reads {embedded.LAYOUT}" in said
    assert "load the data into a new folder" in said
