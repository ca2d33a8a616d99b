"""A text of statements with some of them written otherwise: whatever else stands in it stays as it is, to the byte.

For Turtle and TriG, and for N-Triples and N-Quads, where a statement is a line. Whether the result says what it should
is for its caller to see, by reading it: here terms are moved about, and no grammar is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from missiegraaf.formats.statements import Statement, Term, Unreadable, read
from missiegraaf.formats.terminals import tokens
from missiegraaf.formats.terms import Terms
from missiegraaf.namespaces import RDF

FORMATS: Final = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_LINES: Final = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_BETWEEN: Final = re.compile(r"(?:\s++|#[^\n\r]*+|[,;])*+")  # objects or predicates, or the last one and a dot
_Span = tuple[int, int]


def revised(
    text: str,
    rdf_format: RdfFormat,
    removed: Iterable[Triple],
    added: Iterable[Triple],
    renamed: Mapping[str, str],
    base_iri: str = "",
) -> str:
    """Return the text with statements taken away, others written near what they are about, and things renamed.

    A value in the place of another stands where that stood. `removed` and `added` have no blank nodes, and are said
    after renaming. Raises Unreadable where the text is in none of FORMATS, or does not say what is to be taken away.
    """
    if rdf_format not in FORMATS:
        raise Unreadable
    revision = _Revision(text, rdf_format in _LINES, base_iri)
    revision.rename(renamed)
    coming = list(added)
    for old in removed:
        new = next((t for t in coming if (t.subject, t.predicate) == (old.subject, old.predicate)), None)
        revision.take(old, new)
        if new is not None:
            coming.remove(new)
    for triple in coming:
        revision.write(triple)
    return revision.text


class _Revision:
    def __init__(self, text: str, by_line: bool, base_iri: str) -> None:
        self.text, self._by_line, self._base = text, by_line, base_iri
        self._read()

    def rename(self, renamed: Mapping[str, str]) -> None:
        """Write other IRIs in the place of these, wherever they are subjects or objects."""
        terms = {term for said in self._said for term in (said.subject, said.object) if not term.kind}
        # From the end, so that the places before it stay what they are.
        for term in sorted(terms, key=lambda term: -term.start):
            if term.text in renamed:
                self._replace((term.start, term.end), self._written(NamedNode(renamed[term.text]), term.start))
        self._read()

    def take(self, old: Triple, new: Triple | None) -> None:
        """Take a statement away wherever it is made; write another value of the property where it stood first."""
        found = self._making(old)
        if not found:
            raise Unreadable
        while found:
            if new is None:
                self._cut(found[-1])
            else:
                place = found[0].object
                self._replace((place.start, place.end), self._written(new.object, place.start))
                new = None
            self._read()
            found = self._making(old)

    def write(self, triple: Triple) -> None:
        """Make a statement beside those about the same subject: of the same property, else at their end."""
        about = [said for said in self._said if said.subject.text == _said(triple.subject)[0]]
        alike = [said for said in about if said.predicate.text == triple.predicate.value]
        if self._by_line or not about:
            self._append(triple, about)
        elif alike:
            last = alike[-1].object
            between = self._between([said.object for said in self._beside(alike[-1], verb=True)], ", ")
            self._replace((last.end, last.end), between + self._written(triple.object, last.end))
        else:
            last = about[-1].object
            starts = {said.predicate.start: said.predicate for said in self._beside(about[-1])}
            pairs = [Term("", start, self._ends(about[-1], start)) for start in sorted(starts)]
            verb = "a" if triple.predicate.value == RDF + "type" else self._written(triple.predicate, last.end)
            pair = f"{verb} {self._written(triple.object, last.end)}"
            self._replace((last.end, last.end), self._between(pairs, " ;\n    ") + pair)
        self._read()

    def _read(self) -> None:
        self._said, self._declared = read(self.text, self._base)

    def _making(self, triple: Triple) -> list[Statement]:
        wanted = (_said(triple.subject), _said(triple.predicate), _said(triple.object))
        return [said for said in self._said if tuple(map(_of, (said.subject, said.predicate, said.object))) == wanted]

    def _beside(self, at: Statement, verb: bool = False) -> list[Statement]:
        """The statements that share the subject as it is written once, or its predicate too."""
        about = (said for said in self._said if said.subject.start == at.subject.start)
        return [said for said in about if not verb or said.predicate.start == at.predicate.start]

    def _ends(self, at: Statement, start: int) -> int:
        """Where the objects of a predicate that starts there end."""
        return max(said.object.end for said in self._beside(at) if said.predicate.start == start)

    def _between(self, terms: list[Term], default: str) -> str:
        """What stands between the last two, where it is no comment, to lay out one more alike."""
        found = self.text[terms[-2].end : terms[-1].start] if len(terms) > 1 else default
        return default if "#" in found else found

    def _cut(self, at: Statement) -> None:
        objects = sorted((said.object.start, said.object.end) for said in self._beside(at, verb=True))
        verbs = sorted({said.predicate.start for said in self._beside(at)})
        if len(objects) > 1:
            span = self._without(objects, objects.index((at.object.start, at.object.end)))
        elif len(verbs) > 1:
            span = self._without([(v, self._ends(at, v)) for v in verbs], verbs.index(at.predicate.start))
        else:
            span = self._line((at.subject.start, self._stop(at)))
        self._replace(span, _comments(self.text[span[0] : span[1]]))

    def _without(self, spans: list[_Span], number: int) -> _Span:
        """What to cut where one of several, with `,` or `;` between them, goes."""
        if number + 1 < len(spans):
            return spans[number][0], self._after(spans[number][1])
        return spans[number - 1][1], spans[number][1]

    def _line(self, span: _Span) -> _Span:
        """The span with its line, where nothing else stands on it."""
        start, end = span
        first, last = self.text.rfind("\n", 0, start) + 1, self.text.find("\n", end)
        alone = not (self.text[first:start] + self.text[end : last if last >= 0 else None]).strip()
        return (first, last + 1 if last >= 0 else len(self.text)) if alone else span

    def _after(self, character: int) -> int:
        """Where the next term, dot or bracket stands."""
        found = _BETWEEN.match(self.text, character)
        return found.end() if found else character

    def _stop(self, at: Statement) -> int:
        """Where a statement ends, its dot included."""
        dot = self._after(at.end)
        return dot + 1 if self.text[dot : dot + 1] == "." else at.end

    def _append(self, triple: Triple, about: list[Statement]) -> None:
        """Write a statement of its own: in formats of lines after one that has its subject, and in that one's graph."""
        if not about:
            gap = "" if self.text.endswith("\n") or not self.text else "\n"
            parts = (self._written(term, len(self.text)) for term in (triple.subject, triple.predicate, triple.object))
            self.text += f"{gap}{' '.join(parts)} .\n"
            return
        stop = self._stop(about[-1])
        rest = self.text[about[-1].object.end : stop]
        self._replace((stop, stop), f"\n{triple}{rest}")

    def _written(self, term: object, at: int) -> str:
        """A term with the prefixes that are declared before, and once."""
        if self._by_line or not isinstance(term, NamedNode | Literal):
            return str(term)
        found: dict[str, set[str]] = {}
        for declared in self._declared:
            found.setdefault(declared.prefix, set()).add(declared.iri if declared.start <= at else "")
        return Terms({prefix: iri for prefix, (iri, *more) in found.items() if iri and not more}).term(term)

    def _replace(self, span: _Span, text: str) -> None:
        self.text = self.text[: span[0]] + text + self.text[span[1] :]


def _comments(text: str) -> str:
    """What is between the tokens of a text, where that is not white space alone."""
    found = [token.text for token in tokens(text) if token.kind == "skip"]
    return "".join(found) if any(part.startswith("#") for part in found) else ""


def _of(term: Term) -> tuple[str, str]:
    return term.text, term.kind


def _said(term: object) -> tuple[str, str]:
    """A term as statements have it."""
    if isinstance(term, Literal):
        return term.value, f"@{term.language.lower()}" if term.language else term.datatype.value
    return (term.value if isinstance(term, NamedNode) else str(term)), ""
