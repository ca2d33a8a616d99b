"""The base IRI is a setting: everything follows it."""

import os
import subprocess
import sys
from pathlib import Path

from missiegraaf import files
from missiegraaf.namespaces import BASE

OTHER = "https://example.org/graph/"


def test_files_store_and_saved_questions_follow_the_setting(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "missiegraaf", *arguments, "--store", str(tmp_path)]
        environment = os.environ | {"MISSIEGRAAF_BASE_IRI": OTHER}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout

    run("load", "--trusted")
    dump = run("dump")
    assert f"<{OTHER}id/topsector/energie>" in dump
    assert BASE not in dump
    assert run("query", "topsectors/overview", "--format", "csv").count(OTHER) == 10


def test_no_text_of_the_graph_escapes_it() -> None:
    paths = [path for name in files.FOLDERS for path in files.folder(name).rglob("*.*")]
    assert len(paths) > 150
    assert [path for path in paths if BASE in files.text(path, OTHER)] == []
