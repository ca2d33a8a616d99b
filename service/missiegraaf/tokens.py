"""Who may write, and who did or tried to: SQLite beside the store. Of tokens only a hash is kept; names stay here."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from missiegraaf.errors import BadRequest

ROLES: Final = ("editor", "admin")

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS token (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, pseudonym TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS expiry (name TEXT PRIMARY KEY REFERENCES token ON DELETE CASCADE, time TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS trail (
    time TEXT NOT NULL, pseudonym TEXT NOT NULL, role TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Author:
    """Who writes: the pseudonym under which the log knows them, their role, and whether their token has expired."""

    pseudonym: str
    role: str
    expired: bool = False


class Known(NamedTuple):
    """A token as `names` lists it; `expires` is a time (UTC), or '' where it never does."""

    name: str
    role: str
    expires: str


class Tried(NamedTuple):
    """A write as the trail has it: when, by whom, '' for nobody known, what was asked, and the status of the answer."""

    time: str
    pseudonym: str
    role: str
    request: str
    status: int


def create(store: Path, name: str, role: str, days: float | None = None) -> str:
    """Return a new token for a name, which expires after so many days, and keep its hash.

    Raises BadRequest where the name has one already.
    """
    token = secrets.token_urlsafe(32)
    with _opened(store) as tokens:
        try:
            tokens.execute("INSERT INTO token VALUES (?, ?, ?, ?)", (name, role, secrets.token_hex(4), sha256(token)))
        except sqlite3.IntegrityError:
            raise BadRequest(f"{name} has a token already; revoke it first") from None
        if days is not None:
            tokens.execute("INSERT INTO expiry VALUES (?, ?)", (name, _time(datetime.now(UTC) + timedelta(days=days))))
    return token


def revoke(store: Path, name: str) -> None:
    """Make the token of a name worthless. Raises BadRequest where the name has none."""
    with _opened(store) as tokens:
        if tokens.execute("DELETE FROM token WHERE name = ?", (name,)).rowcount == 0:
            raise BadRequest(f"{name} has no token")


def names(store: Path) -> list[Known]:
    """Return who has a token, with their roles and until when."""
    query = "SELECT name, role, COALESCE(time, '') FROM token LEFT JOIN expiry USING (name) ORDER BY name"
    with _opened(store) as tokens:
        return [Known(*row) for row in tokens.execute(query)]


def author(store: Path, token: str) -> Author | None:
    """Return whose token this is, None where it is nobody's."""
    return author_of(store, sha256(token))


def author_of(store: Path, sha256: str) -> Author | None:
    """Return whose token has this hash, None where it is nobody's."""
    query = "SELECT pseudonym, role, time < ? FROM token LEFT JOIN expiry USING (name) WHERE sha256 = ?"
    with _opened(store) as tokens:
        found = tokens.execute(query, (_time(datetime.now(UTC)), sha256)).fetchone()
    return Author(found[0], found[1], bool(found[2])) if found else None


def session_key(store: Path) -> str:
    """Return the secret with which this store's browser sessions are signed; made when it is first asked for."""
    with _opened(store) as tokens:
        tokens.execute("INSERT OR IGNORE INTO secret VALUES ('session', ?)", (secrets.token_urlsafe(32),))
        (key,) = tokens.execute("SELECT value FROM secret WHERE name = 'session'").fetchone()
    return str(key)


def note(store: Path, author: Author | None, request: str, status: int) -> None:
    """Add a write, done or refused, to the trail."""
    pseudonym, role = (author.pseudonym, author.role) if author else ("", "")
    with _opened(store) as tokens:
        tokens.execute("PRAGMA synchronous = OFF")  # the log has what was done; a write need not wait for this
        tokens.execute(
            "INSERT INTO trail VALUES (?, ?, ?, ?, ?)", (_time(datetime.now(UTC)), pseudonym, role, request, status)
        )


def trail(store: Path) -> list[Tried]:
    """Return the writes that were done or refused, in their order."""
    with _opened(store) as tokens:
        return [Tried(*row) for row in tokens.execute("SELECT * FROM trail ORDER BY rowid")]


@contextmanager
def _opened(store: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the tables."""
    connection = sqlite3.connect(store / "tokens.sqlite", timeout=10)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'secret'").fetchone():
            connection.executescript(_TABLES)
        with connection:
            yield connection
    finally:
        connection.close()


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def sha256(token: str) -> str:
    """Return the hash of a token, which is what is kept. Fast on purpose: nobody finds 256 random bits by trying."""
    return hashlib.sha256(token.encode()).hexdigest()
