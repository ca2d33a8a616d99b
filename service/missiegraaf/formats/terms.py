"""IRIs and literals as Turtle writes them, with the prefixes of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from missiegraaf.namespaces import XSD

_PLAIN: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.#/-]*[A-Za-z0-9_-])?")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Terms:
    """Terms written with the prefixes of a mapping to IRIs; those that were needed are in `used`."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.namespaces = sorted(((iri, prefix) for prefix, iri in prefixes.items()), key=lambda pair: -len(pair[0]))
        self.used: set[str] = set()

    def term(self, term: NamedNode | Literal) -> str:
        """Return an IRI or a literal as Turtle writes it."""
        return self.iri(term.value) if isinstance(term, NamedNode) else self.literal(term)

    def iri(self, iri: str) -> str:
        """Return an IRI with the longest prefix that fits, else in full."""
        for namespace, prefix in self.namespaces:
            local = iri[len(namespace) :]
            if iri.startswith(namespace) and (not local or _LOCAL.fullmatch(local)):
                self.used.add(prefix)
                return f"{prefix}:{local.replace('/', chr(92) + '/').replace('#', chr(92) + '#')}"
        return f"<{iri}>"

    def literal(self, literal: Literal) -> str:
        """Return a literal, numbers and truth values without quotation marks where Turtle reads them so."""
        datatype = literal.datatype.value
        plain = _PLAIN.get(datatype)
        if plain is not None and plain.fullmatch(literal.value):
            return literal.value
        quoted = '"' + "".join(_escape(c) for c in literal.value) + '"'
        if literal.language:
            return f"{quoted}@{literal.language}"
        return quoted if datatype == XSD + "string" else f"{quoted}^^{self.iri(datatype)}"


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{ord(character):04X}" if ord(character) < 0x20 or ord(character) == 0x7F else character
