"""`missiegraaf validate --fix` and `--diff`: mends that work, made in the files or shown."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Quad

from missiegraaf import files, fixing, reasoning, transaction
from missiegraaf.checking import Document
from missiegraaf.engine import embedded
from missiegraaf.errors import NotConforming, UnreadableFile
from missiegraaf.fixing import Fixed
from missiegraaf.formats import media, parsing

_SENT: Final = (*media.GRAPHS, media.N_QUADS, media.TRIG)
_TRIES: Final = 10_000  # at most: whoever waits can end it


def add(validate: argparse.ArgumentParser) -> None:
    """Add the options to the command."""
    validate.add_argument("--fix", action="store_true", help="make the mends that work in the files, then check them")
    validate.add_argument("--diff", action="store_true", help="only show what --fix would change")


def fix(paths: Sequence[Path], base_iri: str) -> None:
    """Make in the files the mends that work, and say on standard error what has changed. Raises UnreadableFile."""
    before, fixed = _fixed(paths, base_iri)
    changed = [pair for pair in zip(before, fixed.documents, strict=True) if pair[0] != pair[1]]
    written = []
    for old, new in changed:
        path = Path(old.name).resolve()
        written.append((path.with_name(path.name + ".new"), path))
        written[-1][0].write_bytes(new.content)
        shutil.copymode(path, written[-1][0])
    for new_path, path in written:
        new_path.replace(path)
    for old, new in changed:
        print(*fixing.changes(old, new, context=0), sep="", end="", file=sys.stderr)
    print(f"{fixed.count} mends made", file=sys.stderr)
    _say_left(fixed)


def show(paths: Sequence[Path], base_iri: str) -> int:
    """Print what `fix` would change as a unified diff, and return the exit code that there would be then."""
    before, fixed = _fixed(paths, base_iri)
    for old, new in zip(before, fixed.documents, strict=True):
        print(*fixing.changes(old, new), sep="", end="")
    _say_left(fixed)
    return 0 if fixed.checked.findings.conforms else NotConforming.exit_code


def _fixed(paths: Sequence[Path], base_iri: str) -> tuple[list[Document], Fixed]:
    documents = [_document(path, base_iri) for path in dict.fromkeys(paths)]
    graph = transaction.read(base_iri=base_iri)
    triples = (*graph.triples, *reasoning.infer(graph.triples).inferred)
    dataset = embedded.in_memory([*graph.quads, *(Quad(*triple) for triple in triples)])
    return documents, fixing.fixed(dataset, documents, base_iri, tries=_TRIES)


def _document(path: Path, base_iri: str) -> Document:
    if not transaction.records(path, base_iri):
        raise UnreadableFile(f"{path}: it says nothing; expected one triple at least", file=str(path))
    rdf_format = parsing.format_of(path)
    document = Document(path.read_bytes(), next(offer for offer in _SENT if offer.rdf == rdf_format), str(path))
    if files.text(path, base_iri) != path.read_text(encoding="utf-8-sig"):
        raise UnreadableFile(f"{path}: its IRIs start otherwise than those of the service; expected {base_iri}")
    return document


def _say_left(fixed: Fixed) -> None:
    """Say where mends that work could not be made."""
    left = fixed.checked.mends
    for document in fixed.documents:
        here = [f for f in fixed.checked.findings.shown if f.file == document.name and f.result.order in left]
        if here:
            why = "" if fixing.is_open(document) else "; expected Turtle, TriG, N-Triples or N-Quads"
            print(f"{document.name}: {len(here)} mends cannot be written into this text{why}", file=sys.stderr)
