"""Mends that have been tried, made in the texts of documents: whatever else stands there stays, to the byte."""

from __future__ import annotations

import difflib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from pyoxigraph import Quad

from missiegraaf import checking, mending, transaction
from missiegraaf.checking import Checked, Document
from missiegraaf.engine.embedded import Dataset
from missiegraaf.errors import UnreadableFile
from missiegraaf.findings import Findings
from missiegraaf.formats.revising import FORMATS, revised
from missiegraaf.formats.statements import Unreadable
from missiegraaf.mends import Mend
from missiegraaf.validation.report import Order

_ALL = 1_000_000  # findings: those that are not listed count too


@dataclass(frozen=True)
class Fixed:
    """Documents in which so many mends have been made, and what is found in them now."""

    documents: tuple[Document, ...]
    checked: Checked
    count: int


def fixed(
    dataset: Dataset,
    documents: Sequence[Document],
    base_iri: str,
    wanted: str | None = None,
    tries: int = mending.TRIES,
) -> Fixed:
    """Return the documents with the mends that work, until none is left; with `wanted`, with that one, by its key.

    They say what was given with the mends applied, and nothing else. A mend is made where its finding goes and none
    comes, after those before it, and the text can be revised so; else it is left. Documents in formats other than
    `revising.FORMATS` stay as they are.
    """
    now, count = tuple(documents), 0
    while True:
        checked = checking.check_all(dataset, now, base_iri, most=_ALL, tries=tries)
        made = _round(dataset, now, checked, base_iri, wanted)
        if made.count == 0:
            return Fixed(now, checking.check_all(dataset, now, base_iri, tries=tries), count)
        now, count = made.documents, count + made.count
        if wanted is not None:
            return Fixed(now, checking.check_all(dataset, now, base_iri, tries=tries), count)


def _round(dataset: Dataset, now: tuple[Document, ...], checked: Checked, base_iri: str, wanted: str | None) -> Fixed:
    """The documents with each mend of one check that still works after those before it."""
    count, left = 0, checked
    for order, mend in checked.mends.items():
        if wanted in (None, mend.key) and order in _orders(left.findings):
            after = _written(now, mend, base_iri)
            then = after and checking.check_all(dataset, after, base_iri, most=_ALL, tries=0)
            if after and then and _orders(then.findings, mend) <= _orders(left.findings) - {order}:
                now, left, count = after, then, count + 1
    return Fixed(now, left, count)


def _orders(found: Findings, mend: Mend | None = None) -> set[Order]:
    """The findings by their order; those on what a mend has renamed as they were before."""
    former = {new: old for old, new in mend.renamed} if mend else {}
    return {tuple(former.get(text, text) for text in f.result.order) for f in found.shown}  # type: ignore[misc]


def _written(documents: tuple[Document, ...], mend: Mend, base_iri: str) -> tuple[Document, ...] | None:
    """The documents with a mend; None where they cannot be revised to say just that."""
    before = {document.name: _said(document, base_iri) for document in documents}
    after, added = [], set(mend.added)
    for document in documents:
        going, about = before[document.name] & mend.removed, {quad.subject for quad in before[document.name]}
        coming = set() if mend.renamed else {quad for quad in added if quad.subject in about}
        added -= coming
        try:
            after.append(_revised(document, going, coming, dict(mend.renamed), base_iri))
        except Unreadable:
            return None
    now = set().union(*(_said(document, base_iri) for document in after))
    return tuple(after) if now == set().union(*before.values()) - mend.removed | mend.added else None


def _revised(
    document: Document, going: set[Quad], coming: set[Quad], renamed: Mapping[str, str], base_iri: str
) -> Document:
    """One document with some quads taken away and others written. Raises Unreadable."""
    if not going | coming:
        return document
    head = BOM_UTF8 if document.content.startswith(BOM_UTF8) else b""
    removed = [] if renamed else [quad.triple for quad in sorted(going, key=str)]
    added = [quad.triple for quad in sorted(coming, key=str)]
    text = document.content.removeprefix(head).decode()
    return replace(
        document, content=head + revised(text, document.offer.rdf, removed, added, renamed, base_iri).encode()
    )


def _said(document: Document, base_iri: str) -> set[Quad]:
    """What a document says; nothing where it cannot be read."""
    try:
        return {transaction.placed(quad, document.name, base_iri) for quad in document.quads(base_iri)}
    except UnreadableFile:
        return set()


def is_open(document: Document) -> bool:
    """Tell whether mends can be made in documents of this format."""
    return document.offer.rdf in FORMATS


def changes(before: Document, after: Document, context: int = 3) -> Iterator[str]:
    """Yield the lines of a unified diff of a document before and after."""
    texts = (document.content.decode(errors="replace") for document in (before, after))
    first, second = (list(StringIO(text, newline="\n")) for text in texts)  # a line ends nowhere else
    for line in difflib.unified_diff(first, second, before.name, after.name, n=context):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
