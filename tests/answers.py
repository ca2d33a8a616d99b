"""Writes the expected answers of the saved questions, and the numbers of docs/model.md, anew from the records.

Run it (`make answers`) after a change of the records, and read the difference: an answer you did not mean to change is
a mistake found.
"""

import json
import re
from pathlib import Path

from pyoxigraph import Quad, QueryResultsFormat

from missiegraaf import files, queries, reasoning, transaction
from missiegraaf.engine.embedded import Dataset, in_memory

ROOT = Path(__file__).parents[1]
EXPECTED = ROOT / "tests" / "queries"
MODEL = ROOT / "docs" / "model.md"


def dataset() -> Dataset:
    """The records in their named graphs, and in the default graph with what follows from them."""
    asserted = transaction.read()
    inferred = reasoning.infer(asserted.triples).inferred
    return in_memory(
        [*asserted.quads, *(Quad(t.subject, t.predicate, t.object) for t in (*asserted.triples, *inferred))]
    )


def write_answers(graph: Dataset) -> None:
    for query in queries.saved():
        chosen = EXPECTED / f"{query.name}.args.json"
        values = json.loads(chosen.read_text(encoding="utf-8")) if chosen.exists() else {}
        answer = graph.query(query.bind(values, files.prefixes()))
        path = EXPECTED / f"{query.name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((answer.serialize(format=QueryResultsFormat.CSV) or b"").replace(b"\r\n", b"\n"))


def write_numbers(graph: Dataset) -> None:
    def rows(found: re.Match[str]) -> str:
        return f"{found[1]}{len(list(graph.query(found[2], prefixes=files.prefixes())))}."

    def count(found: re.Match[str]) -> str:
        things = graph.query(f"SELECT DISTINCT ?x {{ ?x a mg:{found[2]} }}", prefixes=files.prefixes())
        return f"{found[1]}{len(list(things))}{found[3]}"

    text = MODEL.read_text(encoding="utf-8")
    text = re.sub(r"(```sparql\n(.*?)```\n\nRows: )\d+\.", rows, text, flags=re.DOTALL)
    text = re.sub(r"^(\| `mg:(\w+)` \| .* \| )\d+( \| `.+?` \| \[.*\|)$", count, text, flags=re.MULTILINE)
    MODEL.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    whole = dataset()
    write_answers(whole)
    write_numbers(whole)
