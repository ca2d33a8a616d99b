"""The package as others install it: built, unpacked outside the checkout, and asked a question."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from missiegraaf import files


def test_the_wheel_carries_the_graph_and_answers_from_it(tmp_path: Path) -> None:
    checkout = Path(__file__).parents[1]
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(checkout)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    for name in files.FOLDERS:
        carried = sorted(
            p.relative_to(unpacked / "missiegraaf" / "_graph" / name)
            for p in (unpacked / "missiegraaf" / "_graph" / name).rglob("*.*")
        )
        own = sorted(p.relative_to(checkout / name) for p in (checkout / name).rglob("*.*"))
        assert carried == own, name

    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    here = {"cwd": tmp_path, "env": environment, "check": True, "capture_output": True, "text": True, "timeout": 300}
    run = [
        sys.executable,
        "-P",
        "-c",
        "import sys, missiegraaf.cli as c; print(c.__file__, file=sys.stderr); sys.exit(c.main())",
    ]
    loaded = subprocess.run([*run, "load", "--trusted", "--store", "store"], **here)  # type: ignore[call-overload]
    assert str(unpacked) in loaded.stderr
    asked = subprocess.run(
        [*run, "query", "communities/number-of-communities", "--store", "store", "--format", "csv"], **here
    )  # type: ignore[call-overload]
    assert "308" in asked.stdout
