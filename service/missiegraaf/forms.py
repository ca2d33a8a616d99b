"""Forms: what a record of a class is asked for, by the shapes; names and help are those of the ontology."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Literal

from pyoxigraph import Literal as Text
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from missiegraaf import files
from missiegraaf.engine import embedded
from missiegraaf.formats import minting
from missiegraaf.namespaces import BASE, RDF, SH, SKOS, XSD

_FIELDS: Final = """SELECT ?class ?kind ?field ?path ?group (?at AS ?first) (?order AS ?second) ?example WHERE {
  ?form sh:deactivated true ; sh:targetClass ?class ; sh:property ?field .
  OPTIONAL { ?form mgs:kind ?kind }
  ?field sh:path ?path ; sh:order ?order ; sh:group ?group .
  ?group sh:order ?at .
  OPTIONAL { ?field skos:example ?example }
} ORDER BY ?class ?at ?order DESC(LANG(?example)) ?example"""
# The constraints of a class, and of those above it. In one query with what they say it takes ten times as long.
_AIMED: Final = """SELECT DISTINCT ?class ?rule ?always WHERE {
  ?form sh:deactivated true ; sh:targetClass ?class .
  ?class rdfs:subClassOf* ?super .
  { ?shape sh:targetClass ?super ; sh:property ?rule . ?rule sh:path ?whole BIND(ISIRI(?whole) AS ?always) }
  UNION { ?shape sh:targetSubjectsOf ?whole ; sh:property ?rule . ?rule sh:path ?whole BIND(false AS ?always) }
}"""
# What a constraint says of a property; what stands deeper in a shape is given as a parameter of like meaning.
_RULES: Final = """SELECT DISTINCT ?rule ?path ?parameter ?value WHERE {
  ?shape sh:property ?rule .
  ?rule sh:path ?whole .
  { ?rule sh:path ?path FILTER(ISIRI(?path)) } UNION { ?whole sh:alternativePath/rdf:rest*/rdf:first ?path }
  { ?rule ?parameter ?value FILTER(?parameter IN (sh:minCount, sh:maxCount, sh:datatype, sh:class, sh:hasValue)) }
  UNION { ?rule sh:node/sh:property [ sh:path skos:inScheme ; sh:hasValue ?value ] BIND(sh:in AS ?parameter) }
  UNION {
    ?rule sh:node/sh:property [ sh:path skos:inScheme ; sh:qualifiedValueShape/sh:in/rdf:rest*/rdf:first ?value ]
    BIND(sh:in AS ?parameter)
  }
  UNION { ?rule sh:or/rdf:rest*/rdf:first/sh:class ?value BIND(sh:class AS ?parameter) }
  UNION {
    ?rule sh:or/rdf:rest*/rdf:first ?value FILTER NOT EXISTS { ?value sh:class ?one }
    BIND(sh:or AS ?parameter)
  }
  UNION { ?rule sh:languageIn/rdf:rest*/rdf:first ?value BIND(sh:languageIn AS ?parameter) }
  UNION { ?rule sh:uniqueLang ?value BIND(sh:uniqueLang AS ?parameter) }
  UNION {
    ?rule sh:qualifiedMinCount 1 ; sh:qualifiedValueShape/sh:languageIn ?languages
    BIND(sh:minCount AS ?parameter) BIND(1 AS ?value)
  }
}"""
# A class whose things must each be named by some record with a property is one of parts.
_PARTS: Final = """SELECT DISTINCT ?path ?class WHERE {
  ?shape sh:targetClass ?class ; sh:property ?rule .
  ?rule sh:minCount 1 ; sh:path ?back .
  { ?back sh:inversePath ?path FILTER(ISIRI(?path)) }
  UNION { ?back sh:inversePath/sh:alternativePath/rdf:rest*/rdf:first ?path }
  FILTER EXISTS { ?form sh:deactivated true ; sh:targetClass ?class }
  FILTER NOT EXISTS { ?class rdfs:subClassOf* mg:Agent }
}"""
# What a record says only with a claim about it stands in one rule, which SHACL has no words for but SPARQL.
_CLAIMED: Final = """SELECT ?text WHERE {
  mgs:Record-claim-present sh:select ?select
  BIND(STRBEFORE(STRAFTER(?select, "?path IN ("), ")") AS ?text)
}"""
_RANGES: Final = "SELECT ?property ?range WHERE { ?property rdfs:range ?range FILTER(ISIRI(?range)) }"
_NAMES: Final = """SELECT ?thing ?what ?text WHERE {
  ?thing ?what ?text FILTER(?what IN (rdfs:label, skos:definition) && LANG(?text) != "")
}"""

Kind = Literal["part", "concept", "thing", "address", "text", "tagged", "literal"]


@dataclass(frozen=True)
class Group:
    """A heading under which fields stand, by language."""

    key: str
    name: Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """A property that is asked for, with its name and help by language.

    Its values are, by `kind`: parts of the record, of the class `part`; concepts of the `schemes`; things of the
    `classes` (any thing where there are none); web addresses; literals of the `datatype`; texts with a language; or
    literals of any kind. `pair` tells that each text is wanted in both languages, `single` that there is at most one
    value (of a pair, one a language); a `fixed` value is not asked. `claimed` tells that each value
    wants a claim beside it, `rank` the place in the form. `examples` are values as N-Triples write them, `example`
    the one that fits this class.
    """

    key: str
    path: str
    name: Mapping[str, str]
    help: Mapping[str, str]
    group: Group
    rank: tuple[int, int]
    kind: Kind
    required: bool
    single: bool
    pair: bool = False
    datatype: str = XSD + "string"
    part: str = ""
    schemes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    fixed: str = ""
    example: str = ""
    claimed: bool = False
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """What a record, or a part of one, of the class is asked for; `key` names it in addresses, `kind` in IRIs."""

    key: str
    iri: str
    kind: str
    name: Mapping[str, str]
    help: Mapping[str, str]
    fields: tuple[Field, ...]
    is_part: bool

    @property
    def groups(self) -> list[tuple[Group, list[Field]]]:
        """The fields under their headings, in order."""
        found: dict[str, tuple[Group, list[Field]]] = {}
        for field in self.fields:
            found.setdefault(field.group.key, (field.group, []))[1].append(field)
        return list(found.values())


@cache
def forms(base_iri: str = BASE) -> Mapping[str, Form]:
    """Return the form of each class that has one, by the IRI of the class."""
    return _Reader(base_iri).forms()


def joined(found: Iterable[Form]) -> Form:
    """Return the form of a record that has several classes: the first's, with the fields of all."""
    first, *others = found
    fields = {field.key: field for form in (*others, first) for field in form.fields}
    return replace(first, fields=tuple(sorted(fields.values(), key=lambda field: field.rank)))


class _Reader:
    def __init__(self, base_iri: str) -> None:
        self.base_iri, self.prefixes = base_iri, files.prefixes(base_iri)
        paths = [*files.turtle_files("shapes"), *files.turtle_files("ontology")]
        texts = (files.text(path, base_iri) for path in paths)
        self.dataset = embedded.in_memory(
            Quad(*quad.triple) for text in texts for quad in parse(text, RdfFormat.TURTLE, rename_blank_nodes=True)
        )
        self.names: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for thing, what, text in self.rows(_NAMES):
            self.names[thing.value][what.value.rpartition("#")[2]].setdefault(text.language, text.value)
        self.parts = {path.value: part.value for path, part in self.rows(_PARTS)}
        prefix = self.prefixes["mg"]
        ((claimed,),) = self.rows(_CLAIMED)
        self.claimed = {prefix + name for name in re.findall(r"mg:(\w+)", claimed.value)}
        self.ranges = {prop.value: range_.value for prop, range_ in self.rows(_RANGES)}

    def rows(self, query: str) -> Iterable[Any]:
        return self.dataset.query(query, prefixes=self.prefixes)  # type: ignore[return-value]

    def forms(self) -> dict[str, Form]:
        rules: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        said: dict[Any, list[Any]] = defaultdict(list)
        for rule, *what in self.rows(_RULES):
            said[rule].append(what)
        for cls, rule, always in self.rows(_AIMED):
            for path, parameter, value in said[rule]:
                if always.value == "true" or parameter.value != SH + "minCount":
                    rules[cls.value, path.value][parameter.value.removeprefix(SH)].append(value)
        examples: dict[str, list[Any]] = defaultdict(list)
        kinds: dict[str, str] = {}
        asked: dict[str, dict[str, tuple[str, str, tuple[int, int]]]] = defaultdict(dict)
        for cls, kind, field, path, group, first, second, example in self.rows(_FIELDS):
            kinds[cls.value] = kind.value if kind else minting.local(cls.value)
            asked[cls.value][field.value] = (path.value, group.value, (int(first.value), int(second.value)))
            if example and example not in examples[field.value]:
                examples[field.value].append(example)
        return {
            cls: Form(
                key=minting.local(cls),
                iri=cls,
                kind=kinds[cls],
                name=self.names[cls]["label"],
                help=self.names[cls]["definition"],
                fields=tuple(
                    self.field(iri, path, group, rank, rules[cls, path], examples[iri])
                    for iri, (path, group, rank) in fields.items()
                ),
                is_part=cls in self.parts.values(),
            )
            for cls, fields in asked.items()
        }

    def field(
        self,
        iri: str,
        path: str,
        group: str,
        rank: tuple[int, int],
        rules: Mapping[str, list[Any]],
        examples: list[Any],
    ) -> Field:
        counts = {name: [int(value.value) for value in rules[name]] for name in ("minCount", "maxCount")}
        given = {value.value for value in (*rules["class"], *rules["datatype"])} or {self.ranges.get(path, "")}
        literal = next((datatype for datatype in given if datatype.startswith((XSD, RDF + "langString"))), None)
        schemes = {value.value for value in rules["in"]} or (set() if given - {""} else self.schemes(examples))
        kind, datatype = self.kind(path, bool(schemes), literal, examples)
        return Field(
            key=iri.rpartition("field-")[2],
            path=path,
            name=self.names[path]["label"],
            help=self.names[path]["definition"],
            group=Group(group.rpartition("group-")[2], self.names[group]["label"]),
            rank=rank,
            kind=kind,
            required=max(counts["minCount"], default=0) > 0,
            single=min(counts["maxCount"], default=2) < 2 or bool(rules["uniqueLang"]),
            pair=kind == "tagged" and bool(rules["languageIn"]),
            datatype=datatype,
            part=self.parts.get(path, ""),
            schemes=tuple(sorted(schemes)),
            classes=tuple(sorted(given - {""})) if kind == "thing" and not rules["or"] else (),
            fixed=rules["hasValue"][0].value if rules["hasValue"] else "",
            example=str(next((e for e in examples if self.fits(e, given)), examples[0])) if examples else "",
            claimed=path in self.claimed,
            examples=tuple(map(str, examples)),
        )

    def fits(self, example: Any, classes: set[str]) -> bool:
        """Tell whether an example is a thing of one of these classes, as far as its IRI shows."""
        kinds = {minting.local(cls) for cls in classes}
        return (
            isinstance(example, NamedNode) and example.value.removeprefix(self.base_iri + "id/").split("/")[0] in kinds
        )

    def schemes(self, examples: list[Any]) -> set[str]:
        """The one scheme that all the examples are concepts of."""
        things = [example for example in examples if isinstance(example, NamedNode)]
        lists = [self.dataset.quads_for_pattern(thing, NamedNode(SKOS + "inScheme"), None) for thing in things]
        found = [{quad.object.value for quad in quads} for quads in lists]  # type: ignore[union-attr]
        shared = set.intersection(*found) if found else set()
        return shared if len(shared) == 1 else set()

    def kind(self, path: str, listed: bool, literal: str | None, examples: list[Any]) -> tuple[Kind, str]:
        """What the values are, and of literals the datatype: as the rules say, else as the examples show."""
        datatypes = {example.datatype.value for example in examples if isinstance(example, Text)}
        if path in self.parts:
            return "part", ""
        if listed:
            return "concept", ""
        if len(datatypes) > 1:
            return "literal", ""
        if literal or datatypes:
            datatype = literal or datatypes.pop()
            return ("tagged" if datatype == RDF + "langString" else "text"), datatype
        named = [example.value for example in examples]
        return ("thing" if all(iri.startswith(self.base_iri) for iri in named) else "address"), ""
