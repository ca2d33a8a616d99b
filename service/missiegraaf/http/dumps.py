"""Dumps of the published versions: whole files, which never change, with ranges; and the list of them."""

from __future__ import annotations

import base64
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from missiegraaf import dumps
from missiegraaf.errors import NotFound
from missiegraaf.facts import Facts
from missiegraaf.formats import media
from missiegraaf.http import respond

blueprint = Blueprint("dumps", __name__)

_YEAR = 31_536_000  # seconds


@blueprint.get("/dumps")
def listed() -> Response:
    """The versions that are kept, and their files with size and sha256."""
    published = respond.service().published
    newest = published.newest()
    page = render_template("dumps.html", versions=published.kept(), formats=dumps.FORMATS)
    return respond.content(page, media.HTML, by_language=True, version=newest.version)


@blueprint.get("/dumps/latest")
def latest() -> BaseResponse:
    """Lead to the newest dump, with gzip, in the format that the Accept header prefers."""
    offer = respond.negotiate(dumps.FORMATS)
    response = _to(dumps.name(respond.service().published.newest().version, False, offer.suffix, "gz"))
    response.vary.add("Accept")
    return response


@blueprint.get("/dumps/<name>")
def dump(name: str) -> BaseResponse:
    """A file of a version, or its checksums; `latest` in the place of the version leads to the newest.

    Raises NotFound (404) naming what there is.
    """
    start, _, rest = name.partition("-")
    version = rest.split("-")[0].split(".")[0]
    published = respond.service().published
    if start == "missiegraaf" and version == "latest":
        return _to(name.replace("latest", str(published.newest().version), 1))
    if start != "missiegraaf" or not version.isdecimal() or len(version) > 9:
        raise NotFound(f"no dump is called {name}; expected {dumps.name('latest', False, 'nq', 'gz')} and the like")
    facts = published.facts(int(version))
    if name == f"missiegraaf-{facts.version}.sha256":
        text = "".join(f"{file.sha256}  {file.name}\n" for file in facts.files)
        return respond.content(text, media.PLAIN)
    file = next((file for file in facts.files if file.name == name), None)
    if file is None:
        raise NotFound(f"no dump is called {name}; of version {version} there are: {_names(facts)}")
    _leave_ranges_that_are_not_for_us()
    response = send_file(
        published.folder / version / name,
        mimetype=dumps.COMPRESSIONS[file.compression],
        conditional=True,
        etag=respond.etag(file.sha256),
        last_modified=datetime.fromisoformat(facts.time),
        max_age=_YEAR,
    )
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    response.headers["Missiegraaf-Version"] = version
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"  # RFC 9530
    return response


def _leave_ranges_that_are_not_for_us() -> None:
    """A range in a unit of which nothing is known, or for another method than GET, is ignored (RFC 9110, 14.2).

    Several at once may be; who asks for them gets the whole.
    """
    asked = request.headers.get("Range", "")
    if request.method != "GET" or not asked.startswith("bytes=") or "," in asked:
        request.environ.pop("HTTP_RANGE", None)


def _to(name: str) -> BaseResponse:
    response = redirect(f"/dumps/{name}", 302)
    response.autocorrect_location_header = False
    response.headers["Cache-Control"] = "no-cache"
    return response


def _names(facts: Facts) -> str:
    return ", ".join(file.name for file in facts.files)
