"""Names for what is new: texts, and the terms of an ontology, as names in an IRI."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

_LONGEST: Final = 60  # characters of a name that is made of a text


def slug(text: str) -> str:
    """Return a text as a name in an IRI: small letters, digits and hyphens; '' where it has none of these."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].rstrip("-")


def local(iri: str) -> str:
    """Return the last part of an IRI as such a name: `first-day` for `...#firstDay`."""
    return slug(re.sub("(?<=[a-z])(?=[A-Z])", "-", re.split("[/#]", iri)[-1]))


def part(record: str, link: str, about: str, taken: Collection[str], apart: str = "", several: bool = False) -> str:
    """Return an IRI that is not taken for a new part of a record, to which a property links.

    It follows from what the part is `about`, both as names: `#member-<thing>`, `#claim-<property>`; and, where that is
    taken or there are `several`, from what sets it `apart`, or else a number.
    """
    kind = local(link).removesuffix("ship")  # a membership is that of a member
    said = about.removeprefix("stated-") if kind == "claim" else about
    stem = f"{record}#{kind}" + (f"-{said}" if said else "")
    if apart and (several or stem in taken):
        stem += f"-{apart}"
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(iri for iri in (stem, *numbered) if iri not in taken)
