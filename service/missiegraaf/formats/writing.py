"""Writing graphs and datasets as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import BinaryIO

from pyoxigraph import Quad, RdfFormat, Triple, serialize


def to_bytes(
    content: Iterable[Triple] | Iterable[Quad], rdf_format: RdfFormat, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """Return triples or quads in a format, in the order in which they come."""
    written = serialize(content, format=rdf_format, prefixes=dict(prefixes or {}))
    return written or b""


def write(triples: Iterable[Triple], target: BinaryIO, rdf_format: RdfFormat, prefixes: Mapping[str, str]) -> None:
    """Write triples in a format as they come, holding none. Raises OSError where the target does not take them."""
    serialize(triples, target, format=rdf_format, prefixes=dict(prefixes))
