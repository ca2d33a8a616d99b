"""What happens inside a reader process: one query on one store, its whole result written to a file.

Nothing here runs in the service's own process. pyoxigraph cannot be interrupted and some queries end the process
that runs them, so a query has a process that may be killed.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Literal

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store, serialize

from missiegraaf.engine import processes
from missiegraaf.errors import NotAcceptable, QuerySyntaxError
from missiegraaf.formats import media

Shape = Literal["solutions", "boolean", "graph"]
Offers = Mapping[Shape, media.Offer | None]

_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_store: Store


@dataclass(frozen=True)
class Job:
    """A query with its dataset and, for each shape of result, the offer to write it in (None: not acceptable).

    `default_graphs` and `named_graphs` are None where the request names no dataset (SPARQL 1.1 Protocol, 2.1.4).
    """

    query: str
    offers: Offers
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    prefixes: Mapping[str, str] | None = None
    base_iri: str | None = None


@dataclass(frozen=True)
class Answer:
    """A complete result: its shape, its offer, the file that holds it, the file's length in bytes and sha256."""

    shape: Shape
    offer: media.Offer
    path: str
    length: int
    sha256: str


def start(store_path: str, megabytes: int) -> None:
    """Make this process a reader of a store: it dies with its parent and has a limit to its address space."""
    global _store  # noqa: PLW0603  # one store a process, opened once when the process starts
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    processes.die_with_parent()
    if megabytes:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024**2, megabytes * 1024**2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _store = Store.read_only(store_path)


def answer(job: Job, folder: str) -> Answer:
    """Run the query and write its whole result to a file in `folder`; the caller removes the file.

    Raises QuerySyntaxError (400) with line and column, NotAcceptable (406).
    """
    try:
        result = _store.query(
            job.query,
            base_iri=job.base_iri,
            prefixes=dict(job.prefixes or {}),
            default_graph=_default_graphs(job),
            named_graphs=_named_graphs(job),
        )
    except SyntaxError as error:
        raise _unreadable(str(error), job.query) from None
    shape: Shape = "graph"
    if isinstance(result, QuerySolutions):
        shape = "solutions"
    elif isinstance(result, QueryBoolean):
        shape = "boolean"
    offer = job.offers[shape]
    if offer is None:
        raise NotAcceptable(f"a {shape} result is not on offer in a format that the request accepts")
    handle, path = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w+b") as target:
        _write(result, offer, target)
        length = target.seek(0, os.SEEK_END)
        target.seek(0)
        return Answer(shape, offer, path, length, hashlib.file_digest(target, "sha256").hexdigest())


def _write(result: QuerySolutions | QueryBoolean | QueryTriples, offer: media.Offer, target: BinaryIO) -> None:
    if isinstance(result, QueryTriples):
        serialize(result, target, format=offer.rdf)
    else:
        result.serialize(target, format=offer.results)


def _default_graphs(job: Job) -> list[NamedNode | BlankNode | DefaultGraph] | None:
    if job.default_graphs is None and job.named_graphs is None:
        return None
    return [NamedNode(iri) for iri in job.default_graphs or ()]


def _named_graphs(job: Job) -> list[NamedNode | BlankNode] | None:
    if job.default_graphs is None and job.named_graphs is None:
        return None
    return [NamedNode(iri) for iri in job.named_graphs or ()]


def _unreadable(message: str, query: str) -> QuerySyntaxError:
    """Say where the parser got stuck and what stands before it: its own list of expected characters helps nobody."""
    found = _POSITION.match(message)
    if not found:
        return QuerySyntaxError(message)
    line, column = int(found[1]), int(found[2])
    lines = query.split("\n")
    reason = "a prefix is not declared" if "Prefix not found" in found[3] else "the query cannot be read on"
    stood = lines[line - 1][: column - 1][-40:].strip()
    return QuerySyntaxError(f"line {line}, column {column}: {reason} after {stood!r}", line=line, column=column)
