"""Who writes from a browser: a signed cookie that says which token was shown; a word in each form that others lack."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import tokens
from missiegraaf.errors import Forbidden, Unauthorized
from missiegraaf.http import respond
from missiegraaf.tokens import Author
from missiegraaf.writing import Records

blueprint = Blueprint("session", __name__)

_HOURS: Final = 12


class _Cookie(SecureCookieSessionInterface):
    """A cookie that goes over TLS only, where the page came so."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the browser sent this request over TLS."""
        return request.is_secure or respond.service().settings.tls or super().get_cookie_secure(app)


def register(app: Flask, key: str) -> None:
    """Let the application keep sessions, signed with a secret."""
    app.secret_key = key
    app.session_interface = _Cookie()
    app.config.update(
        SESSION_COOKIE_NAME="missiegraaf",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=_HOURS),
    )


def author() -> Author | None:
    """Return whose session this is; None without one, and where its token was revoked or has expired."""
    if respond.service().records is None or "token" not in session:
        return None
    found = tokens.author_of(Path(respond.service().settings.store), session["token"])
    return None if found is None or found.expired else found


@blueprint.post("/session")
def enter() -> BaseResponse:
    """Begin a session with the token of a form, and go on where it says. Raises Unauthorized (401)."""
    begin(request.form.get("token", ""))
    then = request.form.get("then", "")
    return redirect(then if re.match(r"/[^/\\\\]", then) else "/edit", 303)


@blueprint.post("/session/end")
def leave() -> BaseResponse:
    """End the session."""
    expect_own_page()
    session.clear()
    return redirect("/edit?lang=" + respond.language(), 303)


def begin(token: str) -> Author:
    """Begin a session with a token, and return whose it is. Raises Unauthorized (401) where it is nobody's."""
    expect_own_page()
    found = tokens.author(Path(respond.service().settings.store), token.strip())
    if found is None or found.expired:
        raise Unauthorized("this token is not, or no longer, valid; expected one that `token create` printed")
    session.clear()
    session.permanent = True
    session["token"], session["word"] = tokens.sha256(token.strip()), secrets.token_urlsafe(16)
    return found


def word() -> str:
    """Return what a form of this session has to send along; '' without a session."""
    return str(session.get("word", ""))


def records(reason: str = "") -> Records:
    """Return what the sender of a form may write records with, for a reason, if not the form's own.

    Who it is, the token in the form tells, else the session.

    Raises Unauthorized (401) without either, Forbidden (403) for a form that is none of ours.
    """
    expect_own_page()
    reason = reason or request.form.get("reason", "").strip() or f"{request.method} {request.path}"
    if token := request.form.get("token", ""):
        return respond.records_of(begin(token), "editor", reason)
    found = author()
    if found and not hmac.compare_digest(request.form.get("word", ""), word()):
        raise Forbidden("this form is not, or no longer, of your session; open it again")
    return respond.records_of(found, "editor", reason, known=found is not None)


def expect_own_page() -> None:
    """Raise Forbidden (403) where a browser says that another site's page sends the request (Fetch Metadata, 2.3)."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = site in ("same-origin", "none") if site else origin is None or urlsplit(origin).netloc == request.host
    if not own:
        raise Forbidden(f"the form was sent by a page of {origin or 'another site'}; expected one of this service")
