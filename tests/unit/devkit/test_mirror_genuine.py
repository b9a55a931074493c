"""One of upstream's own builds, from the Go module proxy."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from devkit.inventory.document import read_inventory
from devkit.mirror.genuine import add_genuine
from devkit.paths import kept

PROGRAM = """
import sys, ssl, sqlite3, ctypes, zlib, lzma, bz2, hashlib, uuid, decimal, _posixsubprocess
print(sys.version.split()[0], sys.prefix, ssl.OPENSSL_VERSION.split()[1])
"""


@pytest.mark.network
@pytest.mark.skipif(shutil.which("go") is None, reason="no go on PATH")
def test_upstream_s_own_build_runs_from_the_archive(tmp_path: Path) -> None:
    """It starts where it was unpacked, with upstream's own OpenSSL, has pip, and the inventory lists it."""
    directory = kept() / "genuine"
    mirrored = add_genuine(directory)
    with tarfile.open(mirrored.archive) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = tmp_path / "python"
    command = [str(tree / "bin" / "python3.13"), "-I", "-B", "-c", PROGRAM]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, env={})
    assert (finished.stderr, finished.stdout.split()) == ("", ["3.13.1", str(tree), "3.0.15"])
    assert [path for path in tree.rglob("*") if path.is_symlink() and not path.exists()] == []
    assert (tree / "lib" / "python3.13" / "site-packages").is_dir()
    assert (tree / "lib" / "libpython3.13.so.1.0").stat().st_size < 30e6
    assert mirrored.row in read_inventory(directory / "inventory.toml")[1]
    assert add_genuine(directory).seconds is None
