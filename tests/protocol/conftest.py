"""A store with the project's records, and the service over it as a user starts it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import urllib3
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, serialize
from werkzeug.test import TestResponse

from missiegraaf import tokens, transaction
from missiegraaf.app import create_app
from missiegraaf.config import Settings
from missiegraaf.engine import embedded, remote
from missiegraaf.engine.reader import Offers
from missiegraaf.formats import media
from missiegraaf.namespaces import BASE

from ..fuseki import NoFusekiError, fuseki, program
from ..oxigraph import oxigraph

LIMIT_SECONDS = 8  # a first check, which reads the shapes, takes one, and the machine may be doing other things
CHROMIUM = Path("/usr/bin/chromium")
OFFERS: Offers = {"solutions": media.CSV, "boolean": media.JSON, "graph": media.N_TRIPLES}
# `make test-engines` has Fuseki among them.
ENGINES = ("embedded", "oxigraph", *os.environ.get("MISSIEGRAAF_ENGINES", "").split())
without_fuseki = pytest.mark.parametrize("engine", ["embedded", "oxigraph"], indirect=True)
only_embedded = pytest.mark.parametrize("engine", ["embedded"], indirect=True)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own records, loaded without the shapes: those have tests of their own."""
    folder = tmp_path_factory.mktemp("store")
    with embedded.lock(folder):
        transaction.load(folder, transaction.read(), trusted=True)
    return folder


class Client(FlaskClient):
    """A client that reads an answer to its end, as a web server does, so that its file is closed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and read the whole answer."""
        return super().open(*args, **{"buffered": True, **kwargs})


@dataclass(frozen=True)
class Engine:
    """What holds the graph: the embedded store, or a server at these addresses, which holds `content` to begin with."""

    name: str
    query: str = ""
    graphs: str = ""
    content: bytes = b""

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a service over it."""
        return {"engine": self.query}

    def refill(self) -> None:
        """Bring a server back to what it held."""
        if not self.query:
            return
        held = remote.Engine(self.query, "", BASE)
        with closing(held.endpoint):
            if held.newest() == 1:  # nobody wrote
                return
            held.endpoint.update("DROP ALL", 60)
        headers = {"Content-Type": "application/n-quads"}
        answer = urllib3.request("POST", self.graphs, body=self.content, headers=headers, timeout=120)
        assert answer.status < 300


@contextmanager
def empty(name: str, folder: Path) -> Iterator[Engine]:
    """A server with nothing in it. Skips where it cannot be had."""
    if name == "embedded":
        yield Engine(name)
    elif name == "oxigraph":
        with oxigraph() as address:
            yield Engine(name, address + "/query", address + "/store")
    else:
        try:
            program()
        except NoFusekiError as error:
            pytest.skip(str(error))
        # It would go on with queries that were given up, and slow down what follows.
        with fuseki(folder, "--mem", "--timeout=60000") as address:
            yield Engine(name, address + "/query", address + "/data")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Each kind of server in turn, with the project's records."""
    with empty(request.param, tmp_path_factory.mktemp(request.param)) as found:
        if not found.query:
            yield found
            return
        held = remote.Engine(found.query, "", BASE)
        with closing(held.endpoint):
            transaction.fill(held, transaction.read(), trusted=True)
            content = serialize(held.whole()[1], format=RdfFormat.N_QUADS)
        yield replace(found, content=content or b"")


@pytest.fixture(scope="session")
def client(store: Path, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The application without a web server."""
    own = shutil.copytree(store, tmp_path_factory.mktemp("asked") / "store", symlinks=True)
    seconds = 60 if engine.name == "fuseki" else LIMIT_SECONDS
    app = create_app(Settings(store=str(own), query_seconds=seconds, readers=1, **engine.settings))
    app.test_client_class = Client
    yield app.test_client()
    app.extensions["missiegraaf"].close()


@pytest.fixture
def own_store(store: Path, tmp_path: Path) -> Path:
    """A copy of the store, to write in."""
    return Path(shutil.copytree(store, tmp_path / "store", symlinks=True))


@pytest.fixture
def service(own_store: Path, engine: Engine) -> Iterator[FlaskClient]:
    """The application without a web server, to write in."""
    app = create_app(Settings(store=str(own_store), readers=1, **engine.settings))
    app.test_client_class = Client
    yield app.test_client()
    app.extensions["missiegraaf"].close()
    engine.refill()


@pytest.fixture
def admin(own_store: Path) -> dict[str, str]:
    """The header of who may write anything."""
    return {"Authorization": f"Bearer {tokens.create(own_store, 'an admin', 'admin')}"}


@pytest.fixture
def editor(own_store: Path) -> dict[str, str]:
    """The header of who may write records."""
    return {"Authorization": f"Bearer {tokens.create(own_store, 'an editor', 'editor')}"}


@pytest.fixture(scope="session")
def served(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the store: one service holds it alone."""
    return Path(shutil.copytree(store, tmp_path_factory.mktemp("served") / "store", symlinks=True))


@pytest.fixture(scope="session")
def server(served: Path) -> Iterator[str]:
    """The address of `missiegraaf serve` in a process of its own."""
    with serving("--store", str(served), MISSIEGRAAF_QUERY_SECONDS=str(LIMIT_SECONDS)) as address:
        yield address


@pytest.fixture(scope="session", params=ENGINES)
def bare_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a standard SPARQL server, which anybody here may write; over each kind of engine."""
    store = str(tmp_path_factory.mktemp("bare"))
    with empty(request.param, tmp_path_factory.mktemp(request.param)) as engine:
        options = ["--engine", engine.query] if engine.query else ["--empty"]
        with serving(*options, "--plain-dataset", "--allow-updates", "--store", store) as address:
            yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser, which would run scripts; the pages have none."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with playwright.sync_playwright() as driver:
        options = ["--no-sandbox", "--disable-background-networking"]
        opened = driver.chromium.launch(executable_path=str(CHROMIUM), args=options)
        yield opened
        opened.close()


@pytest.fixture(params=["nl", "en"])
def page(request: pytest.FixtureRequest, browser: Any) -> Iterator[Any]:
    """A page of it whose user reads one of the languages, and who was nowhere yet."""
    opened = browser.new_page(locale=request.param)
    yield opened
    opened.close()


@contextmanager
def serving(*options: str, **settings: str) -> Iterator[str]:
    """The address of `missiegraaf serve` with these options and settings; it is ended afterwards."""
    with started(*options, **settings) as (address, _):
        yield address


@contextmanager
def started(*options: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of `missiegraaf serve`, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "missiegraaf", "serve", "--port", str(port), *options]
    # A service publishes beside what it is asked; the tests that are not about that are spared it.
    environment = os.environ | {"MISSIEGRAAF_PUBLISH": "false"} | settings
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(address + "/health", process)
            yield address, process
            process.terminate()
            process.wait(60)
        finally:  # a test that fails, or a service that does not end, must not hold up the others
            process.kill()


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Return when the address answers 200. Fails when the process has ended, or after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, f"the service ended with {process.returncode}"
        try:
            if urllib3.request("GET", url, retries=False, timeout=2).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    pytest.fail(f"{url} did not answer within {seconds} seconds")
