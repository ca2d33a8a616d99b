"""Who may write: tokens, of which only a hash is kept, in SQLite beside the store. Names of people stay there."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from missiegraaf.errors import BadRequest

ROLES: Final = ("editor", "admin")

_TABLE = """CREATE TABLE IF NOT EXISTS token (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, pseudonym TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE
) STRICT"""


@dataclass(frozen=True)
class Author:
    """Who writes: the pseudonym under which the log knows them, and their role."""

    pseudonym: str
    role: str


def create(store: Path, name: str, role: str) -> str:
    """Return a new token for a name and keep its hash. Raises BadRequest where the name has one already."""
    token = secrets.token_urlsafe(32)
    with _opened(store) as tokens:
        try:
            tokens.execute("INSERT INTO token VALUES (?, ?, ?, ?)", (name, role, secrets.token_hex(4), _hash(token)))
        except sqlite3.IntegrityError:
            raise BadRequest(f"{name} has a token already; revoke it first") from None
    return token


def revoke(store: Path, name: str) -> None:
    """Make the token of a name worthless. Raises BadRequest where the name has none."""
    with _opened(store) as tokens:
        if tokens.execute("DELETE FROM token WHERE name = ?", (name,)).rowcount == 0:
            raise BadRequest(f"{name} has no token")


def names(store: Path) -> list[tuple[str, str]]:
    """Return who has a token, with their roles."""
    with _opened(store) as tokens:
        return list(tokens.execute("SELECT name, role FROM token ORDER BY name"))


def author(store: Path, token: str) -> Author | None:
    """Return whose token this is, None where it is nobody's."""
    with _opened(store) as tokens:
        found = tokens.execute("SELECT pseudonym, role FROM token WHERE sha256 = ?", (_hash(token),)).fetchone()
    return Author(*found) if found else None


@contextmanager
def _opened(store: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the table."""
    connection = sqlite3.connect(store / "tokens.sqlite", timeout=10)
    try:
        with connection:
            connection.execute(_TABLE)
            yield connection
    finally:
        connection.close()


def _hash(token: str) -> str:
    """Fast on purpose: a token is 256 random bits, which nobody finds by trying."""
    return hashlib.sha256(token.encode()).hexdigest()
