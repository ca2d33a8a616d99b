"""A record as somebody fills it in: its triples as the entries of a form, and the entries as triples again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from missiegraaf.formats import lexical, minting
from missiegraaf.forms import Field, Form
from missiegraaf.namespaces import LANGUAGES, RDF, XSD

TYPES: Final = ("string", "date", "integer", "decimal")  # of a literal of any kind; a language tag is one too
Inputs = Callable[[str], Sequence[str]]  # the values that a form sends under a name
Shown = Callable[[NamedNode], str]  # a thing as a text
Read = Callable[[str, Field], NamedNode]  # such a text as the thing; raises Unknown


class Unknown(Exception):
    """A text names nothing, or `several` things; `near` are those it may mean."""

    def __init__(self, near: tuple[str, ...] = (), several: bool = False) -> None:
        super().__init__()
        self.near, self.several = near, several


@dataclass
class Entry:
    """A value as it is filled in: its text, and the language or type it is given; or a part with its own entries."""

    text: str = ""
    tag: str = ""
    part: Draft | None = None


@dataclass
class Draft:
    """A record, or a part of one, as it is filled in: the entries by the key of their field.

    A part that is new has no IRI before `triples` gives it one.
    """

    form: Form
    iri: str = ""
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    new: bool = False

    def values(self, asked: Field) -> list[Entry]:
        """The entries of a field."""
        return self.entries.get(asked.key, [])


@dataclass(frozen=True)
class Trouble:
    """Why an entry gives no triple: whose it is, of which field, what it says, and by language what was expected."""

    subject: str
    path: str
    text: str
    message: Mapping[str, str]
    near: tuple[str, ...] = ()


def of_triples(form: Form, iri: str, triples: Iterable[Triple], forms: Mapping[str, Form], show: Shown) -> Draft:
    """Return a record as a form shows it; what no field can show is left out (`rest` tells what)."""
    said: dict[str, list[Triple]] = defaultdict(list)
    for triple in sorted(triples, key=str):
        said[triple.subject.value].append(triple)  # type: ignore[union-attr]

    def draft(form: Form, subject: str, above: tuple[str, ...] = ()) -> Draft:
        found = Draft(form, subject)
        for asked in form.fields:
            for triple in said[subject]:
                if triple.predicate.value == asked.path and (entry := of_term(asked, triple.object, (*above, subject))):
                    found.entries.setdefault(asked.key, []).append(entry)
        return found

    def of_term(asked: Field, term: Any, above: tuple[str, ...]) -> Entry | None:
        if isinstance(term, Literal):
            return _of_literal(asked, term)
        if asked.kind == "part":
            part = term.value.startswith(iri + "#") and said[term.value] and term.value not in above
            return Entry(part=draft(forms[asked.part], term.value, above)) if part else None
        if asked.kind in ("concept", "address"):
            return Entry(term.value)
        return Entry(show(term)) if asked.kind == "thing" else None

    return draft(form, iri)


def _of_literal(asked: Field, term: Literal) -> Entry | None:
    tag = term.language or term.datatype.value.removeprefix(XSD)
    if not term.language and not _reads_back(term):
        return None
    if asked.kind == "literal":
        return Entry(term.value, tag)
    if asked.kind == "tagged" and term.language and (not asked.pair or term.language in LANGUAGES):
        return Entry(term.value, tag)
    return Entry(term.value) if asked.kind == "text" and term.datatype.value == asked.datatype else None


def _reads_back(term: Literal) -> bool:
    """Whether the text of a literal is read as that literal: 2.50 is the number 2.5, which is another."""
    try:
        return lexical.literal(term.value, term.datatype.value) == term
    except lexical.Unclear:
        return False


def of_inputs(form: Form, inputs: Inputs, names: Iterable[str], forms: Mapping[str, Form], prefix: str = "") -> Draft:
    """Return what a browser sends of a form: under `prefLabel.nl` or `claim.0.basis`, as the page names its fields."""
    found = Draft(form)
    for asked in form.fields:
        name = prefix + asked.key
        if asked.kind == "part":
            pattern = re.compile(re.escape(name) + r"\.([0-9]{1,6})\.")
            numbers = sorted({int(match[1]) for sent in names if (match := pattern.match(sent))})
            kept = [number for number in numbers if not inputs(f"{name}.{number}.remove")]
            entries = [Entry(part=_part(forms[asked.part], inputs, names, forms, f"{name}.{n}.")) for n in kept]
        elif asked.pair:
            entries = [Entry(_text(text), tag) for tag in LANGUAGES for text in inputs(f"{name}.{tag}")]
        elif asked.kind in ("tagged", "literal"):
            pairs = zip(inputs(name), inputs(name + ".tag"), strict=False)
            entries = [Entry(_text(text), tag) for text, tag in pairs]
        else:
            entries = [Entry(_text(text)) for text in inputs(name)]
        if filled := [entry for entry in entries if entry.part or entry.text.strip()]:
            found.entries[asked.key] = filled
    return found


def _part(form: Form, inputs: Inputs, names: Iterable[str], forms: Mapping[str, Form], prefix: str) -> Draft:
    part = of_inputs(form, inputs, names, forms, prefix)
    part.iri = next(iter(inputs(prefix + "iri")), "")
    part.new = not part.iri
    return part


def _text(sent: str) -> str:
    return sent.replace("\r\n", "\n")  # as browsers send a line's end


def triples(draft: Draft, read: Read) -> tuple[set[Triple], list[Trouble]]:
    """Return the triples of a record that is filled in, and for each entry that gives none the reason.

    Parts without an IRI get one that follows from what they say.
    """
    found, troubles = set(), list[Trouble]()
    taken = {entry.part.iri for entries in draft.entries.values() for entry in entries if entry.part}
    for asked, entry in _entries(draft):
        try:
            if entry.part:
                if entry.part.new:
                    entry.part.iri = _fresh(draft.iri, asked, entry.part, read, taken)
                    taken.add(entry.part.iri)
                value: Any = NamedNode(entry.part.iri)
                more, wrong = triples(entry.part, read)
                found |= more | {_typed(entry.part)}
                troubles += wrong
            else:
                value = _term(asked, entry, read)
            found.add(Triple(NamedNode(draft.iri), NamedNode(asked.path), value))
        except Unknown as unknown:
            message = {"nl": "Onder deze naam is niets bekend.", "en": "Nothing is known by this name."}
            if unknown.several:
                message = {"nl": "Er zijn er meer met deze naam.", "en": "There are several with this name."}
            troubles.append(Trouble(draft.iri, asked.path, entry.text, message, unknown.near))
        except lexical.Unclear as unclear:
            message = {language: f"{text}." for language, text in unclear.message.items()}
            troubles.append(Trouble(draft.iri, asked.path, entry.text, message))
        except ValueError:
            troubles.append(Trouble(draft.iri, asked.path, entry.text, _expected(asked)))
    return found, troubles


def _entries(draft: Draft) -> Iterator[tuple[Field, Entry]]:
    """Each field with each of its entries; what is fixed is there without being asked."""
    for asked in draft.form.fields:
        yield from ((asked, entry) for entry in ([Entry(asked.fixed)] if asked.fixed else draft.values(asked)))


def _typed(draft: Draft) -> Triple:
    return Triple(NamedNode(draft.iri), NamedNode(RDF + "type"), NamedNode(draft.form.iri))


def _term(asked: Field, entry: Entry, read: Read) -> Any:
    """The term that an entry means. Raises Unknown, ValueError."""
    if asked.fixed or asked.kind == "concept":
        return NamedNode(entry.text)
    if asked.kind == "address":
        if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", entry.text.strip()):
            raise ValueError(entry.text)
        return NamedNode(entry.text.strip())
    if asked.kind == "thing":
        return read(entry.text, asked)
    if asked.kind == "text":
        return lexical.literal(entry.text, asked.datatype)
    if entry.tag in TYPES:
        return lexical.literal(entry.text, XSD + entry.tag)
    return Literal(entry.text, language=entry.tag)


def _expected(asked: Field) -> Mapping[str, str]:
    if asked.kind == "address":
        return {
            "nl": "Verwacht: een webadres dat met https:// begint.",
            "en": "Expected: a web address that starts with https://.",
        }
    if asked.kind in ("tagged", "literal"):
        return {"nl": "Verwacht: een taalcode als nl of en.", "en": "Expected: a language code as nl or en."}
    return {"nl": "Verwacht: de IRI van iets dat er is.", "en": "Expected: the IRI of something that is there."}


def _fresh(record: str, asked: Field, part: Draft, read: Read, taken: set[str]) -> str:
    """An IRI for a new part: after its property, and after the first thing or text that it names."""
    return minting.part(record, asked.path, _first(part, read), taken)


def _first(part: Draft, read: Read) -> str:
    for asked, entry in _entries(part):
        if asked.kind == "thing" and not asked.fixed:
            try:
                return minting.local(read(entry.text, asked).value)
            except Unknown:
                return minting.slug(entry.text)
        if asked.kind == "tagged":
            return minting.slug(entry.text)
    return ""


def parts(draft: Draft) -> Iterator[Draft]:
    """Yield the parts of a record that is filled in, and theirs."""
    for entries in draft.entries.values():
        for entry in entries:
            if entry.part:
                yield entry.part
                yield from parts(entry.part)


def rest(draft: Draft, stored: Iterable[Triple], read: Read) -> set[Triple]:
    """Return what is stored of a record and no field of the draft of it can hold."""
    return set(stored) - triples(draft, read)[0]
