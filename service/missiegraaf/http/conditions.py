"""Whether a request is to be answered as its conditions say (RFC 9110, 13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from werkzeug.datastructures import Headers
from werkzeug.http import parse_date, parse_etags

NOT_MODIFIED: Final = 304
FAILED: Final = 412


def outcome(headers: Mapping[str, str] | Headers, tag: str, modified: datetime | None = None) -> int:
    """Return 304 or 412 where the conditions of a GET or HEAD say so, else 200, in the order of clause 13.2.2.

    `tag` is the strong entity tag of what would be sent, without its quotes; `modified` the time since which it is as
    it is, None where that is not known. A date that cannot be read is passed over (13.1.3, 13.1.4).
    """
    if "If-Match" in headers:
        if headers["If-Match"].strip() != "*" and not parse_etags(headers["If-Match"]).is_strong(tag):
            return FAILED
    elif modified and (since := parse_date(headers.get("If-Unmodified-Since"))) and modified > since:
        return FAILED
    if "If-None-Match" in headers:
        known = headers["If-None-Match"]
        return NOT_MODIFIED if known.strip() == "*" or parse_etags(known).contains_weak(tag) else 200
    since = parse_date(headers.get("If-Modified-Since")) if modified else None
    return NOT_MODIFIED if modified and since and modified <= since else 200
