"""What a SPARQL constraint reads: from its focus node to each triple pattern, along the patterns that join them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from pyoxigraph import NamedNode
from rdflib import URIRef, Variable, paths
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from missiegraaf.validation.paths import SELF, Alternative, Path, Read, Repeated, Step, then
from missiegraaf.validation.triples import TYPE

_Edge = tuple[Node, Path, Node]
_Ways = list[list[_Edge]]  # which patterns hold together in a solution, one list for each branch of a UNION


class _UnknownError(Exception):
    pass


def query_reads(query: Query) -> tuple[Read, ...] | None:
    """Return what a query reads, from ?this; None where a pattern is not joined to it or not understood."""
    try:
        return tuple(dict.fromkeys(_reads(query.algebra, _ways(query.algebra))))
    except _UnknownError:
        return None


def _ways(part: CompValue) -> _Ways:
    if part.name == "BGP":
        return [[(s, _path(p), o) for s, p, o in part.triples]]
    if part.name == "Join":
        return _both(_ways(part.p1), _ways(part.p2))
    if part.name == "Union":
        return _ways(part.p1) + _ways(part.p2)
    if part.name == "LeftJoin":
        return _ways(part.p1)
    if part.name == "Extend" and isinstance(part.expr, Variable):
        return _both(_ways(part.p), [[(part.var, SELF, part.expr)]])
    if part.name in {"SelectQuery", "Project", "Distinct", "Reduced", "OrderBy", "Filter", "Extend"}:
        return _ways(part.p)
    raise _UnknownError


def _reads(part: CompValue, ways: _Ways) -> Iterator[Read]:
    if part.name == "BGP":
        for (s, p, o), way in product(part.triples, ways):
            found = _joined(way)
            if s in found:
                yield from ((then(found[s], prefix), step) for prefix, step in _path(p).reads())
            elif o in found:
                yield from ((then(found[o], prefix), step) for prefix, step in _path(p).inverse().reads())
            else:
                raise _UnknownError
    for name in ("p", "p1", "p2"):
        if name in part:  # the mapping's own `get` gives the name of what is missing
            inner = part[name]
            optional = name == "p2" and part.name == "LeftJoin"
            yield from _reads(inner, _both(ways, _ways(inner)) if optional else ways)
    if "expr" in part:
        for inner in _exists(part["expr"]):
            yield from _reads(inner, _both(ways, _ways(inner)))


def _exists(expression: Any) -> Iterator[CompValue]:
    if isinstance(expression, CompValue):
        if expression.name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}:
            yield expression.graph
        else:
            yield from (found for inner in expression.values() for found in _exists(inner))
    elif isinstance(expression, list):
        yield from (found for inner in expression for found in _exists(inner))


def _both(one: _Ways, other: _Ways) -> _Ways:
    return [[*a, *b] for a, b in product(one, other)]


def _joined(way: Iterable[_Edge]) -> dict[Node, Path]:
    """Return the variables that patterns join to ?this, each with the path there that promises the fewest nodes."""
    edges = [(s, p, o) for s, p, o in way if isinstance(s, Variable) and isinstance(o, Variable)]
    edges += [(o, p.inverse(), s) for s, p, o in edges]
    found: dict[Node, Path] = {}
    queue: list[tuple[int, int, Node, Path]] = [(0, 0, Variable("this"), SELF)]
    while queue:
        cost, _, node, path = heapq.heappop(queue)
        if node not in found:
            found[node] = path
            for i, (_, step, end) in enumerate(edge for edge in edges if edge[0] == node):
                heapq.heappush(queue, (cost + _cost(step), len(found) * 100 + i, end, then(path, step)))
    return found


def _cost(path: Path) -> int:
    """Classes have many instances, and any predicate leads to many nodes."""
    return sum({None: 50, TYPE: 5}.get(step.predicate, 1) for _, step in path.reads())


def _path(predicate: Any) -> Path:
    if isinstance(predicate, URIRef):
        return Step(NamedNode(str(predicate)))
    if isinstance(predicate, Variable):
        return Step(None)
    if isinstance(predicate, paths.InvPath):
        return _path(predicate.arg).inverse()
    if isinstance(predicate, paths.SequencePath):
        return then(*map(_path, predicate.args))
    if isinstance(predicate, paths.AlternativePath):
        return Alternative(tuple(map(_path, predicate.args)))
    if isinstance(predicate, paths.MulPath):
        return Repeated(_path(predicate.path), int(not predicate.zero), again=predicate.more)
    raise _UnknownError
