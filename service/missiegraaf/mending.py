"""Mends that have been tried: a finding goes and none comes when some triples of a document are written otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from pyoxigraph import Quad

from missiegraaf.findings import Findings
from missiegraaf.ideas import Ideas, Thinking
from missiegraaf.mends import Mend
from missiegraaf.validation import Report
from missiegraaf.validation.report import Order

TRIES: Final = 100
_READ: Final = 200  # triples a try, on average
_FEW: Final = 2  # tries a finding, on average

Again = Callable[[frozenset[Quad], frozenset[Quad]], Report]


def tried(
    report: Report,
    findings: Findings,
    given: frozenset[Quad],
    thinking: Callable[[], Thinking],
    again: Again,
    tries: int = TRIES,
) -> dict[Order, Mend]:
    """Return for the findings that are shown of a report a mend that works, where one is found in so many tries.

    `again` reports on other triples in the place of these, as far as some of them have bearing. A mend works where its
    finding goes and no other comes. Of alternatives one is given only where it is the only one that works. The more
    there is to read again, the fewer are tried; likely ones before alternatives.
    """
    if not findings.shown or not tries:
        return {}
    trial = _Trial(report, given, again, min(tries, _READ * tries // max(len(given), 1)))
    thoughts, found = thinking(), dict[Order, Mend]()
    ideas: dict[Order, Ideas] = {}
    for result in (finding.result for finding in findings.shown[: tries // _FEW]):
        ideas.setdefault(result.order, thoughts.of(result))
    for order, thought in ideas.items():
        if working := trial.working(order, thought.likely, 1):
            found[order] = working[0]
    for order, thought in ideas.items():
        if order not in found:
            working = trial.working(order, thought.alternatives, 2)
            if len(working) == 1 and trial.left >= 0:
                found[order] = working[0]
    return found


def works(report: Report, order: Order, mend: Mend, given: frozenset[Quad], again: Again) -> Report | None:
    """Return what is reported after a mend, where its finding goes and none comes; else None."""
    after = again((given - mend.removed) | mend.added, mend.added | mend.removed)
    former = {new: old for old, new in mend.renamed}
    orders = {tuple(former.get(text, text) for text in result.order) for result in after.results}
    return after if orders <= {result.order for result in report.results} - {order} else None


class _Trial:
    """Tries, so many at most; `left` is below zero where one more was asked."""

    def __init__(self, report: Report, given: frozenset[Quad], again: Again, left: int) -> None:
        self._report, self._given, self._again, self.left = report, given, again, left

    def working(self, order: Order, mends: Iterable[Mend], enough: int) -> list[Mend]:
        """Return the first mends that work."""
        found: list[Mend] = []
        for mend in mends:
            if len(found) == enough:
                break
            self.left -= 1
            if self.left < 0:
                break
            if works(self._report, order, mend, self._given, self._again):
                found.append(mend)
        return found
