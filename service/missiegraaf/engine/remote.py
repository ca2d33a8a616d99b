"""A graph that another SPARQL 1.1 server holds, by its query and update endpoints alone: what it says, and its readers.

The graphs are those of the embedded store. Their log says which version they are; several services may share a server.
"""

from __future__ import annotations

import errno
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from missiegraaf.engine import changes, syntax
from missiegraaf.engine.cache import Answer, Result
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.copies import Copies
from missiegraaf.engine.embedded import LAYOUT, Dataset
from missiegraaf.engine.endpoint import Endpoint
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.reader import Ask, Job, Offers, Shape, unreadable
from missiegraaf.engine.spool import TOO_LARGE, Spool, write
from missiegraaf.engine.versioned import Source
from missiegraaf.errors import (
    EngineFailed,
    NotAcceptable,
    Overtaken,
    QueryFailed,
    QuerySyntaxError,
    ResultTooLarge,
    StoreError,
)
from missiegraaf.formats import media
from missiegraaf.formats.parsing import is_iri
from missiegraaf.formats.terminals import tokens
from missiegraaf.namespaces import XSD

PATIENCE: Final = 600  # seconds that reads and writes of the service itself may take
_PIECE: Final = 10_000  # quads of one request of a first load
_TRIES: Final = 5
_SHAPES: Final[Mapping[str, Shape]] = {"ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_PLACE = re.compile(r"(\bline |error at )(\d+)(, column |:)(\d+)", re.IGNORECASE)


class Engine:
    """A server that holds a graph of ours, and what its log says. Methods raise what those of Endpoint do."""

    def __init__(self, url: str, update: str, base_iri: str) -> None:
        self.endpoint, self.base_iri = Endpoint(url, update), base_iri
        self.log = NamedNode(base_iri + "log")
        self._number, self._about = NamedNode(base_iri + "def#version"), NamedNode(base_iri + "def#about")

    def is_empty(self) -> bool:
        """Tell whether the server holds no triple at all."""
        return not self._ask("ASK { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")

    def newest(self, known: int = 0) -> int:
        """Return the version that the log ends with, 0 where there is none; at once where it still is the known one."""
        if known and self._ask(f"ASK {{ {self.is_newest(known)} }}"):
            return known
        newest = f"SELECT ?v {{ GRAPH {self.log} {{ ?entry {self._number} ?v }} }} ORDER BY DESC(?v) LIMIT 1"
        with self._solutions(newest) as rows:
            return sum(int(row["v"].value) for row in rows)

    def is_newest(self, version: int) -> str:
        """Return a pattern that matches, once, while the log ends with this version."""
        there = f"GRAPH {self.log} {{ {self._entry(version)} {self._number} {_integer(version)} }}"
        return f"{there} FILTER NOT EXISTS {{ GRAPH {self.log} {{ {self._entry(version + 1)} ?p ?o }} }}"

    def entry(self, version: int) -> frozenset[Quad]:
        """Return what the log says of a version."""
        entry = self._entry(version)
        with self._solutions(f"SELECT ?p ?o {{ GRAPH {self.log} {{ {entry} ?p ?o }} }}") as rows:
            return frozenset(Quad(entry, row["p"], row["o"], self.log) for row in rows)

    def about(self) -> dict[str, Any]:
        """Return what `embedded.about` tells of a store. Raises StoreError where the server holds none of ours."""
        asked = f"SELECT ?about {{ GRAPH {self.log} {{ {self._entry(1)} {self._about} ?about }} }}"
        with self._solutions(asked) as rows:
            found: list[dict[str, Any]] = [json.loads(row["about"].value) for row in rows]
        if len(found) != 1 or found[0].get("layout") != LAYOUT:
            raise StoreError(
                f"{self.endpoint.name} holds data, but no whole graph of layout {LAYOUT} under {self.base_iri}: they "
                "are somebody else's, or of a load that did not end; empty it first, or take another data set"
            )
        return found[0]

    def create(self, quads: Iterable[Quad], about: Mapping[str, Any]) -> None:
        """Fill the server, piece by piece; only the last one makes it a graph that `about` finds."""
        twice = self._with_default_graph(quads)
        while piece := list(islice(twice, _PIECE)):
            self.endpoint.update(f"INSERT DATA {{ {changes.quad_data(piece)} }}", PATIENCE)
        said = {self._number: _integer(1), self._about: Literal(json.dumps({"layout": LAYOUT, **about}))}
        entry = [Quad(self._entry(1), predicate, value, self.log) for predicate, value in said.items()]
        self.endpoint.update(f"INSERT DATA {{ {changes.quad_data(entry)} }}", PATIENCE)

    def whole(self) -> tuple[int, Dataset]:
        """Return the newest version and a copy of it in memory. Raises Overtaken where it changes all the time."""
        for _ in range(_TRIES):
            version, dataset = self.newest(), Store()
            with self._solutions("SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }") as rows:
                named = (Quad(row["s"], row["p"], row["o"], row["g"]) for row in rows)
                dataset.bulk_extend(self._with_default_graph(named))
            if self.newest(version) == version:
                return version, dataset
        raise overtaken("the graph changes faster than it can be read")

    def _with_default_graph(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        for quad in quads:
            yield quad
            if quad.graph_name != self.log:
                yield Quad(quad.subject, quad.predicate, quad.object)

    def _entry(self, version: int) -> NamedNode:
        return NamedNode(f"{self.log.value}#{version}")

    def _ask(self, query: str) -> bool:
        with self._results(query) as found:
            return isinstance(found, QueryBoolean) and bool(found)

    @contextmanager
    def _solutions(self, query: str) -> Iterator[QuerySolutions]:
        with self._results(query) as found:
            if not isinstance(found, QuerySolutions):
                raise EngineFailed(f"{self.endpoint.name} gives no solutions")
            yield found

    @contextmanager
    def _results(self, query: str) -> Iterator[QuerySolutions | QueryBoolean]:
        with self.endpoint.ask(query, media.JSON.media_type, PATIENCE) as content:
            try:
                yield parse_query_results(content, QueryResultsFormat.JSON)
            except SyntaxError as error:
                raise self.endpoint.unreadable(error) from None


class RemoteReaders(Readers):
    """What asks the server; only users' documents are read by processes of this machine, as in Readers.

    `version` tells the newest version, `copy` a copy of it. A query that takes its whole time is given up; whether the
    server goes on with it is up to the server.
    """

    def __init__(self, engine: Engine, limits: Limits, version: Callable[[], int], copy: Callable[[], Dataset]) -> None:
        self._endpoint, self._seen = engine.endpoint, version()
        self._copies = Copies(version, copy, limits, engine.base_iri)
        self._empty = tempfile.TemporaryDirectory(prefix="missiegraaf-")
        Store(self._empty.name)
        super().__init__(Source(self._empty.name, 1), limits, version)

    def run(self, job: Job) -> Result:
        """Return the complete answer to a job, of the newest version; the caller closes it.

        What was answered is of version n when n was the newest before and is so after: versions only grow. Raises what
        `Readers.run` does, EngineUnreachable (503), EngineFailed (502), Overtaken (503) where the job names a version
        that is not the newest, or the graph changes all the time.
        """
        self._admit(job.query)
        with self._place():
            for _ in range(_TRIES):
                version = job.version or self._seen
                with ExitStack() as undo:
                    answer = kept = self.cache.get(job.key(version))
                    if answer is None:
                        path = f"{self._folder.name}/{next(self._numbers)}"
                        undo.callback(Path(path).unlink, missing_ok=True)
                        answer = self._answer(job, path)
                    self._seen = self.version()
                    if version == self._seen:
                        with suppress(FileNotFoundError):  # it went from the cache meanwhile
                            result = answer.opened(version)
                            undo.pop_all()
                            if kept is None:
                                self.cache.add(job.key(version), answer)
                            return result
                if job.version is not None:
                    raise overtaken(f"version {job.version} is not the newest, and the only one to ask is {self._seen}")
        raise overtaken("the graph changes faster than this query is answered")

    def difference(self, update: str, base_iri: str, prefixes: Mapping[str, str]) -> Difference:
        """Return what an update would change in the newest version, tried on a copy by a process of this machine."""
        with self._copies.newest() as readers:
            return readers.difference(update, base_iri, prefixes)

    def work(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Return what a function makes of the newest version: of a copy, in a process of this machine."""
        with self._copies.newest() as readers:
            return readers.work(work, *arguments)

    def asking(self, work: Callable[..., Any], *arguments: object) -> tuple[int, Any]:
        """Return the newest version, and what a function makes of it by queries, which the server answers."""
        for _ in range(_TRIES):
            version = self.version()

            def ask(query: str, version: int = version) -> QuerySolutions:
                offers: Offers = {"solutions": media.JSON, "boolean": None, "graph": None}
                content = self.read(Job(query, offers, version=version))
                return cast("QuerySolutions", parse_query_results(content, QueryResultsFormat.JSON))

            with suppress(Overtaken):
                return version, work(Ask(ask), version, *arguments)
        raise overtaken("the graph changes faster than this is answered")

    def close(self) -> None:
        """End what `Readers` ends, and the connections to the server."""
        super().close()
        self._copies.close()
        self._endpoint.close()
        self._empty.cleanup()

    def _answer(self, job: Job, path: str) -> Answer:
        """Ask the server, and write the result in the format of the job's offer to the file at `path`."""
        shape = _SHAPES.get(syntax.form(job.query), "solutions")
        offer = job.offers[shape]
        if offer is None:
            raise NotAcceptable("no format for this kind of result", shape=shape)
        wanted = media.N_TRIPLES if shape == "graph" else media.JSON
        names = (("default-graph-uri", job.default_graphs), ("named-graph-uri", job.named_graphs))
        datasets = tuple((name, iri) for name, iris in names for iri in iris or ())
        asked = (_prologue(job) + job.query, wanted.media_type, self._limits.seconds, datasets)
        try:
            with self._endpoint.ask(*asked) as content, closing(Spool(path, self._limits.result * 1024**2)) as spool:
                write(_result(content, shape), offer.suffix, spool, job.ordered, self._limits.rows)
            return Answer(shape, offer, spool.length, spool.sha256.hexdigest(), spool.short, path)
        except QuerySyntaxError as error:
            raise placed(error, job.query) from None
        except SyntaxError as error:
            raise self._endpoint.unreadable(error) from None
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise ResultTooLarge(TOO_LARGE) from None
            raise


def overtaken(detail: str) -> Overtaken:
    """Return the error of who comes too late."""
    return Overtaken(f"{detail}; ask again", headers={"Retry-After": "1"})


def base(iri: str) -> str:
    """Return the declaration of a base. Raises QueryFailed (500) where it is no IRI."""
    if not is_iri(iri):
        raise QueryFailed(f"{iri!r} is no base for IRIs")
    return f"BASE <{iri}> "


def _result(content: BinaryIO, shape: Shape) -> QuerySolutions | QueryBoolean | Iterable[Triple]:
    if shape == "graph":
        return (quad.triple for quad in parse(content, RdfFormat.N_TRIPLES, rename_blank_nodes=False))
    result = parse_query_results(content, QueryResultsFormat.JSON)
    if isinstance(result, QueryBoolean) != (shape == "boolean"):
        raise EngineFailed(f"the engine gives no {shape}")
    return result


def _prologue(job: Job) -> str:
    """A line that declares the base, and of the prefixes those that the query may use and does not declare itself."""
    start = base(job.base_iri) if job.base_iri else ""
    names = {token.text.partition(":")[0] for token in tokens(job.query) if token.kind == "name"}
    used = ((prefix, iri) for prefix, iri in (job.prefixes or {}).items() if prefix in names)
    return start + "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in used) + "\n"


def placed(error: QuerySyntaxError, query: str) -> QuerySyntaxError:
    """Return the engine's error with the place in the text of the user, which began in the second line."""
    detail = _PLACE.sub(lambda place: f"{place[1]}{int(place[2]) - 1}{place[3]}{place[4]}", error.detail)
    found = _PLACE.search(detail)
    if found is None or found[1] == "error at ":
        return unreadable(detail, query)
    line, column = int(found[2]), int(found[4])
    return QuerySyntaxError(f"line {line}, column {column}: {detail}", line=line, column=column)


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(XSD + "integer"))
