"""Dumps of the published versions: whole files, which never change, with ranges; and the list of them."""

from __future__ import annotations

import base64
import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from flask import Blueprint, Response, render_template, request, send_file
from werkzeug.http import parse_date
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import wrap_file

from missiegraaf import dumps
from missiegraaf.about import FORMATS
from missiegraaf.errors import NotFound, PreconditionFailed
from missiegraaf.facts import COMPRESSIONS, Facts, File
from missiegraaf.formats import media
from missiegraaf.http import conditions, respond

blueprint = Blueprint("dumps", __name__)


@blueprint.get("/dumps")
def listed() -> Response:
    """The versions that are kept, and their files with size and sha256."""
    published = respond.service().published
    newest = published.newest()
    page = render_template("dumps.html", versions=published.kept() or [newest], formats=FORMATS)
    return respond.content(page, media.HTML, by_language=True, version=newest.version)


@blueprint.get("/dumps/latest")
def latest() -> BaseResponse:
    """Lead to the newest dump in the format that the Accept header prefers."""
    offer = respond.negotiate(dumps.FORMATS)
    response = _to(dumps.name(respond.service().published.newest().version, False, offer.suffix))
    response.vary.add("Accept")
    return response


@blueprint.get("/dumps/<name>")
def dump(name: str) -> BaseResponse:
    """A file of a version, what it holds, or its checksums; `latest` in the place of the version leads to the newest.

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
    there = {file.name: file for file in facts.files}
    if name == f"missiegraaf-{facts.version}.sha256":
        text = "".join(f"{file.sha256}  {file.name}\n" for file in facts.files)
        return respond.content(text, media.PLAIN)
    try:
        if file := there.get(name):
            response = _file(facts, file, name, COMPRESSIONS[file.compression])
        elif file := there.get(name + ".gz"):
            response = _unpacked(facts, file)
        else:
            raise NotFound(f"no dump is called {name}; of version {version} there are: {', '.join(there)}")
    except FileNotFoundError:
        raise NotFound(f"version {version} is just not kept any more; the newest is /dumps/latest") from None
    response.headers["Cache-Control"] = respond.FOREVER
    response.headers["Missiegraaf-Version"] = version
    return response


def _file(facts: Facts, file: File, name: str, media_type: str) -> Response:
    """A file as it is, or a range of it; whoever keeps it calls it by this name. Raises PreconditionFailed (412)."""
    path, tag = _path(facts, file), respond.etag(file.sha256)
    modified = _modified(path)
    if conditions.outcome(request.headers, tag, modified) == conditions.FAILED:
        raise PreconditionFailed("it is not what If-Match or If-Unmodified-Since says; a dump never changes")
    for asked in ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"):  # which are met
        request.environ.pop(asked, None)
    if not _is_for_us(tag, modified):
        request.environ.pop("HTTP_RANGE", None)
    response = send_file(
        path, mimetype=media_type, download_name=name, conditional=True, etag=tag, last_modified=modified
    )
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    return response


def _path(facts: Facts, file: File) -> Path:
    return respond.service().published.folder / str(facts.version) / file.name


def _modified(path: Path) -> datetime:
    """When a file was made, in whole seconds."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _unpacked(facts: Facts, file: File) -> Response:
    """What a file holds: the same bytes with a content coding where the client takes that (RFC 9110, 8.4)."""
    offer = next(offer for offer in dumps.FORMATS if offer.suffix == file.suffix)
    if request.accept_encodings.quality("gzip"):
        response = _file(facts, file, file.name.removesuffix(".gz"), offer.media_type)
        response.content_encoding = "gzip"
    else:
        path = _path(facts, file)
        content = wrap_file(request.environ, cast("BinaryIO", gzip.GzipFile(path)))
        response = Response(content, content_type=offer.content_type, direct_passthrough=True)
        response.content_length = file.content_length
        response.set_etag(respond.etag(file.content_sha256))
        response.last_modified = _modified(path)
        response = respond.conditional(response)
    response.vary.add("Accept-Encoding")
    return response


def _is_for_us(tag: str, modified: datetime) -> bool:
    """Whether a range is asked that is to be sent (RFC 9110, 14.2).

    One in a unit of which nothing is known, or for another method than GET, is ignored; several at once may be, and
    who asks for them gets the whole. If-Range names the strong tag or the very date, else the whole is sent (13.1.5).
    """
    asked, if_range = request.headers.get("Range", ""), request.headers.get("If-Range")
    known = if_range is None or if_range == f'"{tag}"' or parse_date(if_range) == modified
    return request.method == "GET" and asked.startswith("bytes=") and "," not in asked and known


def _to(name: str) -> BaseResponse:
    return respond.lead(f"/dumps/{name}", 302, cached=False)
