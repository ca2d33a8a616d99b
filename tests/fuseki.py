"""Apache Jena Fuseki: where it comes from, and one that runs for as long as a block."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "5.6.0"  # the last that runs on Java 17
JAR = Path(__file__).parents[1] / ".bench" / f"jena-fuseki-server-{VERSION}.jar"
PATIENCE = 60  # seconds


class NoFusekiError(Exception):
    """Fuseki cannot be had here; the text says why."""


def program() -> list[str]:
    """Return the command that starts Fuseki; Maven brings it the first time. Raises NoFusekiError."""
    java, maven = shutil.which("java"), shutil.which("mvn")
    if java is None:
        raise NoFusekiError("Fuseki needs Java, and there is none on the PATH")
    if not JAR.exists():
        if maven is None:
            raise NoFusekiError("Fuseki comes through Maven, and there is none on the PATH")
        artifact = f"-Dartifact=org.apache.jena:jena-fuseki-server:{VERSION}:jar"
        run = [maven, "-B", "-q", "dependency:copy", artifact, f"-DoutputDirectory={JAR.parent}"]
        JAR.parent.mkdir(exist_ok=True)
        done = subprocess.run(run, cwd=JAR.parent, capture_output=True, text=True, check=False)
        if not JAR.exists():
            raise NoFusekiError(f"Maven does not bring Fuseki: {(done.stdout + done.stderr).strip()[:500]}")
    return [java, *os.environ.get("FUSEKI_JAVA_OPTIONS", "").split(), "-jar", str(JAR)]


@contextmanager
def fuseki(folder: Path, *options: str) -> Iterator[str]:
    """Yield the address of a data set, which ends in `/ds`; it takes `/query`, `/update` and `/data` (Graph Store).

    It is empty and in memory, or as `options` say: `--tdb2`, `--update`, `--loc=FOLDER`. What the server itself writes,
    its log among it, is in `folder`. Raises NoFusekiError, with the log where it does not start.
    """
    with running(folder, *options) as (address, _):
        yield address


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Yield what `fuseki` does, and the process."""
    command = program()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = folder / f"fuseki-{port}"
    own.mkdir(parents=True)
    log = own / "log"
    command += [f"--port={port}", "--localhost", *(options or ("--mem",)), "/ds"]
    environment = os.environ | {"FUSEKI_BASE": str(own)}
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=own, stdout=out, stderr=out, env=environment) as process,
    ):
        address = f"http://127.0.0.1:{port}/ds"
        try:
            if not _answers(f"{address}/query?query=ASK%7B%7D", process):
                raise NoFusekiError(f"Fuseki does not start: {log.read_text(encoding='utf-8')[-1000:]}")
            yield address, process
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                process.kill()


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # this machine's own
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False
