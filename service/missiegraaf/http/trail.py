"""The trail of writes: each that was done, and each that was refused, without what it carried."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from flask import Flask, Response, g, request

from missiegraaf import tokens
from missiegraaf.http import respond

_PATHS = ("/update", "/graphs", "/v1/records/", "/v1/import", "/history/", "/session")
_FORMS = ("/edit/", "/import")  # which are mostly sent to be checked
_LONGEST = 1000  # characters of an address


def register(app: Flask) -> None:
    """Note every request that would write records, when it has its answer."""
    app.after_request(_noted)


def _noted(response: Response) -> Response:
    here = respond.service()
    if _writes() and here.records:
        asked = f"{request.method} {request.full_path.rstrip('?')}"[:_LONGEST]
        try:
            tokens.note(Path(here.settings.store), g.get("author"), asked, response.status_code)
        except sqlite3.Error:  # a full disk keeps nobody from being answered
            request.environ["wsgi.errors"].write(f"not noted: {asked} {response.status_code}\n")
    return response


def _writes() -> bool:
    if request.method == "POST" and request.path.startswith(_FORMS):
        return request.form.get("do") in ("send", "all", "right") or request.path.endswith("/remove")
    return request.method in ("PUT", "POST", "DELETE") and request.path.startswith(_PATHS)
