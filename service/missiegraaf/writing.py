"""What a request may write: graphs of a plain dataset as they are, or records as a Change. Both are asked alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from missiegraaf import commit
from missiegraaf.engine import differing
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.remote_writer import AnyWriter
from missiegraaf.errors import BadRequest, Forbidden
from missiegraaf.formats import parsing
from missiegraaf.log import Change
from missiegraaf.namespaces import record_graph
from missiegraaf.tokens import Author


class Writing(Protocol):
    """Writes graphs, named by IRI or '' for the default graph, with triples as N-Triples; and runs updates.

    Each method carries out all of it or nothing and leads to the next version, if it changes anything.
    """

    def replace(self, graph: str, triples: str) -> None:
        """Put these triples in the place of a graph."""

    def add(self, graph: str, triples: str) -> None:
        """Add these triples to a graph."""

    def remove(self, graph: str) -> None:
        """Remove a graph."""

    def update(self, text: str, base_iri: str) -> None:
        """Carry out a SPARQL 1.1 Update."""


@dataclass(frozen=True)
class Plain:
    """Writes a plain dataset directly; blank nodes stay what they are."""

    writer: AnyWriter
    readers: Readers | None

    def replace(self, graph: str, triples: str) -> None:
        """As one update, so that no reader sees the graph empty."""
        empty = f"DROP SILENT GRAPH <{graph}> ; CREATE GRAPH <{graph}>" if graph else "CLEAR DEFAULT"
        self.update(f"{empty} ; {self._insertion(graph, triples)}", graph)

    def add(self, graph: str, triples: str) -> None:
        """A graph to which nothing is added is there nevertheless."""
        made = f"CREATE SILENT GRAPH <{graph}> ; " if graph else ""
        self.update(made + self._insertion(graph, triples), graph)

    def remove(self, graph: str) -> None:
        """The default graph stays, empty."""
        self.update(f"DROP GRAPH <{graph}>" if graph else "CLEAR DEFAULT", graph)

    def update(self, text: str, base_iri: str) -> None:
        """Raises what Writer.update does, and QueryTimeout (503), ReaderDied (500).

        The embedded writer cannot be interrupted: so what is more than data is tried in a reader, which can be ended.
        """
        base_iri = base_iri or "http://localhost/"
        with self.writer.turn:
            if self.readers and differing.of_data(differing.Update(text, base_iri, {}, "")) is None:
                self.readers.difference(text, base_iri, {})
            self.writer.update(text, base_iri)

    def _insertion(self, graph: str, triples: str) -> str:
        return f"INSERT DATA {{ GRAPH <{graph}> {{ {triples} }} }}" if graph else f"INSERT DATA {{ {triples} }}"


@dataclass(frozen=True)
class Records:
    """Writes records, each time as one Change of this author for this reason. Raises what commit.commit does."""

    graph: commit.Graph
    readers: Readers
    author: Author
    reason: str
    prefixes: Mapping[str, str]

    def replace(self, graph: str, triples: str) -> None:
        """Raises BadRequest (400) for the default graph, which is not one record."""
        if not graph:
            raise BadRequest("the default graph holds every record; expected ?graph= with the name of a record's graph")
        with self.graph.writer.turn:
            there, wanted = self._there(graph), self._quads(graph, triples)
            self._commit(there - wanted, wanted)

    def add(self, graph: str, triples: str) -> None:
        """Without a graph, each triple goes to the record of its subject."""
        self._commit(frozenset(), self._quads(graph, triples))

    def remove(self, graph: str) -> None:
        """Raises BadRequest (400) for the default graph."""
        if not graph:
            raise BadRequest("the default graph holds every record; expected ?graph= with the name of a record's graph")
        with self.graph.writer.turn:
            self._commit(self._there(graph), frozenset())

    def update(self, text: str, base_iri: str) -> None:
        """Find out what the update would change, then commit that; what it matches it finds in a reader process."""
        with self.graph.writer.turn:
            data = differing.of_data(differing.Update(text, base_iri, self.prefixes, self.graph.base_iri))
            if data is not None:
                removed, added = data.removed, data.added
            else:
                removed, added = map(frozenset, self.readers.difference(text, base_iri, self.prefixes))
            self._commit(removed, frozenset(map(self._placed, added)))

    def _commit(self, removed: frozenset[Quad], added: frozenset[Quad]) -> None:
        now = datetime.now(UTC)
        commit.commit(self.graph, Change(removed, added, self.author.pseudonym, self.author.role, self.reason, now))

    def _there(self, graph: str) -> frozenset[Quad]:
        return frozenset(self.graph.writer.store.quads_for_pattern(None, None, None, NamedNode(graph)))

    def _quads(self, graph: str, triples: str) -> frozenset[Quad]:
        found: Iterable[Triple] = (q.triple for q in parsing.quads(triples, RdfFormat.N_TRIPLES, "the body"))
        name = NamedNode(graph) if graph else DefaultGraph()
        return frozenset(self._placed(Quad(t.subject, t.predicate, t.object, name)) for t in found)

    def _placed(self, quad: Quad) -> Quad:
        """What names no graph goes to its subject's record."""
        if not isinstance(quad.graph_name, DefaultGraph):
            return quad
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        name = record_graph(subject, self.graph.base_iri)
        if name is None:
            raise Forbidden(f"{quad.subject} is no record; expected {self.graph.base_iri}id/<kind>/<name>")
        return Quad(quad.subject, quad.predicate, quad.object, NamedNode(name))
