"""A service whose first version is published, and in which somebody wrote then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from missiegraaf import publishing, tokens
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import embedded
from missiegraaf.namespaces import BASE

from ..conftest import Client
from ..test_record_api import PLACE

ATLANTIS = "/v1/records/place/atlantis"


@pytest.fixture(scope="session")
def settings(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of a store whose first version is published."""
    own = shutil.copytree(store, tmp_path_factory.mktemp("harvested") / "store", symlinks=True)
    found = Settings(store=str(own), readers=1)
    publishing.publish(embedded.read(own), 1, found)
    return found


@pytest.fixture(scope="session")
def harvested(settings: Settings) -> Iterator[FlaskClient]:
    app = create_app(settings)
    app.test_client_class = Client
    yield app.test_client()
    app.extensions["missiegraaf"].close()


@pytest.fixture(scope="session")
def editor(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(Path(settings.store), 'an editor', 'editor')}"}


@pytest.fixture(scope="session")
def written(harvested: FlaskClient, editor: dict[str, str]) -> int:
    """The version after a record came, with a reason that no XML can hold, and went again, replaced by another."""
    headers = editor | {"Missiegraaf-Reason": "it rose <again> & \ufffe".encode().decode("latin-1")}
    answer = harvested.put(ATLANTIS, data=PLACE.encode(), content_type="text/turtle", headers=headers)
    assert answer.status_code == 201, answer.text
    gone = {"If-Match": harvested.get(ATLANTIS).headers["ETag"], **editor}
    answer = harvested.delete(ATLANTIS, query_string={"isReplacedBy": BASE + "id/place/estonia"}, headers=gone)
    assert answer.status_code == 204, answer.text
    return int(answer.headers["Missiegraaf-Version"])
