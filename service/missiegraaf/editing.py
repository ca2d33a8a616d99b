"""What an editor's page needs to know of a dataset: the form of a record, filled in, and what a filled one would do.

The functions are for a reader process: a dataset comes in, what a page shows goes out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from missiegraaf import checking, drafts, files, forms
from missiegraaf.checking import Checked, Document
from missiegraaf.drafts import Draft, Trouble
from missiegraaf.engine.embedded import Dataset
from missiegraaf.formats import media
from missiegraaf.formats.writing import to_bytes
from missiegraaf.forms import Form
from missiegraaf.names import Names
from missiegraaf.namespaces import RDF, record_graph
from missiegraaf.telling import Told, told

Choices = Mapping[tuple[str, str], list[tuple[str, str]]]  # by the keys of form and field


@dataclass(frozen=True)
class Desk:
    """A record on an editor's desk: filled in, with what can be chosen, and the mark of the state that is stored.

    `untouched` is what is stored of it and has no field: it stays. `label` is what the record is called.
    """

    draft: Draft
    choices: Choices
    mark: str
    label: str = ""
    untouched: Sequence[Told] = ()


@dataclass(frozen=True)
class Submission(Desk):
    """The same as it is submitted: entries that cannot be read, else what the record would be, and what is wrong.

    `changes` are its differences from what is stored, `removed` and `added` the same as N-Triples.
    """

    triples: str = ""
    troubles: Sequence[Trouble] = ()
    checked: Checked | None = None
    changes: Sequence[Told] = ()
    removed: Sequence[str] = field(default=())
    added: Sequence[str] = field(default=())

    def mended(self, key: str) -> frozenset[Triple] | None:
        """Return what the record is with one of the mends that work, by its key; None where it is none of them.

        One that renames is none: of a record that is edited the IRI stays.
        """
        known = self.checked.mends.values() if self.checked else ()
        mend = next((mend for mend in known if mend.key == key and not mend.renamed), None)
        if mend is None:
            return None
        return _read(self.triples) - {q.triple for q in mend.removed} | {q.triple for q in mend.added}


def blank(dataset: Dataset, form: Form, language: str, base_iri: str) -> Desk:
    """Return the form for a new record of a class."""
    draft = Draft(form, new=True)
    return Desk(draft, _choices(draft, _names(dataset, language, base_iri), base_iri), "")


def opened(dataset: Dataset, iri: str, language: str, base_iri: str) -> Desk | None:
    """Return a record in the form of its classes; None where there is none, or none that has a form."""
    stored = _stored(dataset, iri, base_iri)
    names = _names(dataset, language, base_iri)
    draft = _draft(stored, iri, names, base_iri)
    if draft is None:
        return None
    rest = drafts.rest(draft, stored, names.read)
    kept = [triple for triple in rest if triple.predicate.value != RDF + "type"]
    label = names.label(NamedNode(iri))
    return Desk(draft, _choices(draft, names, base_iri), mark(stored), label, told(iri, (), kept, names.label))


def submitted(
    dataset: Dataset, iri: str, form: Form | None, inputs: Mapping[str, Sequence[str]], language: str, base_iri: str
) -> Submission | None:
    """Return what a form that was sent for a record says; `form` where the record is new, else that of its classes.

    None where there is neither. The record is checked in the midst of the dataset, unless an entry cannot be read.
    """
    names, stored = _names(dataset, language, base_iri), _stored(dataset, iri, base_iri)
    before = _draft(stored, iri, names, base_iri)
    asked = before.form if before else form
    if asked is None:
        return None
    draft = drafts.of_inputs(asked, lambda name: inputs.get(name, ()), inputs, forms.forms(base_iri))
    draft.iri, draft.new = iri, before is None
    said, troubles = drafts.triples(draft, names.read)
    after = said | _kept(before, draft, stored, names)
    content = to_bytes(sorted(after, key=str), RdfFormat.N_TRIPLES)
    checked = None if troubles else checking.check(dataset, Document(content, media.N_TRIPLES, "the record"), base_iri)
    gone, come = stored - after, after - stored
    return Submission(
        draft,
        _choices(draft, names, base_iri),
        mark(stored),
        names.label(NamedNode(iri)),
        triples=content.decode(),
        troubles=troubles,
        checked=checked,
        changes=told(iri, gone, come, names.label),
        removed=sorted(map(str, gone)),
        added=sorted(map(str, come)),
    )


def mended(dataset: Dataset, iri: str, triples: frozenset[Triple], language: str, base_iri: str) -> Desk:
    """Return a record of these triples in the form of its classes; the mark is that of the stored one."""
    names = _names(dataset, language, base_iri)
    draft = _draft(triples, iri, names, base_iri)
    assert draft is not None  # noqa: S101  # it has been in one
    stored = _stored(dataset, iri, base_iri)
    return Desk(draft, _choices(draft, names, base_iri), mark(stored), names.label(NamedNode(iri)))


def narrated(
    dataset: Dataset, iri: str, changes: Sequence[tuple[bytes, bytes]], language: str, base_iri: str
) -> list[list[Told]]:
    """Return Changes of a record in plain words; each is what went and what came, as N-Triples."""
    names = _names(dataset, language, base_iri)
    return [told(iri, _read(removed), _read(added), names.label) for removed, added in changes]


def found(dataset: Dataset, text: str, language: str, base_iri: str) -> list[tuple[str, str]]:
    """Return the records that a text names or nearly names: IRI and what it is shown as."""
    names = _names(dataset, language, base_iri)
    return [(thing.value, names.show(thing)) for thing in names.like(text) if record_graph(thing.value, base_iri)]


def is_there(dataset: Dataset, iri: str, base_iri: str) -> bool:
    """Tell whether anything is stored as a record, whether it has a form or not."""
    return bool(_stored(dataset, iri, base_iri))


def mark(triples: Iterable[Triple]) -> str:
    """Return what tells one state of a record from others; '' for one that is not there."""
    lines = sorted(map(str, triples))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32] if lines else ""


def _read(content: str | bytes) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in parse(content, RdfFormat.N_TRIPLES))


def _names(dataset: Dataset, language: str, base_iri: str) -> Names:
    return Names(dataset, files.prefixes(base_iri), language)


def _stored(dataset: Dataset, iri: str, base_iri: str) -> frozenset[Triple]:
    graph = record_graph(iri, base_iri)
    return (
        frozenset(q.triple for q in dataset.quads_for_pattern(None, None, None, NamedNode(graph)))
        if graph
        else frozenset()
    )


def _draft(triples: Iterable[Triple], iri: str, names: Names, base_iri: str) -> Draft | None:
    known = forms.forms(base_iri)
    record, type_ = NamedNode(iri), NamedNode(RDF + "type")
    types = sorted(str(t.object)[1:-1] for t in triples if t.subject == record and t.predicate == type_)
    having = [known[cls] for cls in types if cls in known]
    return drafts.of_triples(forms.joined(having), iri, triples, known, names.show) if having else None


def _kept(before: Draft | None, draft: Draft, stored: frozenset[Triple], names: Names) -> set[Triple]:
    """What stays of the stored record: all that no field shows, but for parts that are taken away."""
    if before is None:
        return {Triple(NamedNode(draft.iri), NamedNode(RDF + "type"), NamedNode(draft.form.iri))}
    left = {part.iri for part in drafts.parts(draft)}
    gone = {NamedNode(part.iri) for part in drafts.parts(before) if part.iri not in left}
    return {triple for triple in drafts.rest(before, stored, names.read) if triple.subject not in gone}


def _choices(draft: Draft, names: Names, base_iri: str) -> Choices:
    known = forms.forms(base_iri)
    asked = [draft.form, *(known[f.part] for f in draft.form.fields if f.part)]
    fields = {(form.key, f.key): f for form in asked for f in form.fields if f.kind in ("concept", "thing")}
    lists = {key: names.choices(found) for key, found in fields.items()}
    return {key: choices for key, choices in lists.items() if choices is not None}
