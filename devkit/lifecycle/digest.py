"""Layers as the exporter sees them: a normalised tar, its digest, and the way back (spec: Layer types; Export)."""

import hashlib
import os
import random
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from devkit.lifecycle.problems import LifecycleError, Violation
from devkit.lifecycle.trees import IMAGE_TIME, walk

LAYER_OWNER = 1001
"""The uid and gid that entries get. Any constant would do: who builds must not show in a digest."""

_BLOCK = 1 << 20


class CacheCorrupt(LifecycleError):
    """A cached tar does not have the digest that it is named after."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A directory as a layer: ``sha256:…`` of its tar, and the bytes of its files, as in the log of a build."""

    digest: str
    size: int


class _Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


class _Hashing:
    """A file that only remembers the digest of what is written, and hands it to another if there is one."""

    def __init__(self, sink: _Sink | None) -> None:
        self._hash = hashlib.sha256()
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        if self._sink is not None:
            self._sink.write(data)
        return len(data)

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def pack(root: Path, name: str, sink: BinaryIO | None = None) -> Packed:
    """Write ``root`` as the layer tar whose entries begin with ``name`` to ``sink`` (or nowhere) and return its digest.

    Entries are sorted; times and owners are constant; hard links become full copies; extended attributes and sockets
    are left out. Raises Violation for a FIFO or device, which the lifecycle packs and then cannot restore.
    """
    hashing, size = _Hashing(sink), 0
    with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.GNU_FORMAT, bufsize=_BLOCK) as tar:  # type: ignore[call-overload]  # only write() is needed
        for path in walk(root):
            size += _add(tar, path, name if path == root else f"{name}/{path.relative_to(root)}")
    return Packed(hashing.digest, size)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> int:
    """Add one entry, and return the bytes of its content: only files have any."""
    status = path.lstat()
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = stat.S_IMODE(status.st_mode), IMAGE_TIME
    entry.uid = entry.gid = LAYER_OWNER
    match stat.S_IFMT(status.st_mode):
        case stat.S_IFREG:
            entry.size = status.st_size
            with path.open("rb") as content:
                tar.addfile(entry, content)
        case stat.S_IFDIR:
            entry.type = tarfile.DIRTYPE
            tar.addfile(entry)
        case stat.S_IFLNK:
            entry.type, entry.linkname = tarfile.SYMTYPE, os.readlink(path)  # noqa: PTH115 - the bytes as they are
            tar.addfile(entry)
        case stat.S_IFSOCK:
            pass
        case _:
            raise Violation(f"{name} is neither a file, a directory nor a link: such a layer cannot be restored")
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def unpack(archive: Path, digest: str, destination: Path) -> None:
    """Restore a packed layer below ``destination``.

    Files get arbitrary times (the same ones for the same digest), because the lifecycle guarantees none. Raises
    CacheCorrupt, having written nothing, if ``archive`` does not have ``digest``.
    """
    check_archive(archive, digest)
    times = random.Random(digest)  # noqa: S311 - any time will do, as long as it has no meaning
    with tarfile.open(archive) as tar:
        # We packed it ourselves and its digest is right, so nothing is filtered. Python before 3.11.4 knows no filters.
        tar.extraction_filter = tarfile.fully_trusted_filter if hasattr(tarfile, "fully_trusted_filter") else None
        for entry in tar:
            entry.mtime = times.randrange(1_000_000_000, 2_000_000_000)
            entry.uid, entry.gid = os.getuid(), os.getgid()
        tar.extractall(destination)  # noqa: S202 - as above


def check_archive(archive: Path, digest: str) -> None:
    """Raise CacheCorrupt unless ``archive`` exists and has ``digest``."""
    if not archive.is_file():
        raise CacheCorrupt(f"{archive.name} is missing")
    hashing = _Hashing(None)
    with archive.open("rb") as content:
        while block := content.read(_BLOCK):
            hashing.write(block)
    if hashing.digest != digest:
        raise CacheCorrupt(f"{archive.name} is damaged")
