"""Packs a tree as upstream does, the same bytes every time."""

import gzip
import hashlib
import os
import tarfile
from pathlib import Path

MTIME = 315532801
"""One second into 1980, as the lifecycle sets it."""


def archive_name(version: str, build: str, machine: str, variant: str) -> str:
    """Return the file name that upstream gives to such an archive."""
    flavour = "" if variant == "default" else f"{variant}-"
    return f"cpython-{version}+{build}-{machine}-unknown-linux-gnu-{flavour}install_only_stripped.tar.gz"


def write_archive(tree: Path, destination: Path) -> str:
    """Pack ``tree`` below ``python/`` into a ``.tar.gz`` and return its sha256.

    The archive appears whole or not at all: it is written beside ``tree``, which is on the same file system.
    """
    partial = tree.with_name("archive.tar.gz")
    with (
        partial.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(_files(tree)):
            _add(archive, path, f"python/{path.relative_to(tree).as_posix()}")
    digest = read_sha256(partial)
    partial.replace(destination)
    return digest


def read_sha256(path: Path) -> str:
    """Return the hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(tree: Path) -> list[Path]:
    # Directories have no entries of their own, as in upstream's archives.
    return [Path(folder, name) for folder, _, names in os.walk(tree) for name in names]


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.mtime = MTIME
    if path.is_symlink():
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
        archive.addfile(entry)
        return
    status = path.stat()
    entry.size = status.st_size
    entry.mode = 0o755 if status.st_mode & 0o100 else 0o644
    with path.open("rb") as file:
        archive.addfile(entry, file)
