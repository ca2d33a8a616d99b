"""The documentation names what there is: every setting, path, command, option and kind of error."""

import argparse
import re
from dataclasses import fields
from pathlib import Path

import pytest

from missiegraaf import cli, errors
from missiegraaf.config import Settings, variable
from missiegraaf.http import pages, resources, sparql

ROOT = Path(__file__).parents[1]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


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
    sources = [Path(module.__file__).read_text(encoding="utf-8") for module in (pages, resources, sparql)]
    paths = {path.replace("<slug>", "<name>") for source in sources for path in decorators.findall(source)}
    assert len(paths) >= 9
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


def test_every_room_is_on_the_plan() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "service" / "missiegraaf"
    rooms = {p.stem for p in package.glob("*.py")} | {p.name for p in package.iterdir() if (p / "__init__.py").exists()}
    assert [room for room in sorted(rooms - {"__init__", "__main__"}) if f"`{room}" not in plan] == []
