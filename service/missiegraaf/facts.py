"""What is known of a published version: its numbers, and the files of its dumps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

# Of each suffix of a compressed dump its media type.
COMPRESSIONS: Final = {"gz": "application/gzip", "zst": "application/zstd"}


@dataclass(frozen=True)
class File:
    """A dump: its name, the suffix of its format, whether what is inferred is in it, and how it is compressed.

    `length` and `sha256` are of the file, `content_length` and `content_sha256` of what it holds. Lengths in bytes.
    """

    name: str
    suffix: str
    inferred: bool
    compression: str
    length: int
    sha256: str
    content_length: int
    content_sha256: str


@dataclass(frozen=True)
class Facts:
    """A version of the graph: its number, the time of its Change (xsd:dateTime, UTC), and what is in it.

    `issued` is when the graph was first made, `first_day` and `last_day` bound the time it is about (xsd:date).
    `classes` and `properties` tell how many things, or triples, each IRI has; `links` how many triples lead to things
    of others, by the start of their IRIs; `examples` are IRIs of records, `roots` those to begin at.
    """

    version: int
    time: str
    issued: str = ""
    asserted: int = 0
    inferred: int = 0
    subjects: int = 0
    objects: int = 0
    records: int = 0
    first_day: str = ""
    last_day: str = ""
    classes: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    files: tuple[File, ...] = ()

    def to_json(self) -> str:
        """Return them as a JSON document."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `to_json` wrote."""
        found: dict[str, Any] = json.loads(text)
        files = tuple(File(**file) for file in found.pop("files"))
        lists = {name: tuple(found.get(name, ())) for name in ("examples", "roots")}
        return cls(**found | lists | {"files": files})
