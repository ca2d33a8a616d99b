"""Where in a file a thing is said: line and column, counted from 1."""

from __future__ import annotations

from collections import defaultdict

from missiegraaf.formats.statements import Place, Statement, Unreadable, statements

__all__ = ["Place", "Places"]


class Places:
    """The places in one text; built once, asked often. Relative IRIs are relative to `base_iri`."""

    def __init__(self, text: str, base_iri: str = "") -> None:
        self._text = text
        self._said: dict[str, list[Statement]] = defaultdict(list)
        try:
            found = statements(text, base_iri)
        except (Unreadable, ValueError, RecursionError):  # JSON-LD, RDF/XML, or broken
            found = []
        for statement in found:
            self._said[statement.subject.text].append(statement)

    def find(self, subject: str, predicate: str | None = None, value: str | None = None) -> Place | None:
        """Return where the subject is said to have the value, else where it has the predicate, else its first place."""
        said = self._said.get(subject, [])
        having = [statement for statement in said if statement.predicate.text == predicate]
        exact = [statement.object.place for statement in having if statement.object.text == value]
        places = exact or [s.predicate.place for s in having] or [s.subject.place for s in said]
        return places[0] if places else None

    def mention(self, iri: str) -> Place | None:
        """Return where the text first writes the IRI in full; for formats whose statements have no place."""
        for number, line in enumerate(self._text.split("\n")):
            if (column := line.find(iri)) >= 0:
                return Place(number + 1, column + 1)
        return None
