"""The W3C suite of the SPARQL 1.1 Protocol and Service Description, with the runner that lies beside the project."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("MISSIEGRAAF_SHARED", Path(__file__).parents[3] / "shared"))
RUNNER = SHARED / "tools" / "protocol_runner.py"
# Tests that write, or that put their data in place by writing, are skipped by the runner: this service does not write.
READING = {"protocol": 14, "sd": 3}


def test_every_test_that_reads_passes(server: str, tmp_path: Path) -> None:
    if not RUNNER.exists():
        pytest.skip(f"the W3C runner is not at {RUNNER}; set MISSIEGRAAF_SHARED")
    results = tmp_path / "results.json"
    options = ["--query", server + "/sparql", "--suite", "protocol,sd", "--reset", "none", "--json", str(results)]
    subprocess.run([sys.executable, str(RUNNER), *options], check=False, capture_output=True, timeout=120)
    found = json.loads(results.read_text())
    assert [test for test in found if test["status"] == "FAIL"] == []
    for suite, count in READING.items():
        assert sum(test["suite"] == suite and test["status"] == "PASS" for test in found) == count
