"""Wheels that were downloaded before any code of a package ran, and how they are known afterwards.

Code that is built can write into uv's cache. So of each wheel the digest of its RECORD is kept in memory, with the
modes of its files, and what uv has noted about it. After a build, those wheels are taken that still are as their
RECORDs say, byte for byte, with no file more; all others are downloaded again. No program may run meanwhile.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cnb.frozen import frozen, replace
from cnb.trees import make_directory, remove
from python_buildpack.installed.dist_info import RECORD, RecordEntry, parse_record
from python_buildpack.package_managers.kept_wheels import KeptWheels, Wheel, wheels_of_uv

_ASIDE = "fetched-wheels"


@frozen
class _Sealed:
    """What is known of one wheel; paths are relative to the scratch directory."""

    notes: Mapping[str, bytes]
    """The content of uv's files about it."""
    links: Mapping[str, str]
    content: str
    """The directory that it is unpacked in."""
    record: str
    """The path of its RECORD in that directory."""
    digest: bytes
    modes: Mapping[str, int]
    """Of each file, by its path in that directory."""


@frozen
class FetchedWheels:
    """The wheels that were fetched ahead in this build."""

    count: int
    """How many were downloaded."""
    scratch: Path
    """The directory that has uv's cache."""
    earlier: KeptWheels | None = None
    """The wheels of earlier builds, which were there before."""
    sealed: tuple[_Sealed, ...] = ()

    def seal(self) -> "FetchedWheels":
        """Return the same, with what is in uv's cache, in which nobody but uv has written until now. Raises OSError."""
        found = (_seal(wheel, self.scratch) for wheel in wheels_of_uv(self.scratch))
        return replace(self, sealed=tuple(filter(None, found)))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Let the wheels that nobody has changed survive the block, which removes or replaces uv's cache."""
        aside = self.scratch / _ASIDE
        remove(aside)
        make_directory(aside)
        saved = [one for one in self.sealed if _take(one, self.scratch, aside)]
        try:
            yield
            for one in saved:
                _put_back(one, aside, self.scratch)
        finally:
            remove(aside)


def _seal(wheel: Wheel, scratch: Path) -> _Sealed | None:
    root = scratch / wheel.content
    records = [path for path in root.glob(f"*.dist-info/{RECORD}") if path.is_file()]
    if len(records) != 1:
        return None
    links = {path: os.readlink(scratch / path) for path in wheel.about if (scratch / path).is_symlink()}  # noqa: PTH115
    notes = {path: (scratch / path).read_bytes() for path in wheel.about if path not in links}
    record = str(records[0].relative_to(root))
    modes = dict(_modes(root))
    return _Sealed(notes, links, wheel.content, record, hashlib.sha256(records[0].read_bytes()).digest(), modes)


def _modes(root: Path) -> Iterator[tuple[str, int]]:
    """Yield path and mode of all that is below a directory and is no directory itself; links are not followed."""
    waiting = [("", str(root))]
    while waiting:
        inside, folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{inside}{entry.name}/", entry.path))
                else:
                    yield f"{inside}{entry.name}", stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode)


def _take(one: _Sealed, scratch: Path, aside: Path) -> bool:
    """Move the wheel to ``aside``, and return whether it is there and as it was."""
    place = aside / Path(one.content).name
    try:
        if (scratch / one.content).is_symlink():
            return False
        (scratch / one.content).rename(place)
        return _is_as_sealed(one, place)
    except OSError:
        return False


def _is_as_sealed(one: _Sealed, root: Path) -> bool:
    raw = (root / one.record).read_bytes()
    if hashlib.sha256(raw).digest() != one.digest or {path for path, _ in _modes(root)} != one.modes.keys():
        return False
    wanted = {entry.path: entry.hash for entry in parse_record(raw)}
    for path, mode in one.modes.items():
        if path != one.record and wanted.get(path) != _hash(root / path):
            return False
        os.chmod(root / path, mode)  # noqa: PTH101 - thousands of paths
    return True


def _hash(path: Path) -> str:
    """Return what RECORD has of a regular file. Raises OSError."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return ""
    return RecordEntry.of("", path).hash


def _put_back(one: _Sealed, aside: Path, scratch: Path) -> None:
    for path in (*one.notes, *one.links, one.content):
        make_directory((scratch / path).parent)
        remove(scratch / path)
    (aside / Path(one.content).name).rename(scratch / one.content)
    for path, content in one.notes.items():
        (scratch / path).write_bytes(content)
    for path, target in one.links.items():
        with suppress(FileExistsError):
            (scratch / path).symlink_to(target)
