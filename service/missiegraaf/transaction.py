"""The one way to write: files are read, checked, inferred from, and become a store; all of it or nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from missiegraaf import files, log, reasoning, validation
from missiegraaf.engine import embedded
from missiegraaf.engine.remote import Engine
from missiegraaf.errors import Inconsistent, NotConforming, StoreError, UnreadableFile
from missiegraaf.formats import parsing
from missiegraaf.formats.skolem import skolemised
from missiegraaf.namespaces import BASE, home_graph, record_graph


@dataclass(frozen=True)
class Graph:
    """What the files say, each triple in its one named graph; a hash of all of it, and of the rules.

    `own` tells that the records are the project's own and not other files.
    """

    quads: tuple[Quad, ...] = field(repr=False)
    sha256: str
    own: bool

    @cached_property
    def triples(self) -> list[Triple]:
        """The triples without their graphs."""
        return [quad.triple for quad in self.quads]


@dataclass(frozen=True)
class Loaded:
    """What a load put into the store: numbers of triples."""

    asserted: int
    inferred: int


def nothing(base_iri: str = BASE) -> dict[str, Any]:
    """Return what is to be known of an empty store."""
    return {"version": 1, "base": base_iri, "sha256": "", "own": False, "validated": False} | _sizes(0, 0)


def read(data: Sequence[Path] | None = None, base_iri: str = BASE) -> Graph:
    """Return ontology and records from files: the project's own data, or the given files in their stead.

    Raises UnreadableFile where a file is broken, has a blank node, or a subject that is no record.
    """
    quads: list[Quad] = []
    digest = hashlib.sha256(base_iri.encode())
    for path in files.turtle_files("ontology"):
        text = files.text(path, base_iri)
        digest.update(text.encode())
        quads.extend(_in_ontology(parsing.quads(text, RdfFormat.TURTLE, str(path)), path.stem, base_iri))
    for rule in reasoning.rules():
        digest.update(rule.text.encode())
    for path in files.turtle_files("data") if data is None else sorted(data):
        found = records(path, base_iri)
        digest.update(path.read_bytes())
        quads.extend(found)
    return Graph(tuple(dict.fromkeys(quads)), digest.hexdigest(), own=data is None)


def records(path: Path, base_iri: str = BASE) -> list[Quad]:
    """Return the quads of a file of records, each in its record's graph. Raises UnreadableFile."""
    try:
        text = files.text(path, base_iri)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableFile(f"{path}:{line}: {error.reason}; expected UTF-8", file=str(path), line=line) from None
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}", file=str(path)) from None
    return [placed(quad, str(path), base_iri) for quad in parsing.quads(text, parsing.format_of(path), str(path))]


def check(graph: Graph, base_iri: str = BASE) -> validation.Report:
    """Return the report on a whole graph."""
    return validation.Validator(validation.shapes(base_iri)).whole(graph.triples)


def check_files(paths: Sequence[Path], base_iri: str = BASE) -> validation.Report:
    """Return the report on files of records, in the midst of the project's other records.

    Only what these files say is reported. Raises UnreadableFile.
    """
    given = [quad for path in paths for quad in some(records(path, base_iri), str(path))]
    replaced = {quad.graph_name for quad in given}
    others = [quad for quad in read(base_iri=base_iri).quads if quad.graph_name not in replaced]
    subjects = {quad.subject.value for quad in given if isinstance(quad.subject, NamedNode)}
    triples = [quad.triple for quad in dict.fromkeys([*others, *given])]
    return validation.Validator(validation.shapes(base_iri)).whole(triples, subjects).about(subjects).placed(given)


def some(quads: list[Quad], name: str) -> list[Quad]:
    """Return the quads of a document. Raises UnreadableFile where there are none."""
    if not quads:
        raise UnreadableFile(f"{name}: it says nothing; expected one triple at least", file=name)
    return quads


def load(store: Path, graph: Graph, base_iri: str = BASE, trusted: bool = False) -> Loaded:
    """Check a graph, infer from it and make it the store's current graph; the caller holds the store's lock.

    In a filled store that is one more Change, logged as such: the versions and the log go on. `trusted` skips the
    shapes. Raises NotConforming and Inconsistent, and then leaves the store as it was.
    """
    quads, about = _checked(graph, base_iri, trusted)
    version, entries = _logged(store, graph, base_iri)
    if version == 1:  # another history begins: what was published of a former one is not of this
        shutil.rmtree(store / "published", ignore_errors=True)
    embedded.create(store, quads, about | {"version": version}, entries)
    return Loaded(about["asserted"], about["inferred"])


def fill(engine: Engine, graph: Graph, trusted: bool = False) -> Loaded:
    """Check a graph, infer from it and fill an empty server with it. Raises what `load` and Engine.create do."""
    quads, about = _checked(graph, engine.base_iri, trusted)
    engine.create(quads, about)
    return Loaded(about["asserted"], about["inferred"])


def _checked(graph: Graph, base_iri: str, trusted: bool) -> tuple[list[Quad], dict[str, Any]]:
    inference = reasoning.infer(graph.triples)
    if inference.conflicts:
        listed = "\n".join(map(str, inference.conflicts))
        raise Inconsistent(f"{len(inference.conflicts)} contradictions:\n{listed}", inference.conflicts)
    if not trusted:
        report = check(graph, base_iri)
        if not report.conforms:
            raise NotConforming(f"{len(report.results)} results", report)
    name = NamedNode(base_iri + "inferred")
    entailed = [Quad(t.subject, t.predicate, t.object, name) for t in inference.inferred]
    about = {"version": 1, "base": base_iri, "sha256": graph.sha256, "own": graph.own, "validated": not trusted}
    return [*graph.quads, *entailed], about | _sizes(len(graph.quads), len(entailed))


def _logged(store: Path, graph: Graph, base_iri: str) -> tuple[int, list[Quad]]:
    """The version that a load leads to, and the log: that of the store, if it can be read, and this Change."""
    try:
        former = embedded.read(store)
        version = max(embedded.about(store, base_iri)["version"], log.newest_version(former, base_iri))
    except StoreError:
        return 1, []
    name, inferred = log.graph(base_iri), NamedNode(base_iri + "inferred")
    before = {quad for quad in embedded.public_quads(former) if quad.graph_name not in (name, inferred)}
    after = set(embedded.in_memory(graph.quads))  # through the engine, which writes literals its own way
    change = log.Change(
        frozenset(before - after), frozenset(after - before), "load", "admin", "load --replace", datetime.now(UTC)
    )
    entry = log.entry(change, version + 1, base_iri)
    return version + 1, [*former.quads_for_pattern(None, None, None, name), *entry]


def _sizes(asserted: int, inferred: int) -> dict[str, int]:
    return {"asserted": asserted, "inferred": inferred}


def placed(quad: Quad, name: str, base_iri: str) -> Quad:
    """Return a quad of a document in the graph of its record. Raises UnreadableFile for what has no place in one."""
    if reason := amiss(quad):
        raise UnreadableFile(f"{name}: {reason}", file=name)
    graph = record_graph(quad.subject.value, base_iri) if isinstance(quad.subject, NamedNode) else None
    if graph is None:
        raise UnreadableFile(f"{name}: {quad.subject} is no record; expected {base_iri}id/<kind>/<name>", file=name)
    if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value != graph:  # a blank one claims nothing
        raise UnreadableFile(f"{name}: {quad.subject} stands in {quad.graph_name}; expected <{graph}>", file=name)
    return Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))


def amiss(quad: Quad) -> str:
    """Return why a triple has no place in any record, or an empty text."""
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        said = quad.subject if isinstance(quad.object, BlankNode) else quad.object
        return f"a blank node at {quad.predicate} {said}; give it an IRI: that of its record and a #fragment"
    if not isinstance(quad.object, NamedNode | Literal) or getattr(quad.object, "direction", None):
        return f"a triple term or a base direction at {quad.subject} {quad.predicate}; expected what RDF 1.1 has"
    if isinstance(quad.object, Literal) and parsing.NOT_XML.search(quad.object.value):
        return f"a control character at {quad.subject} {quad.predicate}; expected text that XML can hold too"
    return ""


def _in_ontology(quads: Iterable[Quad], name: str, base_iri: str) -> Iterator[Quad]:
    """Yield the quads of a file of the ontology, blank nodes named; a value list's are those of records."""
    for quad in skolemised(quads, lambda label: f"{base_iri}.well-known/genid/{name}-{label}"):
        if isinstance(quad.object, Triple):
            raise UnreadableFile(f"{name}: quoted triples have no place in the graph")
        graph = home_graph(quad.subject.value if isinstance(quad.subject, NamedNode) else "", base_iri)
        yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))
