"""A result has as many rows as the limit or is an error, whatever its texts look like."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, QueryTriples, Store

from missiegraaf.engine import embedded
from missiegraaf.engine.spool import Spool, write
from missiegraaf.errors import ResultTooLarge

TEXTS = st.lists(st.text('}{"\r\n\t\\<result>,a'), min_size=2, max_size=8)
QUERIES = {
    "srj": "SELECT ?o ?none { ?s ?p ?o }",
    "srx": "SELECT ?none ?o { ?s ?p ?o }",
    "csv": "SELECT ?o { ?s ?p ?o }",
    "tsv": "SELECT ?none { ?s ?p ?o }",
    "nt": "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
    "ttl": "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
}


def written(dataset: Store, suffix: str, rows: int) -> int:
    """The length of a result."""
    with TemporaryDirectory() as folder, closing(Spool(str(Path(folder, "result")))) as spool:
        result = dataset.query(QUERIES[suffix])
        assert isinstance(result, QuerySolutions | QueryTriples)
        write(result, suffix, spool, rows=rows)
        return spool.length


@pytest.mark.parametrize("suffix", QUERIES)
@settings(max_examples=60, deadline=None)
@given(texts=TEXTS)
def test_a_result_of_as_many_rows_is_given_and_of_one_more_refused(suffix: str, texts: list[str]) -> None:
    dataset = embedded.in_memory(
        Quad(NamedNode(f"x:{n}"), NamedNode("x:p"), Literal(text)) for n, text in enumerate(texts)
    )
    assert written(dataset, suffix, len(texts)) == written(dataset, suffix, 0)
    with pytest.raises(ResultTooLarge):
        written(dataset, suffix, len(texts) - 1)
