"""Asking a query from the command line, of the store or of any endpoint, and printing what comes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, parse_query_results
from SPARQLWrapper import POST, SELECT, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.engine.limits import Limits
from missiegraaf.engine.pool import Readers
from missiegraaf.engine.reader import Job, Offers
from missiegraaf.engine.versioned import Source
from missiegraaf.errors import BadRequest, StoreError
from missiegraaf.formats import media

_PATIENCE = 300  # seconds that an endpoint may take


@dataclass(frozen=True)
class Table:
    """A result as JSON (SPARQL 1.1 Query Results JSON), with its columns and its rows as texts, unbound as ''."""

    json: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def ask_store(store: Path, query: str, prefixes: Mapping[str, str], settings: Settings) -> Table:
    """Ask the store, in a reader process with the limits of the settings. Raises what Readers.run does."""
    offers: Offers = {"solutions": media.JSON, "boolean": media.JSON, "graph": None}
    embedded.about(store, settings.base_iri)
    limits = replace(Limits.of(settings), processes=1, cache=0)
    with Readers(Source(str(embedded.quads_path(store)), 1), limits) as readers:
        return _table(readers.read(Job(query, offers, prefixes=prefixes)))


def ask_endpoint(url: str, query: str, prefixes: Mapping[str, str]) -> Table:
    """Ask a SPARQL 1.1 endpoint. Raises StoreError where it cannot be reached, refuses, or answers something else."""
    wrapper = SPARQLWrapper(url)
    wrapper.setTimeout(_PATIENCE)
    wrapper.setMethod(POST)
    wrapper.setReturnFormat("json")
    wrapper.setQuery("".join(f"PREFIX {p}: <{iri}>\n" for p, iri in _needed(query, prefixes)) + query)
    wrapper.queryType = SELECT  # SPARQLWrapper 2.0 takes a word like ADD in a second line of comment for an update
    try:
        return _table(wrapper.query().response.read())
    except (SPARQLWrapperException, OSError, ValueError, SyntaxError, TypeError) as error:
        raise StoreError(f"{url}: {error}") from None


def _needed(query: str, prefixes: Mapping[str, str]) -> list[tuple[str, str]]:
    """The prefixes that the query uses and does not declare."""
    declared = {line.split()[1].removesuffix(":") for line in query.splitlines() if line.upper().startswith("PREFIX ")}
    return [(p, iri) for p, iri in prefixes.items() if f"{p}:" in query and p not in declared]


def _table(content: bytes) -> Table:
    result = parse_query_results(content, QueryResultsFormat.JSON)
    if isinstance(result, QueryBoolean):
        return Table(content.decode(), ("boolean",), ((str(bool(result)).lower(),),))
    if isinstance(result, QueryTriples):
        raise BadRequest("the query gives a graph; expected SELECT or ASK")
    return Table(content.decode(), tuple(v.value for v in result.variables), tuple(_rows(result)))


def _rows(result: QuerySolutions) -> list[tuple[str, ...]]:
    return [tuple("" if term is None else _text(term) for term in row) for row in result]


def _text(term: object) -> str:
    return term.value if isinstance(term, Literal) else str(getattr(term, "value", term))


def as_csv(table: Table) -> str:
    """Comma-separated values, a line a row."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([table.columns, *table.rows])
    return out.getvalue()


def as_json(table: Table) -> str:
    """The JSON of the standard."""
    return table.json + "\n"


def as_table(table: Table) -> str:
    """Columns for a terminal."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.columns))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:], ""])


WRITERS: Final[Mapping[str, Callable[[Table], str]]] = {"csv": as_csv, "json": as_json, "table": as_table}
