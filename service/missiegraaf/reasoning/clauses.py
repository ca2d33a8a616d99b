"""Rules made ready for one schema: Horn clauses whose predicates are all given, found by the triples they read.

`?p rdfs:domain ?class . ?x ?p ?y` becomes, for each domain that the schema states, a clause such as
`?x mg:lead ?y -> ?x a mg:Plan`, so that a triple finds in one step the few clauses that it can set off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, Triple

from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.namespaces import RDF
from missiegraaf.reasoning.rules import Atom, Conflict, Node, rules

_TYPE: Final = NamedNode(RDF + "type")
_DEFAULT: Final = DefaultGraph()
Bindings = dict[str, Any]
Key = tuple[Node, Node | None]


@dataclass(frozen=True)
class Clause:
    """From all atoms of the body follow those of the head; or, of a contradiction, the head cannot be true."""

    rule: str
    head: tuple[Atom, ...]
    body: tuple[Atom, ...]


@dataclass(frozen=True)
class Program:
    """The clauses of one schema, by the atoms they read and by what they conclude; and what counts as schema."""

    reading: Mapping[Key, Sequence[tuple[Clause, int]]]
    concluding: Mapping[Key, Sequence[Clause]]
    refusing: Mapping[Key, Sequence[tuple[Clause, int]]]
    predicates: frozenset[Node]
    classes: frozenset[Node]

    def is_schema(self, triple: Triple) -> bool:
        """Tell whether the clauses depend on this triple, so that with or without it there are others."""
        return triple.predicate in self.predicates or (triple.predicate == _TYPE and triple.object in self.classes)


@dataclass
class State:
    """The default graph of a dataset without what is gone and with what has come; the dataset stays as it is."""

    dataset: Dataset
    gone: set[Triple] = field(default_factory=set)
    come: Dataset | None = None

    def __contains__(self, triple: Triple) -> bool:
        quad = Quad(triple.subject, triple.predicate, triple.object)
        return (quad in self.dataset and triple not in self.gone) or (self.come is not None and quad in self.come)

    def add(self, triple: Triple) -> None:
        """Let a triple that is not there come, or come back."""
        if triple in self.gone:
            self.gone.remove(triple)
        else:
            if self.come is None:
                self.come = in_memory()
            self.come.add(Quad(triple.subject, triple.predicate, triple.object))

    def match(self, subject: Any, predicate: Any, value: Any) -> Iterator[Triple]:
        """Yield the triples with these terms; None stands for any but as a predicate."""
        if subject is not None and not isinstance(subject, NamedNode | BlankNode):
            return
        if subject is not None and value is not None:  # a look costs a tenth of a search
            triple = Triple(subject, predicate, value)
            if triple in self:
                yield triple
            return
        for quad in self.dataset.quads_for_pattern(subject, predicate, value, _DEFAULT):
            if quad.triple not in self.gone:
                yield quad.triple
        if self.come is not None:
            for quad in self.come.quads_for_pattern(subject, predicate, value, _DEFAULT):
                yield quad.triple


def program(dataset: Dataset) -> Program:
    """Return the clauses of the schema in a dataset's default graph, which holds what follows from it too."""
    reading: dict[Key, list[tuple[Clause, int]]] = defaultdict(list)
    refusing: dict[Key, list[tuple[Clause, int]]] = defaultdict(list)
    concluding: dict[Key, list[Clause]] = defaultdict(list)
    bodies = [(rule, rule.body) for rule in rules()]
    for rule, body in bodies:
        rows = dataset.query(body.schema)
        if not isinstance(rows, QuerySolutions):
            raise TypeError(f"rule {rule.name} asks no SELECT of the schema")
        names = [variable.value for variable in rows.variables]
        found: dict[Clause, None] = {}
        for row in rows:
            bindings = {f"?{name}": row[name] for name in names}
            head, read = (tuple(_put(atom, bindings) for atom in atoms) for atoms in (body.heads, body.data))
            found[Clause(rule.name, head, read)] = None
        for clause in found:
            for place, atom in enumerate(clause.body):
                (refusing if rule.contradiction else reading)[_key(atom)].append((clause, place))
            if clause.body and not rule.contradiction:
                for atom in clause.head:
                    concluding[_key(atom)].append(clause)
    predicates = frozenset(name for _, body in bodies for name in body.predicates)
    classes = frozenset(name for _, body in bodies for name in body.classes)
    return Program(reading, concluding, refusing, predicates, classes)


def consequences(program: Program, state: State, triple: Triple) -> Iterator[Triple]:
    """Yield what follows in one step from a triple together with others of the state; some of it may be there."""
    for _, head in _set_off(program.reading, state, triple):
        yield from head


def contradictions(program: Program, state: State, new: Iterable[Triple]) -> Iterator[Conflict]:
    """Yield the conflicts that new triples of a state are in, each once."""
    seen = set()
    for triple in new:
        for rule, head in _set_off(program.refusing, state, triple):
            if (rule, frozenset(head)) not in seen:
                seen.add((rule, frozenset(head)))
                yield Conflict(rule, tuple(sorted(head, key=str)))


def follows(program: Program, state: State, triple: Triple) -> bool:
    """Tell whether a triple follows in one step from what is in the state."""
    for key in _keys(triple):
        for clause in program.concluding.get(key, ()):
            for atom in clause.head:
                bindings = _unified(atom, triple, {})
                if bindings is not None and any(True for _ in _solutions(clause.body, bindings, state.match)):
                    return True
    return False


def saturate(program: Program, state: State, seeds: Iterable[Triple]) -> list[Triple]:
    """Add to a state, which holds the seeds, all that they cause to follow, and return it (semi-naive evaluation)."""
    waiting, derived = list(seeds), []
    while waiting:
        for triple in consequences(program, state, waiting.pop()):
            if triple not in state:
                state.add(triple)
                waiting.append(triple)
                derived.append(triple)
    return derived


def _set_off(
    clauses: Mapping[Key, Sequence[tuple[Clause, int]]], state: State, triple: Triple
) -> Iterator[tuple[str, list[Triple]]]:
    """Yield rule and head of each clause that the triple makes true with others of the state."""
    for key in _keys(triple):
        for clause, place in clauses.get(key, ()):
            bindings = _unified(clause.body[place], triple, {})
            if bindings is not None:
                others = clause.body[:place] + clause.body[place + 1 :]
                for solution in _solutions(others, bindings, state.match):
                    head = [_put(atom, solution) for atom in clause.head]
                    if all(isinstance(subject, NamedNode | BlankNode) for subject, _, _ in head):  # else no RDF
                        yield clause.rule, [Triple(*terms) for terms in head]


def _solutions(
    atoms: Sequence[Atom], bindings: Bindings, match: Callable[[Any, Any, Any], Iterator[Triple]]
) -> Iterator[Bindings]:
    """Yield the bindings that make all atoms true, atom after atom."""
    if not atoms:
        yield bindings
        return
    terms = (bindings.get(part) if isinstance(part, str) else part for part in atoms[0])
    for triple in match(*terms):
        more = _unified(atoms[0], triple, bindings)
        if more is not None:
            yield from _solutions(atoms[1:], more, match)


def _unified(atom: Atom, triple: Triple, bindings: Bindings) -> Bindings | None:
    """Return the bindings with those that make the atom this triple; None where nothing does."""
    found = dict(bindings)
    for part, term in zip(atom, (triple.subject, triple.predicate, triple.object), strict=True):
        if (found.setdefault(part, term) if isinstance(part, str) else part) != term:
            return None
    return found


def _put(atom: Atom, bindings: Bindings) -> Any:
    return tuple(bindings.get(part, part) if isinstance(part, str) else part for part in atom)


def _key(atom: Atom) -> Key:
    return atom[1], None if isinstance(atom[2], str) else atom[2]


def _keys(triple: Triple) -> tuple[Key, ...]:
    value = triple.object
    whole = (triple.predicate, None)
    return (whole, (triple.predicate, value)) if isinstance(value, NamedNode) else (whole,)
