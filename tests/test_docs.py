"""The documentation names what there is: every setting, path, command, option and kind of error."""

import argparse
import re
from dataclasses import fields
from pathlib import Path

import pytest

from missiegraaf import cli, errors, files, queries, transaction
from missiegraaf.config import Settings, variable
from missiegraaf.engine.embedded import Dataset, in_memory
from missiegraaf.http import dumps, feed, graphs, harvest, pages, resources, sparql, vocabularies

ROOT = Path(__file__).parents[1]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
ONTOLOGY = (ROOT / "ontology" / "missiegraaf.ttl").read_text(encoding="utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    (subparsers,) = (a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(subparsers.choices)


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_a_setting_is_documented_with_its_default(name: str) -> None:
    default = getattr(Settings(), name)
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    metadata = Settings.__dataclass_fields__[name].metadata
    assert f"| `{variable(name)}` | `{shown}` | {metadata['unit']} | {metadata['help']} |" in API


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_is_documented_with_its_options(name: str) -> None:
    (row,) = [line for line in API.splitlines() if line.startswith(f"| `missiegraaf {name}")]
    options = {o for a in commands()[name]._actions for o in a.option_strings if o.startswith("--")} - {"--help"}
    assert sorted(option for option in options if option not in row) == []


def test_every_path_is_documented() -> None:
    decorators = re.compile(r'@blueprint\.(?:get|post|put|delete)\("([^"]+)"')
    surfaces = (dumps, feed, graphs, harvest, pages, resources, sparql, vocabularies)
    sources = [Path(module.__file__).read_text(encoding="utf-8") for module in surfaces]
    paths = {path.replace("<slug>", "<name>") for source in sources for path in decorators.findall(source)}
    assert len(paths) >= 15
    assert [p for p in sorted(paths) if f"`{p}`" not in API and not p.endswith(".<suffix>")] == []


def test_every_kind_of_error_explains_itself() -> None:
    def below(kind: type[errors.MissiegraafError]) -> list[type[errors.MissiegraafError]]:
        return [kind, *(deeper for child in kind.__subclasses__() for deeper in below(child))]

    kinds = below(errors.MissiegraafError)
    assert len(kinds) >= 12
    assert [kind for kind in kinds if not kind.__doc__ or "title" not in vars(kind)] == []


def test_the_documents_link_to_what_exists() -> None:
    for document in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.fixture(scope="module")
def whole(graph: Dataset, asserted: transaction.Graph) -> Dataset:
    """What is asserted in its named graphs, and the default graph of all."""
    return in_memory([*graph, *asserted.quads])


@pytest.mark.parametrize("query", re.findall(r"```sparql\n(.*?)```\n\nRows: (\d+)\.", MODEL, re.DOTALL))
def test_a_query_of_the_model_gives_as_many_rows_as_it_says(query: tuple[str, str], whole: Dataset) -> None:
    text, rows = query
    assert len(list(whole.query(text, prefixes=files.prefixes()))) == int(rows)


def test_each_class_has_its_count_an_example_and_a_saved_question(graph: Dataset) -> None:
    rows = re.findall(r"^\| `mg:(\w+)` \| .* \| (\d+) \| `(.+?)` \| \[(.+?)\]\(.*\) \|$", MODEL, re.MULTILINE)
    known = {query.name for query in queries.saved()}
    counts = {
        row["class"].value.rpartition("#")[2]: int(row["n"].value)
        for row in graph.query("SELECT ?class (COUNT(DISTINCT ?x) AS ?n) { ?x a ?class } GROUP BY ?class")
    }
    classes = {term.removeprefix("mg:") for term in re.findall(r"^(mg:\w+) a owl:Class", ONTOLOGY, re.MULTILINE)}
    assert {name: int(n) for name, n, _, _ in rows} == {name: counts[name] for name, _, _, _ in rows}
    assert classes - {name for name, _, _, _ in rows} == {"Agent", "Plan", "Statement", "DocumentPart"}
    for name, _, example, question in rows:
        assert question in known
        assert graph.query(f"ASK {{ {example} a mg:{name} }}", prefixes=files.prefixes())


def test_every_room_is_on_the_plan() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "service" / "missiegraaf"
    rooms = {p.stem for p in package.glob("*.py")} | {p.name for p in package.iterdir() if (p / "__init__.py").exists()}
    assert [room for room in sorted(rooms - {"__init__", "__main__"}) if f"`{room}" not in plan] == []
