"""The queries of `queries/`, each made new, and what their answers say whatever the format."""

from __future__ import annotations

import itertools
import json
import random
import re
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from bench import common
from bench.table import LAST
from missiegraaf import files

GRAPHS = ("construct", "describe")
REPEATED = 10  # queries of a kind that come again


class Questions:
    """The kinds of query, and new texts of each; or the same REPEATED texts of each, in turn."""

    def __init__(self, data: common.Data, repeated: bool = False) -> None:
        label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
        with data.dumped("nt").open(encoding="utf-8") as lines:
            named = [line for line in lines if label in line and "/id/learning-community/" in line]
        self._labels = sorted({line.split('"')[1] for line in named if line.endswith('"@nl .\n') and "\\" not in line})
        self._communities = sorted({line.split(" ", 1)[0] for line in named})
        self._random, self._numbers = random.Random(1), itertools.count(1)  # noqa: S311  # nothing secret
        texts = {path.stem: path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("queries/*.rq"))}
        self._texts = {kind: _with_prefixes(text) for kind, text in texts.items()}
        self.kinds = [kind for kind in texts if kind != LAST]
        self._turns = {kind: itertools.cycle([self._new(kind) for _ in range(REPEATED)]) for kind in texts}
        self._repeated = repeated

    def next(self, kind: str) -> str:
        """Return a query of this kind that was not asked before, or the next one of those that come again."""
        return next(self._turns[kind]) if self._repeated else self._new(kind)

    def varies(self, kind: str) -> bool:
        """Tell whether the queries of a kind have different answers."""
        return "$community" in self._texts[kind] or "$label" in self._texts[kind]

    def _new(self, kind: str) -> str:
        text = self._texts[kind].replace("$community", self._random.choice(self._communities))
        return text.replace("$label", self._random.choice(self._labels)).replace("$new", str(next(self._numbers)))


def _with_prefixes(text: str) -> str:
    return "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in files.prefixes().items() if f"{p}:" in text) + text


def accept(kind: str) -> str:
    """Return the media type to ask for."""
    return "application/n-triples" if kind in GRAPHS else "application/sparql-results+json"


def comparable(content: bytes) -> list[str]:
    """Return the triples of a graph, or the rows or the truth of a result, in an order of their own; 1.0 is 1."""
    if not content.startswith(b"{"):
        format_ = RdfFormat.RDF_XML if content.startswith(b"<?xml") else RdfFormat.N_TRIPLES
        return sorted({str(quad) for quad in parse(content, format_)})
    result = json.loads(content)
    rows = result["results"]["bindings"] if "results" in result else [result.get("boolean")]
    return sorted(re.sub(r'(\d)\.0+"', r'\1"', json.dumps(row, sort_keys=True)) for row in rows)
