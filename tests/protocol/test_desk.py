"""What the rooms of editors do alike: of work that takes too much, and in what order they list classes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from missiegraaf import forms, tokens
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.namespaces import LANGUAGES

from .conftest import Client

TURTLE = "@prefix place: <https://w3id.org/missiegraaf/id/place/> .\nplace:utrecht a place:nowhere .\n"
SHEET = "place;naam (nl)\nutrecht;Utrecht\n"
ASKED: dict[str, tuple[str, str, dict[str, object]]] = {
    "a check": ("POST", "/v1/validate", {"data": TURTLE, "content_type": "text/turtle"}),
    "a check of a sheet": ("POST", "/v1/validate", {"data": SHEET, "content_type": "text/csv"}),
    "a page of a check": ("POST", "/validate", {"data": {"records": TURTLE}}),
    "a mend": ("POST", "/validate", {"data": {"records": TURTLE, "do": "mend:all"}}),
    "an import": ("POST", "/v1/import?dry-run=true", {"data": SHEET, "content_type": "text/csv"}),
    "a page of an import": ("POST", "/import", {"data": {"name": "a.csv", "content": "cGxhY2UKdXRyZWNodAo="}}),
    "a template": ("GET", "/templates/place.csv?filled=true", {}),
    "a search": ("GET", "/edit?find=utrecht", {}),
    "a form": ("GET", "/edit/place/utrecht", {}),
    "a form that is sent": ("POST", "/edit/place/utrecht", {"data": {"prefLabel.nl": "Utrecht"}}),
}


@pytest.fixture(scope="module")
def hasty(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    """A service that ends all work before it is done, and an editor's header."""
    own = Path(shutil.copytree(store, tmp_path_factory.mktemp("hasty") / "store", symlinks=True))
    editor = {"Authorization": f"Bearer {tokens.create(own, 'an editor', 'editor')}"}
    app = create_app(Settings(store=str(own), query_seconds=0.001, readers=1))
    app.test_client_class = Client
    yield app.test_client(), editor
    app.extensions["missiegraaf"].close()


@pytest.mark.parametrize("asked", ASKED)
def test_whatever_takes_too_much_is_ended_and_told_alike(hasty: tuple[FlaskClient, dict[str, str]], asked: str) -> None:
    client, editor = hasty
    method, path, sent = ASKED[asked]
    answer = client.open(path, method=method, headers=editor, **sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.json["type"] == "/problems#check-ended"  # type: ignore[index]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "shown"), [("/edit", ">{}</a></li>"), ("/validate", "<li>{}: "), ("/import", ">{}</option>")]
)
def test_classes_are_listed_by_their_names_in_the_language(
    client: FlaskClient, path: str, shown: str, language: str
) -> None:
    page = client.get(f"{path}?lang={language}").text
    names = sorted((form.name[language] for form in forms.forms().values() if not form.is_part), key=str.casefold)
    assert len(names) >= 43
    places = [page.index(shown.format(name)) for name in names]
    assert places == sorted(places)
