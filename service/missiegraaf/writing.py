"""What a request may write: graphs of a plain dataset as they are, or records as a Change. Both are asked alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from missiegraaf import commit, history
from missiegraaf.engine import differing, rewriting, updates
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.remote_writer import AnyWriter
from missiegraaf.errors import BadRequest, ChangedSince, Forbidden, NotFound
from missiegraaf.formats import parsing
from missiegraaf.formats.parsing import is_iri
from missiegraaf.log import Change
from missiegraaf.namespaces import record_graph
from missiegraaf.tokens import Author


class Writing(Protocol):
    """Writes graphs, named by IRI or '' for the default graph, with triples as N-Triples; and runs updates.

    Each method carries out all of it or nothing, and returns the version that it leads to: the next one, if it changes
    anything.
    """

    def replace(self, graph: str, triples: str) -> int:
        """Put these triples in the place of a graph."""

    def add(self, graph: str, triples: str) -> int:
        """Add these triples to a graph."""

    def remove(self, graph: str) -> int:
        """Remove a graph."""

    def update(self, text: str, base_iri: str) -> int:
        """Carry out a SPARQL 1.1 Update."""


@dataclass(frozen=True)
class Plain:
    """Writes a plain dataset directly; blank nodes stay what they are."""

    writer: AnyWriter
    readers: Readers | None

    def replace(self, graph: str, triples: str) -> int:
        """As one update, so that no reader sees the graph empty."""
        empty = f"DROP SILENT GRAPH <{graph}> ; CREATE GRAPH <{graph}>" if graph else "CLEAR DEFAULT"
        return self._run(f"{empty} ; {_insertion(graph, triples)}", graph)

    def add(self, graph: str, triples: str) -> int:
        """A graph to which nothing is added is there nevertheless."""
        made = f"CREATE SILENT GRAPH <{graph}> ; " if graph else ""
        return self._run(made + _insertion(graph, triples), graph)

    def remove(self, graph: str) -> int:
        """The default graph stays, empty."""
        return self._run(f"DROP GRAPH <{graph}>" if graph else "CLEAR DEFAULT", graph)

    def update(self, text: str, base_iri: str) -> int:
        """Raises what Writer.update does, and QueryTimeout (503), ReaderDied (500).

        The embedded writer cannot be interrupted: so what matches anything is tried in a reader first, which can be
        ended, and is carried out in the form in which it was tried.
        """
        with self.writer.turn:
            if self.readers and not updates.only_data(text):
                self.readers.difference(text, base_iri, {})
                text = rewriting.faster(text)
            return self._run(text, base_iri)

    def _run(self, text: str, base_iri: str) -> int:
        return self.writer.update(text, base_iri or "http://localhost/")


def _insertion(graph: str, triples: str) -> str:
    data = f"INSERT DATA {{ GRAPH <{graph}> {{ {triples} }} }}" if graph else f"INSERT DATA {{ {triples} }}"
    if "<<(" in triples:
        updates.refuse_depth(data)
    return data


@dataclass(frozen=True)
class Records:
    """Writes records, each time as one Change of this author for this reason. Raises what commit.commit does."""

    graph: commit.Graph
    readers: Readers
    author: Author
    reason: str
    prefixes: Mapping[str, str]

    def replace(self, graph: str, triples: str) -> int:
        """Blank nodes become parts of the record. Raises BadRequest (400) for the default graph, or without triples."""
        self._expect_record(graph)
        wanted = self._quads(graph, triples)
        if any(isinstance(term, BlankNode) for quad in wanted for term in (quad.subject, quad.object)):
            wanted = self._quads(graph, self.readers.named(triples, self._record(graph)))
        if not wanted:
            raise BadRequest("a record has one triple at least; expected some, or DELETE")
        with self.graph.writer.turn:
            there = self.there(graph)
            return self._commit(there - wanted, wanted)

    def add(self, graph: str, triples: str) -> int:
        """Without a graph, each triple goes to the record of its subject."""
        if graph:
            self._expect_record(graph)
        return self._commit(frozenset(), self._quads(graph, triples))

    def remove(self, graph: str, successor: str = "") -> int:
        """`successor` is the IRI of the record that replaces it, if one does.

        Raises BadRequest (400) for the default graph, and for a successor that is not there, or the record itself.
        """
        self._expect_record(graph)
        with self.graph.writer.turn:
            if successor and not (successor != self._record(graph) and self._knows(successor)):
                raise BadRequest(
                    f"isReplacedBy is {successor!r}; expected another record that is there, by its IRI or, in a form, "
                    "as kind:name"
                )
            return self._commit(self.there(graph), frozenset(), NamedNode(successor) if successor else None)

    def exchange(self, removed: frozenset[Quad], added: frozenset[Quad]) -> int:
        """Put some quads of records in the place of others."""
        return self._commit(removed, added)

    def undo(self, graph: str, number: int) -> int:
        """Take back what the Change to a version did to a record.

        Raises NotFound (404) where it did nothing to it, ChangedSince (409) where what it did is not there any more.
        """
        with self.graph.writer.turn:
            record, version = self._record(graph), self.graph.writer.version
            found = history.history(self.readers, record, self.graph.base_iri, version)
            entry = next((entry for entry in found if entry.version == number), None)
            if entry is None:
                raise NotFound(f"version {number} did not change {record}")
            there = {quad.triple for quad in self.there(graph)}
            if not entry.added <= there or entry.removed & there:
                raise ChangedSince(
                    f"the record is no longer as version {entry.version} left it; undo the later ones first, or edit it"
                )
            return self._commit(_in_graph(entry.added, graph), _in_graph(entry.removed, graph))

    def _knows(self, iri: str) -> bool:
        if not is_iri(iri):
            return False
        there = self.graph.writer.store.quads_for_pattern(NamedNode(iri), None, None, DefaultGraph())
        return next(there, None) is not None

    def there(self, graph: str) -> frozenset[Quad]:
        """Return the quads of a record; the caller holds the turn."""
        return frozenset(self.graph.writer.store.quads_for_pattern(None, None, None, NamedNode(graph)))

    def update(self, text: str, base_iri: str) -> int:
        """Find out what the update would change, then commit that; what it matches it finds in a reader process."""
        with self.graph.writer.turn:
            found = differing.of_data(differing.Update(text, base_iri, self.prefixes, self.graph.base_iri))
            if found is None:
                found = self.readers.difference(text, base_iri, self.prefixes)
            return self._commit(found.removed, found.added)

    def _commit(self, removed: frozenset[Quad], added: frozenset[Quad], successor: NamedNode | None = None) -> int:
        now = datetime.now(UTC)
        change = Change(removed, added, self.author.pseudonym, self.author.role, self.reason, now, successor)
        return commit.commit(self.graph, change)

    def _expect_record(self, graph: str) -> None:
        """Raise BadRequest (400) for the default graph, Forbidden (403) for one that is no record's."""
        if not graph:
            raise BadRequest("the default graph holds every record; expected ?graph= with the name of a record's graph")
        if record_graph(self._record(graph), self.graph.base_iri) != graph:
            raise Forbidden(f"<{graph}> is no record's graph; expected {self.graph.base_iri}doc/<kind>/<name>")

    def _record(self, graph: str) -> str:
        return f"{self.graph.base_iri}id/{graph.removeprefix(self.graph.base_iri + 'doc/')}"

    def _quads(self, graph: str, triples: str) -> frozenset[Quad]:
        """The triples in a graph, or each in that of its record."""
        found = [quad.triple for quad in parsing.quads(triples, RdfFormat.N_TRIPLES, "the body")]
        return frozenset(
            Quad(t.subject, t.predicate, t.object, NamedNode(graph) if graph else self._own_graph(t)) for t in found
        )

    def _own_graph(self, triple: Triple) -> NamedNode:
        subject = triple.subject.value if isinstance(triple.subject, NamedNode) else ""
        name = record_graph(subject, self.graph.base_iri)
        if name is None:
            raise Forbidden(f"{triple.subject} is no record; expected {self.graph.base_iri}id/<kind>/<name>")
        return NamedNode(name)


def _in_graph(triples: Iterable[Triple], graph: str) -> frozenset[Quad]:
    return frozenset(Quad(t.subject, t.predicate, t.object, NamedNode(graph)) for t in triples)
