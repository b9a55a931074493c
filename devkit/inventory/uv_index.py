"""uv's list of interpreters, out of its source distribution: refreshable wherever a package index answers."""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from cnb.errors import BuildpackError

INDEX_NAME = "download-metadata.json"

PATIENCE = 120
"""Seconds that pip has for one file of 10 MB."""

STAND_IN_BACKEND = """
from pathlib import Path

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = Path(metadata_directory, "uv.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_bytes(Path("PKG-INFO").read_bytes())
    return folder.name
"""
"""A build backend named maturin that answers from PKG-INFO.

pip builds a source distribution's metadata before it saves the file, for which uv's real backend wants a Rust
compiler. The version must be the file's own: else pip discards the file and tries every older release in turn.
"""


class UvIndexUnavailable(BuildpackError):
    """uv's source distribution could not be had from the package index, or no longer holds the list."""

    code = "uv-index-unavailable"
    title = "uv's list of interpreters cannot be had"


def read_uv_index(requirement: str = "uv") -> bytes:
    """Return uv's ``download-metadata.json`` from the newest source distribution that meets ``requirement``.

    pip does the downloading, with its own configuration. Raises UvIndexUnavailable.
    """
    with tempfile.TemporaryDirectory(prefix="uv-index-") as folder:
        return _read_member(_download_sdist(requirement, Path(folder)))


def _download_sdist(requirement: str, folder: Path) -> Path:
    (folder / "maturin.py").write_text(STAND_IN_BACKEND, encoding="utf-8")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
        "--no-build-isolation", "--disable-pip-version-check", "--dest", str(folder / "sdist"), requirement,
    ]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(folder)}
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=PATIENCE)
        problem = f"ended with status {finished.returncode}:\n{finished.stderr.strip()}"
    except subprocess.TimeoutExpired:
        problem = f"was not done after {PATIENCE} seconds"
    archives = sorted((folder / "sdist").glob("uv-*.tar.gz"))
    if len(archives) != 1:
        raise UvIndexUnavailable(
            f"pip download of {requirement} {problem}",
            "Check that the package index answers, or give a list with --from.",
        )
    return archives[0]


def _read_member(archive: Path) -> bytes:
    with tarfile.open(archive) as sdist:
        for member in sdist:
            file = sdist.extractfile(member) if member.name.endswith(f"/{INDEX_NAME}") else None
            if file is not None:
                return file.read()
    raise UvIndexUnavailable(
        f"{archive.name} holds no {INDEX_NAME}.",
        "uv keeps its list elsewhere now: find it in that archive, and teach devkit.inventory.uv_index the new place.",
    )
