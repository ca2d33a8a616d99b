"""Where the RDF folders are, and their texts under the configured base IRI."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from missiegraaf.namespaces import BASE

FOLDERS = ("ontology", "data", "shapes", "queries")
_HERE = Path(__file__).resolve().parent
_PREFIX = re.compile(r"^@prefix\s+([\w-]*):\s+<([^>]*)>\s*\.", re.MULTILINE)


def folder(name: str) -> Path:
    """Return one of FOLDERS: from the installed package (`_graph/`), else from the checkout it is part of."""
    if name not in FOLDERS:
        raise ValueError(f"{name} is none of {FOLDERS}")
    packaged = _HERE / "_graph" / name
    return packaged if packaged.is_dir() else _HERE.parents[1] / name


def turtle_files(name: str) -> list[Path]:
    """Return the Turtle files of a folder, its subfolders included, in a fixed order; not the prefix list."""
    return sorted(path for path in folder(name).rglob("*.ttl") if path.name != "prefixes.ttl")


def rule_files() -> list[Path]:
    """Return the files of the shapes that check something: forms only ask."""
    return [path for path in turtle_files("shapes") if path.stem != "forms"]


def text(path: Path, base_iri: str = BASE) -> str:
    """Return the text of a file with the project's base IRI replaced by the configured one."""
    content = path.read_text(encoding="utf-8-sig")
    return content if base_iri == BASE else content.replace(BASE, base_iri)


@cache
def prefixes(base_iri: str = BASE) -> dict[str, str]:
    """Return the only prefix list, prefix to IRI."""
    return dict(_PREFIX.findall(text(folder("ontology") / "prefixes.ttl", base_iri)))
