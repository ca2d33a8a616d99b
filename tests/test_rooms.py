"""Rooms stay small."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_LINES = 300


def test_a_room_has_at_most_300_lines() -> None:
    rooms = [path for folder in ("service", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert len(rooms) >= 200
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in rooms}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
