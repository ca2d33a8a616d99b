"""What an update would change, at a cost that follows what it matches and changes (SPARQL 1.1 Update, 3.1.3).

The engine itself reads templates and fills them in: the solutions of the WHERE become VALUES of an insertion into an
empty dataset, which skips each triple that is unbound or illegal, and only that. So

    WITH <g> DELETE { t } INSERT { u } USING <d> WHERE { p }

on a dataset is `SELECT DISTINCT (variables of t and u) FROM <d> WHERE { p }` there (without USING, with g in the place
of the default graph), and apart from it `WITH <g> INSERT { t } WHERE { VALUES ... }` is what goes, and
`WITH <g> INSERT { u } WHERE { VALUES ... }` what comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolution, QuerySolutions, Store

from missiegraaf.engine import rewriting, updates
from missiegraaf.engine.changes import Difference
from missiegraaf.engine.updates import Operation
from missiegraaf.namespaces import record_graph

_AT_ONCE: Final = 10_000  # solutions
_ANY: Final = "<any:any>"


class _NotUnderstood(Exception):
    """What an operation does is not to be told this way."""


@dataclass(frozen=True)
class Update:
    """An update: its text, the base IRI and the prefixes to read it with, and the base IRI of the records it is about.

    What names no graph is about the record of its subject; where that is no record, about the default graph.
    """

    text: str
    base_iri: str
    prefixes: Mapping[str, str]
    records: str

    def run(self, dataset: Store, text: str | None = None) -> Store:
        """Run it, or a part of it, on a dataset, and return that."""
        dataset.update(self.text if text is None else text, base_iri=self.base_iri, prefixes=dict(self.prefixes))
        return dataset

    def placed(self, quads: Iterable[Quad]) -> frozenset[Quad]:
        """Return quads with what names no graph in the record of its subject."""
        return frozenset(self._placed(quad) for quad in quads)

    def _placed(self, quad: Quad) -> Quad:
        own = self.own_graph(quad)
        return _quad(quad, own) if own and quad.graph_name == DefaultGraph() else quad

    def own_graph(self, quad: Quad) -> NamedNode | None:
        """Return the graph of the record that a quad's triple is about, None where it is about none."""
        name = record_graph(quad.subject.value, self.records) if isinstance(quad.subject, NamedNode) else None
        return NamedNode(name) if name else None


def _quad(quad: Quad, name: NamedNode | DefaultGraph) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, name)


def of_data(update: Update) -> Difference | None:
    """Return what an update removes and adds whose operations all give their data (INSERT DATA, DELETE DATA).

    None where another operation is among them, or the text cannot be read. What is said of a quad is as the last
    operation leaves it, whether the dataset has it or not.
    """
    found = updates.operations(update.text)
    if found is None or any(operation.where or not (operation.removed or operation.added) for operation in found):
        return None
    difference = _NOTHING
    try:
        for operation in found:
            difference = _then(difference, _of_data(operation, update))
    except (SyntaxError, ValueError, RuntimeError):
        return None
    return difference


def difference(
    update: Update, dataset: Store, changed: Callable[[Difference], AbstractContextManager[Store]]
) -> Difference:
    """Return what an update would remove from a dataset and add to it, exactly; afterwards it is as it was.

    `changed` gives the dataset with a difference carried out, until its block ends. Each operation sees the records
    as the operations before it leave them, in their graphs and in the default graph; what would be inferred anew, or
    no longer, it does not see. Raises SyntaxError, RuntimeError, ValueError, OSError.
    """
    with suppress(RuntimeError, ValueError, OSError):
        update.run(Store())  # a text that cannot be read is told with the place
    found = updates.operations(update.text)
    if found is None:
        found = [Operation(update.text, "")]
    whole = step = _NOTHING
    with ExitStack() as undo:
        seen = dataset
        for operation in found:
            if step != _NOTHING:
                seen = undo.enter_context(changed(_shown(step, seen, update)))
            step = _step(operation, seen, update)
            whole = _then(whole, step)
    return _exact(whole, dataset)


_NOTHING: Final = Difference(frozenset(), frozenset())


def _then(first: Difference, second: Difference) -> Difference:
    """Both, one after the other."""
    return Difference(
        first.removed - second.added | second.removed - second.added, first.added - second.removed | second.added
    )


def _exact(said: Difference, dataset: Store) -> Difference:
    return Difference(
        frozenset(quad for quad in said.removed if quad in dataset),
        frozenset(quad for quad in said.added if quad not in dataset),
    )


def _shown(said: Difference, dataset: Store, update: Update) -> Difference:
    """The exact difference, with that of the default graph, which has what stands in records or is inferred."""

    def in_default(quads: Iterable[Quad]) -> Iterator[Quad]:
        return (_quad(quad, DefaultGraph()) for quad in quads if quad.graph_name == update.own_graph(quad))

    def is_inferred(quad: Quad) -> bool:
        return _quad(quad, NamedNode(update.records + "inferred")) in dataset

    gone = (quad for quad in in_default(said.removed) if not is_inferred(quad))
    return _exact(Difference(said.removed.union(gone), said.added.union(in_default(said.added))), dataset)


def _step(operation: Operation, seen: Store, update: Update) -> Difference:
    """What one operation says: what goes and what comes, placed."""
    try:
        if operation.cleared:
            return _cleared(operation, seen, update)
        if operation.removed or operation.added:
            return _instantiated(operation, seen, update) if operation.where else _of_data(operation, update)
    except (_NotUnderstood, SyntaxError):
        pass
    return _by_copy(operation, seen, update)


def _of_data(operation: Operation, update: Update) -> Difference:
    added = update.run(Store(), operation.text)
    removed = update.run(Store(), f"{operation.prologue} INSERT DATA {operation.removed}") if operation.removed else ()
    return Difference(update.placed(removed), update.placed(added))


def _cleared(operation: Operation, seen: Store, update: Update) -> Difference:
    name = _graph(operation, operation.cleared, update)
    found = frozenset(seen.quads_for_pattern(None, None, None, name))
    if not (found or operation.silent or seen.contains_named_graph(name)):
        raise RuntimeError(f"The graph {name} does not exist")
    return Difference(found, frozenset())


def _graph(operation: Operation, written: str, update: Update) -> NamedNode:
    """The graph that an IRI names, as the engine reads it."""
    filled = update.run(Store(), f"{operation.prologue} INSERT DATA {{ GRAPH {written} {{ {_ANY} {_ANY} {_ANY} }} }}")
    (name,) = filled.named_graphs()
    if not isinstance(name, NamedNode):
        raise _NotUnderstood
    return name


def _instantiated(operation: Operation, seen: Store, update: Update) -> Difference:
    names = operation.variables or ["any"]
    head = " ".join(f"?{name}" for name in names)
    solutions = _solutions(operation, head, seen, update)
    graph = f"WITH {operation.graph}" if operation.graph else ""
    into = f"{operation.prologue} {graph} INSERT"
    removed, added = Store(), Store()
    while some := list(islice(solutions, _AT_ONCE)):
        values = "\n".join(_row(solution, names) for solution in some)
        for template, filled in ((operation.removed, removed), (operation.added, added)):
            if template:
                update.run(filled, f"{into} {template} WHERE {{ VALUES ({head}) {{ {values} }} }}")
    come = update.placed(added)
    return Difference(update.placed(removed) - come, come)


def _solutions(operation: Operation, head: str, seen: Store, update: Update) -> QuerySolutions:
    query = f"{operation.prologue} SELECT DISTINCT {head} {operation.dataset} WHERE {operation.where}"
    default = _graph(operation, operation.graph, update) if operation.graph and not operation.dataset else None
    found = seen.query(
        rewriting.faster(query), base_iri=update.base_iri, prefixes=dict(update.prefixes), default_graph=default
    )
    if not isinstance(found, QuerySolutions):
        raise _NotUnderstood
    return found


def _row(solution: QuerySolution, names: Iterable[str]) -> str:
    return f"({' '.join(_written(solution[name]) for name in names)})"


def _written(term: object) -> str:
    """A term as VALUES takes it; blank nodes and triples it does not take."""
    if term is None:
        return "UNDEF"
    if not isinstance(term, NamedNode | Literal):
        raise _NotUnderstood
    return str(term)


def _by_copy(operation: Operation, seen: Store, update: Update) -> Difference:
    """Run an operation on a copy of the dataset and compare: its cost follows the dataset."""
    copy = Store()
    copy.bulk_extend(seen)
    update.run(copy, operation.text)
    come = update.placed(quad for quad in copy if quad not in seen)
    return Difference(update.placed(quad for quad in seen if quad not in copy) - come, come)
