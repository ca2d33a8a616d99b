"""What happens inside a reader process: one query on one version of one store, its whole result written to a file.

Nothing here runs in the service's own process. pyoxigraph cannot be interrupted and some queries end the process
that runs them, so a query has a process that may be killed.
"""

from __future__ import annotations

import errno
import pickle
import re
import resource
import signal
from collections.abc import Callable, Hashable, Mapping
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple, Self, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from missiegraaf.engine import differing, processes, rewriting
from missiegraaf.engine.spool import TOO_LARGE, Spool, write
from missiegraaf.engine.versioned import Source, Versioned
from missiegraaf.errors import (
    MissiegraafError,
    NotAcceptable,
    QueryFailed,
    QuerySyntaxError,
    ResultTooLarge,
)
from missiegraaf.formats import media, parsing
from missiegraaf.formats.skolem import skolemised

Shape = Literal["solutions", "boolean", "graph"]
Offers = Mapping[Shape, media.Offer | None]

_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# In the parser's list of what it expected: words with spaces between them, not a keyword or a class of characters.
_REASON = re.compile(r"(?<![\w'\[])[A-Z][A-Za-z]+(?: [^\s,\[\]|]+)+")
_dataset: Versioned


@dataclass(frozen=True)
class Ask:
    """What asks a version of the graph a SELECT query, and gives its solutions.

    `stable` tells that every process gives them in the same order, as the indexes on disk do.
    """

    ask: Callable[[str], QuerySolutions]
    stable: bool = False

    @classmethod
    def of(cls, dataset: Store, stable: bool = False) -> Self:
        """Return what asks a dataset that is at hand."""
        return cls(cast("Callable[[str], QuerySolutions]", dataset.query), stable)

    def __call__(self, query: str) -> QuerySolutions:
        """Return the solutions."""
        return self.ask(query)


@dataclass(frozen=True)
class Job:
    """A query with its dataset and, for each shape of result, the offer to write it in (None: not acceptable).

    `default_graphs` and `named_graphs` are None where the request names no dataset (SPARQL 1.1 Protocol, 2.1.4).
    `version` is that of the dataset to ask, None for the newest. Where a graph is `ordered`, its bytes depend on its
    triples alone, not on the process that gives them.
    """

    query: str
    offers: Offers
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    prefixes: Mapping[str, str] | None = None
    base_iri: str | None = None
    version: int | None = None
    ordered: bool = False

    def key(self, version: int) -> Hashable:
        """What the result depends on, of that version."""
        offers = tuple(sorted((shape, offer and offer.media_type) for shape, offer in self.offers.items()))
        datasets = (self.default_graphs, self.named_graphs)
        return (version, self.query, offers, datasets, self.prefixes is None, self.base_iri, self.ordered)

    def asked(self, version: int, rows: int) -> Asked:
        """What a reader needs of it, for that version of the dataset; `rows` is the most that it gives, 0 for all.

        Of the prefixes those that may be used, as reading them all takes longer than most answers: such a one stands
        before a colon, unless it is written with an escape (SPARQL 1.1, 19.2).
        """
        prefixes = self.prefixes or {}
        if "\\" not in self.query:
            prefixes = {prefix: iri for prefix, iri in prefixes.items() if prefix + ":" in self.query}
        suffixes = {shape: offer.suffix if offer else None for shape, offer in self.offers.items()}
        datasets = (self.default_graphs, self.named_graphs)
        return Asked(self.query, suffixes, *datasets, dict(prefixes), self.base_iri, version, self.ordered, rows)


class Asked(NamedTuple):
    """A job on its way to a reader: plain values, which take little to send. Formats are told by their suffix."""

    query: str
    suffixes: Mapping[Shape, str | None]
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    prefixes: dict[str, str]
    base_iri: str | None
    version: int
    ordered: bool
    rows: int


class Written(NamedTuple):
    """A complete result: shape, length in bytes, sha256; a short one itself, else None: it is in the file."""

    shape: Shape
    length: int
    sha256: str
    short: bytes | None


def start(source: Source, memory: int, result: int, calls: bool = False) -> None:
    """Make this process a reader of a store: it dies with its parent, has limits, and opens no connection.

    With `calls` it may open connections, for SERVICE. `memory` and `result` are megabytes, 0 for no limit. Raises
    OSError where the store cannot be opened.
    """
    global _dataset  # noqa: PLW0603  # one store a process, opened once when the process starts
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in a terminal reaches it too; its parent decides
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    processes.die_with_parent()
    if not calls:
        processes.open_no_sockets()
    for limit, megabytes in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, result)):
        if megabytes:
            resource.setrlimit(limit, (megabytes * 1024**2, megabytes * 1024**2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _dataset = Versioned(source)


def serve(connection: Connection, source: Source, memory: int, result: int, calls: bool) -> None:
    """Be a reader: tell that the store is open (None, or why not), then do what is asked until nobody is there to ask.

    Work is a function of this module and its arguments. The answer is whether it was done, and what it gave or the
    error that it raised. Any other error ends this process, as one that the interpreter or the engine cannot survive
    does.
    """
    try:
        start(source, memory, result, calls)
    except OSError as error:
        connection.send(str(error))
        return
    connection.send(None)
    while True:
        try:
            work, arguments = pickle.loads(connection.recv_bytes())  # noqa: S301  # our parent wrote it
        except EOFError:
            return
        try:
            found = True, work(*arguments)
        except (MissiegraafError, OSError, RuntimeError, ValueError) as error:
            found = False, error
        connection.send_bytes(pickle.dumps(found))


def difference(update: str, base_iri: str, prefixes: Mapping[str, str], version: int) -> tuple[bytes, bytes]:
    """Return what an update would remove and add, as N-Quads; what names no graph is about its subject's record.

    Raises QuerySyntaxError (400), QueryFailed (500).
    """
    try:
        asked = differing.Update(update, base_iri, prefixes, _dataset.records)
        found = differing.difference(asked, _dataset.at(version), _dataset.changed)
    except SyntaxError as error:
        raise unreadable(str(error), update) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise QueryFailed(str(error)) from None
    removed, added = (serialize(quads, format=RdfFormat.N_QUADS) or b"" for quads in (found.removed, found.added))
    return removed, added


def on_dataset(work: Callable[..., Any], version: int, *arguments: object) -> Any:
    """Return what a function makes of the dataset in a version; what it raises must be an error of ours."""
    return work(_dataset.at(version), *arguments)


def asking(work: Callable[..., Any], version: int, *arguments: object) -> tuple[int, Any]:
    """Return a version, and what a function makes of it by the SELECT queries that it asks (see `Ask`)."""
    return version, work(Ask.of(_dataset.at(version), not _dataset.in_memory), version, *arguments)


def read_graph(content: bytes, offer: media.Offer, base_iri: str, name: str) -> bytes:
    """Return the triples of a document as N-Triples, blank nodes renamed. Raises UnreadableFile (400)."""
    quads = parsing.quads(content, offer.rdf, name, base_iri)
    return serialize([quad.triple for quad in quads], format=RdfFormat.N_TRIPLES) or b""


def named(triples: bytes, record: str) -> bytes:
    """Return triples, given as N-Triples, with parts of a record in the place of blank nodes.

    Canonical names can take very long, or more stack than there is.
    """
    quads = parsing.quads(triples, RdfFormat.N_TRIPLES, "the body")
    found = skolemised(quads, lambda label: f"{record}#{label}")
    return serialize([quad.triple for quad in found], format=RdfFormat.N_TRIPLES) or b""


def answer(asked: Asked, path: str) -> Written:
    """Run the query and write its whole result, unless it is short, to the file at `path`; the caller removes it.

    Raises QuerySyntaxError (400) with line and column, QueryFailed (500) for one that cannot be carried out,
    NotAcceptable (406) with the shape of the result, ResultTooLarge (503).
    """
    try:
        try:
            result = _result(asked, rewriting.faster(asked.query))
        except SyntaxError:  # its place is to be that in the text of the user
            result = _result(asked, asked.query)
        shape: Shape = "graph"
        if isinstance(result, QuerySolutions):
            shape = "solutions"
        elif isinstance(result, QueryBoolean):
            shape = "boolean"
        suffix = asked.suffixes[shape]
        if suffix is None:
            raise NotAcceptable("no format for this kind of result", shape=shape)
        with closing(Spool(path)) as spool:
            write(result, suffix, spool, asked.ordered, asked.rows)
        return Written(shape, spool.length, spool.sha256.hexdigest(), spool.short)
    except SyntaxError as error:
        raise unreadable(str(error), asked.query) from None
    except OSError as error:
        if error.errno in (errno.EFBIG, errno.ENOSPC):
            raise ResultTooLarge(TOO_LARGE) from None
        raise QueryFailed(str(error)) from None
    except (RuntimeError, ValueError) as error:
        raise QueryFailed(str(error)) from None


def _result(asked: Asked, query: str) -> QuerySolutions | QueryBoolean | QueryTriples:
    default: list[NamedNode | BlankNode | DefaultGraph] | None = None
    named: list[NamedNode | BlankNode] | None = None
    if asked.default_graphs is not None or asked.named_graphs is not None:
        default = [NamedNode(iri) for iri in asked.default_graphs or ()]
        named = [NamedNode(iri) for iri in asked.named_graphs or ()]
    return _dataset.at(asked.version).query(
        query, base_iri=asked.base_iri, prefixes=asked.prefixes, default_graph=default, named_graphs=named
    )


def unreadable(message: str, query: str) -> QuerySyntaxError:
    """Return the error of a query from the message of oxigraph's parser: where it got stuck and why.

    Its list of expected characters helps nobody, but a reason in words among them does.
    """
    found = _POSITION.match(message)
    if not found:
        return QuerySyntaxError(message)
    line, column = int(found[1]), int(found[2])
    stood = query.split("\n")[line - 1][: column - 1][-40:].strip()
    reason = _REASON.search(found[3])
    why = reason[0].strip() if reason else "the query cannot be read on"
    return QuerySyntaxError(f"line {line}, column {column}: {why}, after {stood!r}", line=line, column=column)
