"""``bin/terrarium-mirror`` copies builds of Python into a directory from which builds can take them."""

import subprocess
from pathlib import Path

from devkit.interpreters import Source
from devkit.lifecycle.results import Built
from devkit.paths import CHECKOUT
from local_builds import Attempt
from manager_context import write_app
from python_buildpack.interpreters.inventory import read_inventory
from python_buildpack.ports.fetching.http import HttpFetcher

NEWEST = "3.13"


def run(folder: Path, mirror: Source, *options: str) -> subprocess.CompletedProcess[str]:
    """Copy from this machine's own mirror."""
    argv: list[str | Path] = [CHECKOUT / "bin" / "terrarium-mirror", folder, "--inventory", mirror.inventory, *options]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_directory_is_filled_and_builds_take_python_from_it(tmp_path: Path, mirror: Source, attempt: Attempt) -> None:
    """What it has stays, what is damaged is copied again, and the inventory lists all of it."""
    folder = tmp_path / "copies"
    first = run(folder, mirror, "--python", NEWEST)
    assert (first.returncode, first.stderr) == (0, "")
    (archive,) = folder.glob("*/*.tar.gz")
    assert str(archive) in first.stdout
    made = archive.stat().st_mtime_ns
    assert run(folder, mirror, "--python", NEWEST).returncode == 0
    assert archive.stat().st_mtime_ns == made
    archive.write_bytes(b"damaged")
    assert run(folder, mirror, "--python", NEWEST).returncode == 0

    app = write_app(tmp_path / "app", {"main.py": "print('started')\n", "requirements.txt": ""})
    built = attempt(app, {"BP_PYTHON_INVENTORY": (folder / "inventory.toml").as_uri()})
    assert isinstance(built, Built)
    assert f"\n  {NEWEST}." in built.log

    assert run(folder, mirror, "--python", "3.12").returncode == 0
    known = read_inventory(str(folder / "inventory.toml"), HttpFetcher())
    assert {one.minor for one in known.interpreters} == {"3.12", NEWEST}
    assert known.default == NEWEST


def test_what_cannot_be_copied_is_explained(tmp_path: Path, mirror: Source) -> None:
    """A version that is not there, and a directory that cannot be written: without a traceback."""
    unknown = run(tmp_path / "copies", mirror, "--python", "3.2")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "error: python-version-unknown" in unknown.stderr
    (tmp_path / "file").touch()
    unwritten = run(tmp_path / "file", mirror, "--python", NEWEST)
    assert unwritten.returncode == 1
    assert unwritten.stderr.startswith("error: ")
    assert "Traceback" not in unwritten.stderr
