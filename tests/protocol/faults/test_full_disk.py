"""The disk is full, and later has space again."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from missiegraaf.engine import embedded

from ..conftest import started
from .client import update
from .marks import PLACES, assert_whole, marking, seen


@pytest.mark.parametrize("in_memory", [True, False])
def test_on_a_full_disk_reads_go_on_and_writes_come_back_with_space(
    store: Path, seed: Path, admin: dict[str, str], tmp_path: Path, in_memory: bool
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here: that takes root")
    small = Path(shutil.copytree(store, disk / "store", symlinks=True))
    settings = {"MISSIEGRAAF_STORE": str(small), "MISSIEGRAAF_IN_MEMORY_QUADS": str(in_memory * 10**7)}
    try:
        with started(**settings) as (address, _):
            assert update(address, admin, marking(PLACES[0], 1)).status == 204
            for number in (2, 3):
                _fill(disk / "filler")
                answer = update(address, admin, marking(PLACES[0], number))
                problem = json.loads(answer.data)
                assert (answer.status, problem["type"]) == (500, "/problems#store-error")
                assert "No space left" in problem["detail"]
                assert seen(address, PLACES[0]) == {number - 1}
                assert update(address, admin, marking(PLACES[0], number)).status == 500
                assert seen(address, PLACES[0]) == {number - 1}
                (disk / "filler").unlink()
                assert update(address, admin, marking(PLACES[0], number)).status == 204
                assert seen(address, PLACES[0]) == {number}
            assert update(address, admin, marking(PLACES[1], 1)).status == 204
        assert assert_whole(embedded.read(small), embedded.read(seed)) == 5
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _fill(path: Path) -> None:
    """Leave no room on the disk: first large pieces, then small ones."""
    with path.open("wb", buffering=0) as filler:
        for size in (2**16, 2**12, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                continue
