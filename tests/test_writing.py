"""What reaches the store of a plain dataset: what matches is tried first, and carried out as it was tried."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest

from missiegraaf.engine import rewriting
from missiegraaf.errors import QueryTimeout
from missiegraaf.writing import Plain

SLOW = "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER NOT EXISTS { ?s <e:a> ?x . ?x <e:b> ?y } }"


@dataclass
class Writer:
    """Keeps what it is told to carry out."""

    told: list[str] = field(default_factory=list)
    turn: Any = field(default_factory=nullcontext)

    def update(self, text: str, base_iri: str) -> int:
        """Return how much it was told."""
        assert base_iri
        self.told.append(text)
        return len(self.told)


class Readers:
    """Cannot answer in time."""

    def difference(self, *_: object) -> None:
        """Give up."""
        raise QueryTimeout("it takes too long")


@pytest.fixture
def writer() -> Writer:
    return Writer()


def test_what_matches_nothing_is_not_tried(writer: Writer) -> None:
    plain = Plain(writer, Readers())  # type: ignore[arg-type]
    versions = [
        plain.replace("e:g", "<e:a> <e:b> <e:c> ."),
        plain.add("", "<e:a> <e:b> <e:c> ."),
        plain.remove("e:g"),
        plain.update("INSERT DATA { <e:a> <e:b> 'WHERE { }' } ; DROP ALL", "e:"),
    ]
    assert versions == [1, 2, 3, 4]
    assert len(writer.told) == 4


def test_what_takes_too_long_is_not_carried_out(writer: Writer) -> None:
    with pytest.raises(QueryTimeout):
        Plain(writer, Readers()).update(SLOW, "e:")  # type: ignore[arg-type]
    assert writer.told == []


def test_what_was_tried_is_carried_out_as_it_was_tried(writer: Writer) -> None:
    readers = Readers()
    readers.difference = lambda *_: None  # type: ignore[method-assign]
    Plain(writer, readers).update(SLOW, "e:")  # type: ignore[arg-type]
    assert writer.told == [rewriting.faster(SLOW)]
    assert writer.told != [SLOW]
