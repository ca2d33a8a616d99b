"""Terms of others that a description uses, and what its readers must know of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple

from missiegraaf.formats import parsing

_FILE = Path(__file__).with_name("authorities.ttl")


def completed(triples: Iterable[Triple]) -> list[Triple]:
    """Return a description with what there is to say of every term of others in it, and of those in that."""
    said, known = list(triples), _known()
    todo, seen = [triple.object for triple in said], set()
    while todo:
        term = todo.pop()
        if isinstance(term, NamedNode) and term not in seen:
            seen.add(term)
            said += known.get(term, ())
            todo += [triple.object for triple in known.get(term, ())]
    return said


@cache
def _known() -> dict[NamedNode, list[Triple]]:
    by_subject: dict[NamedNode, list[Triple]] = defaultdict(list)
    for quad in parsing.quads(_FILE.read_text(encoding="utf-8"), RdfFormat.TURTLE, _FILE.name):
        if isinstance(quad.subject, NamedNode):
            by_subject[quad.subject].append(quad.triple)
    return dict(by_subject)
