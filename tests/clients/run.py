"""Runs the clients of Node.js that `npm ci` puts here."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from missiegraaf.namespaces import BASE, TREE

CLIENTS = Path(__file__).parent
PREFIXES = f"PREFIX mg: <{BASE}def#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX tree: <{TREE}>"


def node(script: str, *arguments: str) -> str:
    """What a script of Node.js prints. Skips where it cannot run."""
    if not (program := shutil.which("node")):
        pytest.skip("node is not installed")
    if not (CLIENTS / "node_modules").is_dir():
        pytest.skip(f"the clients are not installed; npm ci --prefix {CLIENTS} does that")
    command = [program, str(CLIENTS / script), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout


def comunica(query: str, *sources: str) -> Any:
    """The answer of Comunica to a query over sources, in JSON."""
    results = ("-t", "application/sparql-results+json")
    return json.loads(node("node_modules/.bin/comunica-sparql", *sources, "-q", f"{PREFIXES} {query}", *results))
