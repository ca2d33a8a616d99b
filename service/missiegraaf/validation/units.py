"""The shapes with targets, each with its check, apart from what it shares its targets with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from rdflib import Graph
from rdflib.namespace import SH
from rdflib.term import Node

from missiegraaf.validation import targets
from missiegraaf.validation.checks import Check, Compiler
from missiegraaf.validation.conditions import Doubt, Unsupported
from missiegraaf.validation.paths import Read
from missiegraaf.validation.targets import Target, Targets
from missiegraaf.validation.triples import Term, Triples


@dataclass(frozen=True)
class Unit:
    """A shape with its targets, apart from the property shapes of a node shape: those are units of their own.

    `split` tells that it has such; `check` is None where only pySHACL understands it.
    """

    targets: Targets
    split: bool
    check: Check | None

    @property
    def reads(self) -> set[Read] | None:
        """What tells whether a node is a focus node and conforms; None where that may be anything."""
        if self.check is None or self.check.reads is None:
            return None
        return {*self.check.reads, *(read for target in self.targets for read in target.reads())}

    def failing(self, triples: Triples, nodes: Collection[Term]) -> list[Term]:
        """Return those nodes that do not surely conform."""
        # What the store writes otherwise ("4"^^xsd:int) only pySHACL sees as it was given: it looks at everything then.
        if self.check is None or triples.altered:
            return list(nodes)
        return [node for node in nodes if not _passes(self.check, triples, node)]


def of(shapes: Graph) -> dict[Node, Unit]:
    """Return the shapes that have targets, and the property shapes of node shapes that have."""
    aimed = targets.of(shapes)
    found: dict[Node, set[Target]] = defaultdict(set)
    whole = {shape for kind in (SH.path, SH.deactivated) for shape in shapes.subjects(kind)}
    apart = (None, SH.qualifiedValueShapesDisjoint, None) not in shapes  # those look at their neighbours
    split = {s for s in aimed if apart and s not in whole and (None, None, s) not in shapes}
    for shape, aims in aimed.items():
        found[shape] |= aims
        if shape in split:
            for part in shapes.objects(shape, SH.property):
                found[part] |= aims
    compiler = Compiler(shapes)
    return {
        node: Unit(frozenset(aims), node in split, _check(compiler, node, node in split))
        for node, aims in found.items()
    }


def _check(compiler: Compiler, shape: Node, split: bool) -> Check | None:
    try:
        return compiler.check(shape, {SH.property} if split else (), outermost=True)
    except Unsupported:
        return None


def _passes(check: Check, triples: Triples, node: Term) -> bool:
    try:
        return check.passes(triples, node)
    except Doubt:
        return False
