"""Bad input: each gets an answer that says what was expected, fetches nothing and changes nothing."""

import shutil
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from missiegraaf import export, tokens
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.namespaces import BASE

from ..conftest import Client

HEAD = f"""@prefix mg: <{BASE}def#> . @prefix place: <{BASE}id/place/> . @prefix passage: <{BASE}id/passage/> .
@prefix evidence-status: <{BASE}id/evidence-status/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
RIGHT = f"""{HEAD}place:atlantis a mg:Place ; skos:prefLabel "Atlantis"@en, "Atlantis"@nl ;
    mg:evidence passage:seed-003-11-11 ; mg:evidenceStatus evidence-status:documented .
"""
ATLANTIS = f"{BASE}id/place/atlantis"
ELSEWHERE = "http://127.0.0.1:%d/"  # where somebody listens
TURTLE, JSON_LD, RDF_XML = "text/turtle", "application/ld+json", "application/rdf+xml"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of a server that nobody may ask; it is looked at afterwards."""
    asked = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.client_address)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening.server_address[1]
        listening.shutdown()
        thread.join()
    assert asked == []


@pytest.fixture(scope="module")
def folder(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(store, tmp_path_factory.mktemp("bad") / "store", symlinks=True))


@pytest.fixture(scope="module")
def token(folder: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(folder, 'an editor', 'editor')}"}


@pytest.fixture(scope="module")
def bad(folder: Path) -> Iterator[FlaskClient]:
    """A service whose readers may open connections, as one that allows some SERVICE has; it must stay as it is."""
    app = create_app(
        Settings(store=str(folder), query_seconds=10, readers=1, service_allowed="http://e.example/sparql")
    )
    app.test_client_class = Client
    held = app.extensions["missiegraaf"]
    before = export.dump(held.writer.store, "nq", BASE)
    yield app.test_client()
    assert export.dump(held.writer.store, "nq", BASE) == before
    assert held.version == 1
    held.close()


def filled(content: str | bytes, port: int) -> bytes:
    """The content with the address where somebody listens."""
    data = content.encode() if isinstance(content, str) else content
    return data.replace(ELSEWHERE.encode(), (ELSEWHERE % port).encode())
