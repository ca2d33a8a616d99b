"""Mends that have been tried: a finding goes and none comes when some triples of a document are written otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad
from rdflib import Graph, URIRef
from rdflib.namespace import SH

from missiegraaf.findings import Findings
from missiegraaf.validation import Report, Result
from missiegraaf.validation.report import Order

_TRIES: Final = 25
_READ: Final = 20_000  # triples in all tries together


@dataclass(frozen=True)
class Mend:
    """What to take away from the records and what to write instead."""

    removed: Quad
    added: Quad | None

    def as_member(self) -> dict[str, str | None]:
        """Return it as triples, as N-Triples write them."""
        return {"remove": f"{self.removed.triple} .", "add": f"{self.added.triple} ." if self.added else None}


def tried(
    report: Report,
    findings: Findings,
    given: frozenset[Quad],
    proposals: Mapping[str, Sequence[str]],
    shapes: Graph,
    again: Callable[[frozenset[Quad], frozenset[Quad]], Report],
) -> dict[Order, Mend]:
    """Return for the findings that are shown of a report a mend that works, where one is found in so many tries.

    `again` reports on other triples in the place of these, as far as some of them have bearing. A mend works where its
    finding goes and no other comes. The more there is to read again, the fewer are tried.
    """
    found: dict[Order, Mend] = {}
    before = {result.order for result in report.results}
    shown = (finding.result for finding in findings.shown)
    said = defaultdict(list)
    for quad in sorted(given, key=str):
        said[_text(quad.subject), quad.predicate.value].append(quad)
    ideas = ((r, mend) for r in shown for mend in _ideas(r, said[r.focus_node, r.path or ""], proposals, shapes))
    for result, mend in islice(ideas, min(_TRIES, _READ // max(len(given), 1))):
        if result.order not in found:
            added = frozenset([mend.added] if mend.added else [])
            changed = again((given - {mend.removed}) | added, added | {mend.removed})
            after = {left.order for left in changed.results}
            if after <= before - {result.order}:
                found[result.order] = mend
    return found


def _ideas(
    result: Result, said: Iterable[Quad], proposals: Mapping[str, Sequence[str]], shapes: Graph
) -> Iterator[Mend]:
    for quad in said:
        if result.value is not None and _text(quad.object) != result.value:
            continue
        for term in _otherwise(quad.object, result, proposals, shapes):
            yield Mend(quad, Quad(quad.subject, quad.predicate, term, quad.graph_name))
        if str(shapes.value(URIRef(result.constraint), SH.maxCount)) == "0":  # as of what is only inferred
            yield Mend(quad, None)


def _otherwise(
    term: object, result: Result, proposals: Mapping[str, Sequence[str]], shapes: Graph
) -> Iterator[NamedNode | Literal]:
    if isinstance(term, NamedNode):
        yield from map(NamedNode, proposals.get(term.value, ()))
    if isinstance(term, Literal):
        if term.value.strip() != term.value:
            yield Literal(term.value.strip(), language=term.language, datatype=None if term.language else term.datatype)
        for datatype in shapes.objects(URIRef(result.constraint), SH.datatype):
            if str(datatype) != term.datatype.value:
                yield Literal(term.value.strip(), datatype=NamedNode(str(datatype)))


def _text(term: object) -> str | None:
    return term.value if isinstance(term, NamedNode | Literal) else None
