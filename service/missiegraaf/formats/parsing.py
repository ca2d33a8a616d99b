"""Reading RDF, with the place of an error in the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from missiegraaf.errors import UnreadableFile

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


def format_of(path: Path) -> RdfFormat:
    """Return the format that a file's suffix promises. Raises UnreadableFile where it promises none."""
    found = RdfFormat.from_extension(path.suffix.removeprefix("."))
    if found is None:
        raise UnreadableFile(f"{path}: unknown suffix; expected .ttl, .nt, .nq, .trig, .rdf or .jsonld", file=str(path))
    return found


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI."""
    try:
        NamedNode(text)
        next(iter(parse(f"<{text}> <a:a> <a:a> .".encode(), RdfFormat.N_TRIPLES)))
    except (ValueError, SyntaxError, UnicodeEncodeError):
        return False
    return True


def quads(content: str | bytes, rdf_format: RdfFormat, name: str, base_iri: str | None = None) -> list[Quad]:
    """Return the quads of a text, in its order, blank nodes renamed.

    `name` is the file or source that errors speak of. Raises UnreadableFile, with line and column counted from 1 except
    for RDF/XML, whose parser does not tell them.
    Entity declarations in RDF/XML are refused: a kilobyte of them can become megabytes of text.
    """
    data = content.encode() if isinstance(content, str) else content
    if rdf_format == RdfFormat.RDF_XML and _ENTITY.search(data):
        raise UnreadableFile(f"{name}: entity declarations are refused; write the characters out", file=name)
    try:
        return list(parse(data, rdf_format, base_iri=base_iri, rename_blank_nodes=True))
    except SyntaxError as error:
        place: dict[str, Any] = {"line": error.lineno, "column": error.offset} if error.lineno else {}
        where = f"{name}:{error.lineno}:{error.offset}" if error.lineno else name
        reason = re.sub(
            r"^Parser error at line \d+ (?:column \d+|between columns? \d+ and (?:column )?\d+): ", "", error.msg
        )
        raise UnreadableFile(f"{where}: {reason}", file=name, **place) from None
