"""Saved questions: one `.rq` file each, with a YAML header in `#+ ` lines; and binding a term to a parameter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import yaml
from pyoxigraph import Literal, NamedNode

from missiegraaf import files
from missiegraaf.errors import BadRequest, NotFound, UnreadableFile
from missiegraaf.formats.parsing import is_iri
from missiegraaf.namespaces import BASE, LANGUAGES, XSD


@dataclass(frozen=True)
class Parameter:
    """A value that the asker chooses: its kind (iri, string, integer, date), its meaning by language, an example."""

    name: str
    kind: str
    summary: Mapping[str, str]
    example: str


@dataclass(frozen=True)
class SavedQuery:
    """A question with its name `<topic>/<question>`, its summary by language, its parameters and its SPARQL text."""

    name: str
    summary: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    text: str

    def bind(self, values: Mapping[str, str], prefixes: Mapping[str, str]) -> str:
        """Return the query with terms for its parameters; one that is left out stays open.

        A parameter `x` stands in the text as `VALUES ?x { UNDEF }`, which every engine treats alike. An IRI may be
        given in full or with a prefix of the prefix list. Raises BadRequest (400) for an unknown parameter or a value
        of another kind.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        text = self.text
        for name, value in values.items():
            if name not in known:
                raise BadRequest(f"{self.name} has no parameter {name}; expected {', '.join(known) or 'none'}")
            term = str(_term(known[name], value, prefixes))
            text = _slot(name).sub(lambda found, term=term: found[1] + term + found[2], text)  # type: ignore[misc]
        return text


def saved(base_iri: str = BASE) -> list[SavedQuery]:
    """Return every saved query, by name."""
    root = files.folder("queries")
    names = {path: str(path.relative_to(root).with_suffix("")) for path in sorted(root.rglob("*.rq"))}
    return [read(path, name, base_iri) for path, name in names.items()]


def find(name: str, base_iri: str = BASE) -> SavedQuery:
    """Return the saved query of a name. Raises NotFound (404) with the names near to it."""
    known = {query.name: query for query in saved(base_iri)}
    if name not in known:
        near = get_close_matches(name, known, n=5, cutoff=0.3)
        raise NotFound(f"no saved query {name} among the {len(known)}; near to it: {', '.join(near) or 'none'}")
    return known[name]


def read(path: Path, name: str, base_iri: str = BASE) -> SavedQuery:
    """Return the saved query of a file. Raises UnreadableFile where its header is not as it should be."""
    try:
        text = files.text(path, base_iri)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path}: {error}", file=str(path)) from None
    header = "\n".join(line[3:] for line in text.splitlines() if line.startswith("#+ "))
    try:
        fields = yaml.safe_load(header) or {}
        summary = {language: str(fields["summary"][language]) for language in LANGUAGES} if fields else {}
        parameters = tuple(_parameter(key, value) for key, value in (fields.get("parameters") or {}).items())
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            f"{path}: the header needs `summary` with nl and en, and kind, summary and example for each parameter "
            f"({error!r})",
            file=str(path),
        ) from None
    for parameter in parameters:
        if not _slot(parameter.name).search(text):
            raise UnreadableFile(f"{path}: parameter {parameter.name} has no line VALUES ?{parameter.name} {{ UNDEF }}")
    return SavedQuery(name, summary, parameters, text)


def _parameter(name: str, fields: Mapping[str, object]) -> Parameter:
    summary = fields["summary"]
    if not isinstance(summary, dict) or fields["kind"] not in _READERS:
        raise TypeError(name)
    return Parameter(name, str(fields["kind"]), {key: str(summary[key]) for key in LANGUAGES}, str(fields["example"]))


def _slot(name: str) -> re.Pattern[str]:
    return re.compile(rf"(VALUES\s+\?{re.escape(name)}\s*\{{\s*)UNDEF(\s*\}})")


def _iri(value: str, prefixes: Mapping[str, str]) -> NamedNode:
    prefix, colon, local = value.partition(":")
    iri = prefixes[prefix] + local if colon and prefix in prefixes else value.removeprefix("<").removesuffix(">")
    if not is_iri(iri) or not iri.startswith(_SCHEMES):
        raise ValueError(f"{value} is no IRI with a scheme or a prefix that is known")
    return NamedNode(iri)


def _integer(value: str, _: Mapping[str, str]) -> Literal:
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        raise ValueError(f"{value} is no whole number")
    return Literal(value, datatype=NamedNode(XSD + "integer"))


def _date(value: str, _: Mapping[str, str]) -> Literal:
    return Literal(date.fromisoformat(value).isoformat(), datatype=NamedNode(XSD + "date"))


def _string(value: str, _: Mapping[str, str]) -> Literal:
    return Literal(value)


_SCHEMES = ("http://", "https://", "urn:", "mailto:")
_READERS: Mapping[str, Callable[[str, Mapping[str, str]], NamedNode | Literal]] = {
    "iri": _iri,
    "string": _string,
    "integer": _integer,
    "date": _date,
}


def _term(parameter: Parameter, value: str, prefixes: Mapping[str, str]) -> NamedNode | Literal:
    try:
        return _READERS[parameter.kind](value, prefixes)
    except ValueError as error:
        raise BadRequest(
            f"{parameter.name} is {value!r}; expected {parameter.kind}, as in {parameter.example} ({error})"
        ) from None
