"""From asserted to inferred: the OWL 2 RL/RDF rules of `ontology/rules/`, run until nothing new follows.

A rule is a file named after its W3C rule: a CONSTRUCT that yields what follows, or, where the rule's head is
`false`, a SELECT whose rows are the triples that cannot be true together, as ?s1 ?p1 ?o1 and ?s2 ?p2 ?o2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Quad, QuerySolutions, QueryTriples, Triple

from missiegraaf import files
from missiegraaf.engine.embedded import Dataset, in_memory


@dataclass(frozen=True)
class Rule:
    """One rule: its W3C name, its SPARQL text, and whether its head is `false`."""

    name: str
    text: str
    contradiction: bool


@dataclass(frozen=True)
class Conflict:
    """Triples that cannot be true together, and the rule that says so."""

    rule: str
    triples: tuple[Triple, ...]

    def __str__(self) -> str:
        return f"{self.rule}: " + "  and  ".join(f"{t} ." for t in self.triples)


@dataclass(frozen=True)
class Inference:
    """What follows from a graph, without what it says itself; and where it contradicts itself."""

    inferred: frozenset[Triple]
    conflicts: tuple[Conflict, ...]


def rules() -> list[Rule]:
    """Return the rules, by name."""
    found = []
    for path in sorted((files.folder("ontology") / "rules").glob("*.rq")):
        text = files.text(path)
        found.append(Rule(path.stem, text, contradiction="\nSELECT" in text))
    return found


def infer(asserted: Iterable[Triple]) -> Inference:
    """Return everything that the rules entail from these triples, ontology among them.

    Consequents with a literal subject are no RDF and are left out, as section 4.3 of OWL 2 Profiles allows.
    """
    dataset = in_memory(Quad(t.subject, t.predicate, t.object) for t in asserted)
    generative = [rule for rule in rules() if not rule.contradiction]
    inferred: set[Triple] = set()
    while new := _consequences(dataset, generative):
        inferred |= new
    conflicts = [c for rule in rules() if rule.contradiction for c in _conflicts(dataset, rule)]
    return Inference(frozenset(inferred), tuple(sorted(conflicts, key=str)))


def _consequences(dataset: Dataset, generative: Iterable[Rule]) -> set[Triple]:
    """Run each rule once over what is there, add what is new, and return it."""
    new: set[Triple] = set()
    for rule in generative:
        found = dataset.query(rule.text)
        if not isinstance(found, QueryTriples):
            raise TypeError(f"rule {rule.name} is no CONSTRUCT")
        fresh = [t for t in found if Quad(t.subject, t.predicate, t.object) not in dataset]
        dataset.extend(Quad(t.subject, t.predicate, t.object) for t in fresh)
        new.update(fresh)
    return new


def _conflicts(dataset: Dataset, rule: Rule) -> Iterable[Conflict]:
    seen = set()
    rows = dataset.query(rule.text)
    if not isinstance(rows, QuerySolutions):
        raise TypeError(f"rule {rule.name} is no SELECT")
    for row in rows:
        pair = tuple(Triple(row[f"s{i}"], row[f"p{i}"], row[f"o{i}"]) for i in (1, 2) if row[f"s{i}"] is not None)
        if frozenset(pair) not in seen:
            seen.add(frozenset(pair))
            yield Conflict(rule.name, tuple(sorted(pair, key=str)))
