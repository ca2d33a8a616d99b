"""Tokens: kept as hashes, with a role and an end; and the trail of what was done and refused with them."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from flask.testing import FlaskClient

from missiegraaf import tokens

from .conftest import only_embedded

RECORD = "/v1/records/place/atlantis"


def command(folder: Path, *arguments: str) -> str:
    whole = [sys.executable, "-m", "missiegraaf", "token", *arguments, "--store", str(folder)]
    return subprocess.run(whole, capture_output=True, text=True, check=True).stdout


def delete(client: FlaskClient, token: str | None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.delete(RECORD, headers=headers).status_code


@only_embedded
def test_a_token_works_until_it_expires_or_is_revoked_and_each_try_is_noted(
    service: FlaskClient, own_store: Path
) -> None:
    token = command(own_store, "create", "Ann", "--role", "editor", "--days", "30").strip()
    ended = tokens.create(own_store, "Bob", "editor", days=-1)
    assert [delete(service, t) for t in (token, ended, "nonsense", None)] == [404, 401, 401, 401]
    tokens.revoke(own_store, "Ann")
    assert delete(service, token) == 401
    service.get(RECORD)
    noted = tokens.trail(own_store)
    assert [(tried.status, tried.role) for tried in noted] == [
        (404, "editor"),
        (401, "editor"),
        (401, ""),
        (401, ""),
        (401, ""),
    ]
    assert {tried.request for tried in noted} == {f"DELETE {RECORD}"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", tried.time) for tried in noted)
    assert command(own_store, "trail").count(RECORD) == 5
    assert [(known.name, bool(known.expires)) for known in tokens.names(own_store)] == [("Bob", True)]


@only_embedded
def test_neither_a_token_nor_a_name_is_in_the_trail_and_no_token_in_the_file(
    service: FlaskClient, own_store: Path
) -> None:
    token = tokens.create(own_store, "Ann", "editor")
    delete(service, token)
    (tried,) = tokens.trail(own_store)
    assert not any(secret in str(tried) for secret in (token, "Ann"))
    assert token.encode() not in (own_store / "tokens.sqlite").read_bytes()


def test_tokens_of_before_go_on(own_store: Path) -> None:
    with sqlite3.connect(own_store / "tokens.sqlite") as former:
        former.execute(
            "CREATE TABLE token (name TEXT PRIMARY KEY, role TEXT, pseudonym TEXT, sha256 TEXT UNIQUE) STRICT"
        )
        former.execute("INSERT INTO token VALUES ('Ann', 'admin', 'p', ?)", (tokens.sha256("secret"),))
    assert tokens.author(own_store, "secret") == tokens.Author("p", "admin")
