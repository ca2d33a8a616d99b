"""Inference from nothing: each rule twice over all triples, then clause by clause over what the second time brought.

The first time brings most, and the engine goes through that faster than the clauses do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Quad, QuerySolutions, QueryTriples, Triple

from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.reasoning.clauses import Program, State, program, saturate
from missiegraaf.reasoning.rules import Conflict, Rule, rules


@dataclass(frozen=True)
class Inference:
    """What follows from a graph, without what it says itself; where it contradicts itself; and its clauses."""

    inferred: frozenset[Triple]
    conflicts: tuple[Conflict, ...]
    program: Program


def infer(asserted: Iterable[Triple]) -> Inference:
    """Return everything that the rules entail from these triples, ontology among them.

    Consequents with a literal subject are no RDF and are left out, as section 4.3 of OWL 2 Profiles allows.
    """
    dataset = in_memory(Quad(t.subject, t.predicate, t.object) for t in asserted)
    generative = [rule for rule in rules() if not rule.contradiction]
    about_schema = [rule for rule in generative if not rule.body.data]
    inferred: list[Triple] = []
    while True:
        while new := _consequences(dataset, about_schema):
            inferred += new
        clauses = program(dataset)
        first, second = _consequences(dataset, generative), _consequences(dataset, generative)
        new = first + second + saturate(clauses, State(in_memory(), come=dataset), second)
        inferred += new
        if not any(map(clauses.is_schema, new)):  # else there are other clauses now
            return Inference(frozenset(inferred), tuple(sorted(conflicts(dataset), key=str)), clauses)


def conflicts(dataset: Dataset) -> set[Conflict]:
    """Return where the default graph of a dataset contradicts itself."""
    return {conflict for rule in rules() if rule.contradiction for conflict in _conflicts(dataset, rule)}


def _consequences(dataset: Dataset, generative: Iterable[Rule]) -> list[Triple]:
    """Run each rule once over what is there, add what is new, and return it."""
    new: list[Triple] = []
    for rule in generative:
        found = dataset.query(rule.text)
        if not isinstance(found, QueryTriples):
            raise TypeError(f"rule {rule.name} is no CONSTRUCT")
        fresh = {t for t in found if Quad(t.subject, t.predicate, t.object) not in dataset}
        dataset.extend(Quad(t.subject, t.predicate, t.object) for t in fresh)
        new += fresh
    return new


def _conflicts(dataset: Dataset, rule: Rule) -> Iterable[Conflict]:
    rows = dataset.query(rule.text)
    if not isinstance(rows, QuerySolutions):
        raise TypeError(f"rule {rule.name} is no SELECT")
    for row in rows:
        pair = [Triple(row[f"s{i}"], row[f"p{i}"], row[f"o{i}"]) for i in (1, 2) if row[f"s{i}"] is not None]
        yield Conflict(rule.name, tuple(sorted(pair, key=str)))
