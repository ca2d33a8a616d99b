"""Tokens: kept as hashes, with a role and an end; and the trail of what was done and refused with them."""

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from missiegraaf import tokens
from missiegraaf.app import create_app
from missiegraaf.config import Settings

RECORD = "/v1/records/place/atlantis"


@pytest.fixture
def folder(store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(store, tmp_path / "store", symlinks=True))


@pytest.fixture
def client(folder: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(store=str(folder), readers=1))
    yield app.test_client()
    app.extensions["missiegraaf"].close()


def command(folder: Path, *arguments: str) -> str:
    whole = [sys.executable, "-m", "missiegraaf", "token", *arguments, "--store", str(folder)]
    return subprocess.run(whole, capture_output=True, text=True, check=True).stdout


def delete(client: FlaskClient, token: str | None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.delete(RECORD, headers=headers).status_code


def test_a_token_works_until_it_expires_or_is_revoked_and_each_try_is_noted(client: FlaskClient, folder: Path) -> None:
    token = command(folder, "create", "Ann", "--role", "editor", "--days", "30").strip()
    ended = tokens.create(folder, "Bob", "editor", days=-1)
    assert [delete(client, t) for t in (token, ended, "nonsense", None)] == [404, 401, 401, 401]
    tokens.revoke(folder, "Ann")
    assert delete(client, token) == 401
    client.get(RECORD)
    noted = tokens.trail(folder)
    assert [(tried.status, tried.role) for tried in noted] == [
        (404, "editor"),
        (401, "editor"),
        (401, ""),
        (401, ""),
        (401, ""),
    ]
    assert {tried.request for tried in noted} == {f"DELETE {RECORD}"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", tried.time) for tried in noted)
    assert command(folder, "trail").count(RECORD) == 5
    assert [(known.name, bool(known.expires)) for known in tokens.names(folder)] == [("Bob", True)]


def test_neither_a_token_nor_a_name_is_in_the_trail_and_no_token_in_the_file(client: FlaskClient, folder: Path) -> None:
    token = tokens.create(folder, "Ann", "editor")
    delete(client, token)
    (tried,) = tokens.trail(folder)
    assert not any(secret in str(tried) for secret in (token, "Ann"))
    assert token.encode() not in (folder / "tokens.sqlite").read_bytes()


def test_tokens_of_before_go_on(folder: Path) -> None:
    with sqlite3.connect(folder / "tokens.sqlite") as former:
        former.execute(
            "CREATE TABLE token (name TEXT PRIMARY KEY, role TEXT, pseudonym TEXT, sha256 TEXT UNIQUE) STRICT"
        )
        former.execute("INSERT INTO token VALUES ('Ann', 'admin', 'p', ?)", (tokens._hash("secret"),))
    assert tokens.author(folder, "secret") == tokens.Author("p", "admin")
