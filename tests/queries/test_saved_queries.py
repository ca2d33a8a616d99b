"""The saved questions: each is whole, can be asked of the project's own graph, and gets the answer that is expected."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import pytest
import yaml
from pyoxigraph import NamedNode, Quad, QueryResultsFormat, QuerySolutions

from missiegraaf import files, queries, reasoning, transaction
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.namespaces import BASE

HERE = Path(__file__).parent
SAVED = queries.saved()
PARAMETERS = [(query, parameter) for query in SAVED for parameter in query.parameters]
Row = tuple[str | Decimal, ...]

# By module, so that what is asked of one question comes together.
every_query = pytest.mark.parametrize("query", SAVED, ids=[query.name for query in SAVED], scope="module")


@pytest.fixture(scope="module")
def documented(asserted: transaction.Graph) -> Dataset:
    """The graph without its unverified records: without their triples, their fragments' and those that point there."""
    triples = asserted.triples
    marks = (NamedNode(BASE + "def#evidenceStatus"), NamedNode(BASE + "id/evidence-status/unverified"))
    gone = {t.subject.value for t in triples if (t.predicate, t.object) == marks and isinstance(t.subject, NamedNode)}
    assert gone, "no unverified records, so nothing is tested"

    def stays(term: object) -> bool:
        return getattr(term, "value", "").partition("#")[0] not in gone

    left = [t for t in triples if stays(t.subject) and stays(t.object)]
    return in_memory(Quad(t.subject, t.predicate, t.object) for t in (*left, *reasoning.infer(left).inferred))


def answer(dataset: Dataset, query: queries.SavedQuery, values: dict[str, str]) -> str:
    """Return the answer to a question as SPARQL 1.1 CSV."""
    solutions = dataset.query(query.bind(values, files.prefixes()))
    assert isinstance(solutions, QuerySolutions)
    return str(solutions.serialize(format=QueryResultsFormat.CSV) or b"", "utf-8")


def table(text: str) -> tuple[list[str], list[Row]]:
    """Return the variables and the rows of a CSV answer, numbers by their value."""
    head, *rows = csv.reader(text.splitlines())
    return head, [tuple(map(by_value, row)) for row in rows]


def by_value(cell: str) -> str | Decimal:
    try:
        return Decimal(cell)
    except InvalidOperation:
        return cell


def chosen(query: queries.SavedQuery) -> dict[str, str]:
    """Return the values of the parameters that the expected answer is for."""
    path = HERE / f"{query.name}.args.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


Asked = Callable[..., tuple[list[str], list[Row]]]


@pytest.fixture(scope="module")
def asked(graph: Dataset) -> Asked:
    """The answer to a question, by its name and the values of its parameters, each asked once."""
    by_name = {query.name: query for query in SAVED}

    @cache
    def ask(name: str, *values: tuple[str, str]) -> tuple[list[str], list[Row]]:
        return table(answer(graph, by_name[name], dict(values)))

    return ask


def names(pattern: str) -> set[str]:
    return {str(path.relative_to(HERE)).removesuffix(pattern[1:]) for path in HERE.rglob(pattern)}


def test_there_are_as_many_questions_as_were_made() -> None:
    assert len(SAVED) >= 101


def test_every_question_has_an_expected_answer_and_every_answer_a_question() -> None:
    assert names("*.csv") == {query.name for query in SAVED}
    assert names("*.args.json") <= {query.name for query in SAVED if query.parameters}


@every_query
def test_answer_is_the_expected_one(query: queries.SavedQuery, asked: Asked) -> None:
    variables, rows = asked(query.name, *chosen(query).items())
    expected_variables, expected = table((HERE / f"{query.name}.csv").read_text(encoding="utf-8"))
    ordered = "ORDER BY" in query.text
    assert variables == expected_variables
    assert expected, "an expected answer without rows shows nothing"
    assert (rows if ordered else sorted(rows, key=str)) == (expected if ordered else sorted(expected, key=str))


@every_query
def test_no_row_is_given_twice(query: queries.SavedQuery, asked: Asked) -> None:
    _, rows = asked(query.name)
    assert len(rows) == len(set(rows))


@every_query
def test_header_says_what_is_asked_in_both_languages_and_has_tags(query: queries.SavedQuery) -> None:
    header = yaml.safe_load("\n".join(line[3:] for line in query.text.splitlines() if line.startswith("#+ ")))
    assert set(header) <= {"summary", "parameters", "tags"}
    assert all(query.summary[language].endswith("?") for language in queries.LANGUAGES)
    assert all(parameter.summary[language] for parameter in query.parameters for language in queries.LANGUAGES)
    assert query.name.partition("/")[0] in header["tags"]


@every_query
def test_prefixes_are_those_of_the_list_and_each_is_used(query: queries.SavedQuery) -> None:
    declared = dict(re.findall(r"^PREFIX ([\w-]*): <([^>]*)>$", query.text, re.MULTILINE))
    body = re.sub(r"^(#.*|PREFIX .*)$", "", query.text, flags=re.MULTILINE)
    assert declared.items() <= files.prefixes().items()
    assert {prefix for prefix in declared if not re.search(rf"(?<![\w-]){prefix}:", body)} == set()


@every_query
def test_unverified_records_are_visible(query: queries.SavedQuery, asked: Asked, documented: Dataset) -> None:
    """Rule 16 of the model: rows that would change without unverified records come with their evidence status."""
    variables, rows = asked(query.name)
    _, rows_without = table(answer(documented, query, {}))
    assert rows == rows_without or "evidenceStatus" in variables


@pytest.mark.parametrize(
    ("query", "parameter"), PARAMETERS, ids=[f"{query.name}?{parameter.name}" for query, parameter in PARAMETERS]
)
def test_example_of_a_parameter_has_an_answer(
    query: queries.SavedQuery, parameter: queries.Parameter, asked: Asked
) -> None:
    _, rows = asked(query.name, (parameter.name, parameter.example))
    assert rows
