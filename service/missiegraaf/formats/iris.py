"""IRIs and the URIs and paths that stand for them (RFC 3986, RFC 3987)."""

from __future__ import annotations

import re
from urllib.parse import quote

_NO_SEGMENT = re.compile(r'[\x00-\x20"#%/<>?\[\\\]^`{|}\x7f]')
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def segment(text: str) -> str:
    """Return the segment of an IRI that a decoded segment of a path stands for: what has no place in it is encoded."""
    return _NO_SEGMENT.sub(lambda found: quote(found[0], safe=""), text)


def uri(iri: str) -> str:
    """Return the URI of an IRI (RFC 3987, 3.1)."""
    return _NOT_ASCII.sub(lambda found: quote(found[0]), iri)
