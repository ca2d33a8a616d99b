"""The package as others install it: built, unpacked outside the checkout, and asked a question."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from missiegraaf import files


def below(folder: Path) -> list[Path]:
    """The files below a folder, by their paths from there."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*.*"))


def test_the_wheel_carries_the_graph_and_answers_from_it(tmp_path: Path) -> None:
    checkout = Path(__file__).parents[1]
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(checkout)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    for name in files.FOLDERS:
        assert below(unpacked / "missiegraaf" / "_graph" / name) == below(checkout / name), name

    code = "import sys, missiegraaf.cli as c; print(c.__file__, file=sys.stderr); sys.exit(c.main())"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-c", code, *arguments, "--store", "store"]
        environment = {**os.environ, "PYTHONPATH": str(unpacked)}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True, timeout=300
        )

    assert str(unpacked) in run("load", "--trusted").stderr
    count = tmp_path / "count.rq"
    count.write_text("SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a mg:LearningCommunity }", encoding="utf-8")
    assert run("query", str(count), "--format", "csv").stdout == "n\n308\n"
    assert run("query", "topsectors/overview", "--format", "csv").stdout.count("\n") > 10
