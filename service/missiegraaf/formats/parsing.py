"""Reading RDF, with the place of an error in the file."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from missiegraaf.errors import UnreadableFile
from missiegraaf.formats.terminals import tokens

# Characters that no XML has (XML 1.0, 2.2).
NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_IN_JSON = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
# Levels of JSON-LD, whose parser takes the square of their number, and of triple terms, with which it overflows.
_DEEPEST: Final = 200


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
    for RDF/XML, whose parser does not tell them. Nothing is ever fetched.
    """
    data = (content.encode() if isinstance(content, str) else content).removeprefix(BOM_UTF8)
    _expect_text(data, name)
    if rdf_format == RdfFormat.RDF_XML and _DECLARATION.search(data):
        # A kilobyte of entities can become megabytes of text, and an external DTD would have to be fetched.
        raise UnreadableFile(f"{name}: DOCTYPE and entity declarations are refused; write it out", file=name)
    if rdf_format == RdfFormat.JSON_LD:
        _expect_shallow((found[0] for found in _IN_JSON.finditer(data.decode())), name)
    elif data.count(b"<<") > _DEEPEST:
        _expect_shallow((token.text for token in tokens(data.decode()) if token.kind == "other"), name)
    try:
        return list(parse(data, rdf_format, base_iri=base_iri, rename_blank_nodes=True))
    except SyntaxError as error:
        place: dict[str, Any] = {"line": error.lineno, "column": error.offset} if error.lineno else {}
        where = f"{name}:{error.lineno}:{error.offset}" if error.lineno else name
        reason = re.sub(
            r"^Parser error at line \d+ (?:column \d+|between columns? \d+ and (?:column )?\d+): ", "", error.msg
        )
        if "LoadDocumentCallback" in reason:
            reason = "an @context elsewhere is not fetched; expected the context itself"
        raise UnreadableFile(f"{where}: {reason}", file=name, **place) from None


def _expect_text(data: bytes, name: str) -> None:
    """Raise UnreadableFile where the bytes are not UTF-8, or have the NUL of another encoding."""
    try:
        data.decode()
        at, reason = data.find(b"\0"), "a NUL character"
    except UnicodeDecodeError as error:
        at, reason = error.start, error.reason
    if at >= 0:
        before = data[:at]
        line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode(errors="replace")) + 1
        where = f"{name}:{line}:{column}"
        raise UnreadableFile(f"{where}: {reason}; expected text in UTF-8", file=name, line=line, column=column)


def _expect_shallow(characters: Iterable[str], name: str) -> None:
    """Raise UnreadableFile where brackets among these stand deeper than _DEEPEST within others."""
    depth = 0
    for character in characters:
        depth += (character in "[{(<") - (character in "]})>")
        if depth > _DEEPEST:
            raise UnreadableFile(f"{name}: it nests deeper than {_DEEPEST} levels; expected fewer", file=name)
