"""Archives of interpreters for tests: made-up ones, and a real one, repacked from this machine's Python."""

import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from devkit.mirror.make import make_mirror
from devkit.mirror.prefixes import discover_prefixes
from python_buildpack.interpreters.inventory import Interpreter, read_inventory
from python_buildpack.ports.fetching.http import HttpFetcher

Entry = tuple[tarfile.TarInfo, bytes]
WriteArchive = Callable[..., Path]


@dataclass(frozen=True, slots=True)
class RealInterpreter:
    """An archive laid out as upstream's, and its row of the inventory."""

    archive: Path
    row: Interpreter


def newest_real_interpreter() -> RealInterpreter:
    """Return this machine's newest Python, repacked; made once and kept, whoever asks."""
    newest = max(
        discover_prefixes(os.environ, Path.home()), key=lambda prefix: tuple(map(int, prefix.version.split(".")))
    )
    mirror = make_mirror(prefixes=[newest])
    made = mirror.archives[0]
    rows = read_inventory(str(mirror.inventory), HttpFetcher()).interpreters
    return RealInterpreter(made.archive, next(row for row in rows if row.sha256 == made.row.sha256))


def write_tar_gz(path: Path, entries: tuple[Entry, ...]) -> Path:
    """Write the entries, in this order, and return the path."""
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
    return path


def file(name: str, content: bytes = b"x", mode: int = 0o664) -> Entry:
    """Return a regular file."""
    info = tarfile.TarInfo(name)
    info.mode = mode
    return info, content


def special(name: str, kind: bytes, linkname: str = "") -> Entry:
    """Return an entry without content."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, linkname, 0o777
    return info, b""


def symlink(name: str, target: str) -> Entry:
    """Return a symbolic link."""
    return special(name, tarfile.SYMTYPE, target)


def hardlink(name: str, target: str) -> Entry:
    """Return a hard link."""
    return special(name, tarfile.LNKTYPE, target)


def directory(name: str) -> Entry:
    """Return a directory."""
    return special(name, tarfile.DIRTYPE)
