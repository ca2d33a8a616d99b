"""From the store back to files: a sorted dump, and the data files in the canonical layout."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from missiegraaf import files, log
from missiegraaf.engine import embedded
from missiegraaf.errors import StoreError
from missiegraaf.formats.layout import canonical_turtle
from missiegraaf.formats.writing import to_bytes

FORMATS = {"nq": RdfFormat.N_QUADS, "nt": RdfFormat.N_TRIPLES, "trig": RdfFormat.TRIG}
_PLURALS = {"person": "people", "text-box": "text-boxes"}


def dump(dataset: embedded.Dataset, suffix: str, base_iri: str, plain: bool = False) -> bytes:
    """Return every quad but those of the log, so that equal graphs are equal bytes, however they came about.

    The default graph of records repeats the others and is left out; that of a `plain` dataset is not, and neither is
    anything else. The lines of N-Quads and N-Triples are sorted.
    """
    unsaid = set() if plain else {log.graph(base_iri)}
    if suffix == "trig":
        quads = dataset if plain else embedded.public_quads(dataset)
        return to_bytes(sorted((quad for quad in quads if quad.graph_name not in unsaid), key=str), FORMATS[suffix])
    if not plain and NamedNode(base_iri + "def") not in set(dataset.named_graphs()) and len(dataset):
        raise StoreError("the store holds no records but a plain dataset; expected --plain-dataset")
    found = _triples(dataset, DefaultGraph()) if plain else []
    for name in sorted(set(dataset.named_graphs()) - unsaid, key=str):  # graph by graph: the engine itself writes them
        found += _triples(dataset, name) if suffix == "nt" else _quads(dataset, name)
    return b"".join(sorted(set(found) if suffix == "nt" else found))


def lines(dataset: embedded.Dataset, base_iri: str) -> tuple[list[bytes], list[bytes]]:
    """Return the lines of N-Quads of what is asserted, in no order, and of what is inferred."""
    inferred = NamedNode(base_iri + "inferred")
    asserted: list[bytes] = []
    for name in set(dataset.named_graphs()) - {inferred, log.graph(base_iri)}:
        asserted += _quads(dataset, name)
    return asserted, _quads(dataset, inferred)


def _quads(dataset: embedded.Dataset, name: NamedNode | BlankNode) -> list[bytes]:
    end = f" {name} .\n".encode()
    return [line.removesuffix(b" .\n") + end for line in _triples(dataset, name)]


def _triples(dataset: embedded.Dataset, name: NamedNode | BlankNode | DefaultGraph) -> list[bytes]:
    return (dataset.dump(format=RdfFormat.N_TRIPLES, from_graph=name) or b"").splitlines(keepends=True)


def data_files(dataset: embedded.Dataset, base_iri: str) -> dict[Path, str]:
    """Return the records as files, path to text: `<kind in plural>.ttl`, concepts of a value list `schemes/<kind>.ttl`.

    Ontology and inferred triples are left out. The comment at the head of a file is that of the project's own file.
    """
    start = base_iri + "id/"
    by_file: dict[Path, list[Triple]] = defaultdict(list)
    for quad in embedded.public_quads(dataset):
        if (
            isinstance(quad.subject, NamedNode)
            and quad.subject.value.startswith(start)
            and not _inferred(quad, base_iri)
        ):
            kind, _, slug = quad.subject.value.removeprefix(start).partition("/")
            by_file[_file(kind, slug.partition("#")[0])].append(quad.triple)
    prefixes = files.prefixes(base_iri)
    return {path: canonical_turtle(by_file[path], prefixes, _heading(path)) for path in sorted(by_file)}


def _inferred(quad: Quad, base_iri: str) -> bool:
    return quad.graph_name == NamedNode(base_iri + "inferred")


def _file(kind: str, slug: str) -> Path:
    if kind == "scheme":
        return Path("schemes", f"{slug}.ttl")
    plural = _PLURALS.get(kind) or (f"{kind.removesuffix('y')}ies" if kind.endswith("y") else f"{kind}s")
    as_list = (files.folder("ontology") / "schemes" / f"{kind}.ttl").exists()
    as_data = (files.folder("data") / f"{plural}.ttl").exists()
    return Path("schemes", f"{kind}.ttl") if as_list and not as_data else Path(f"{plural}.ttl")


def _heading(path: Path) -> str:
    """The comment lines at the head of the project's file of this name."""
    own = files.folder("ontology") / path if path.parts[0] == "schemes" else files.folder("data") / path
    if not own.exists():
        return ""
    lines: Iterable[str] = own.read_text(encoding="utf-8").splitlines()
    heading = []
    for line in lines:
        if not line.startswith("#"):
            break
        heading.append(line.removeprefix("#").strip())
    return "\n".join(heading)
