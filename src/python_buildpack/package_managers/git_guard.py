"""Keeps the .git directory of what was uploaded as it is while build backends run.

Backends that take the version from git run ``git describe`` and ``git status``, which write .git/index anew with times
of this machine: each installation would change the image. And nothing that a package writes there, such as a hook of
git, is meant for the image.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cnb.frozen import frozen
from cnb.trees import remove

_OBJECTS = frozenset({"objects", "lfs", "annex"})
"""Directories of files that are named by their content, which git never writes again: they are not copied."""
_LARGEST = 1 << 26
"""Bytes of a file from which it is not copied: the index of a repository with half a million files is smaller."""


@frozen
class _Entry:
    """One file, link or directory."""

    kind: int
    """A file type of stat."""
    status: os.stat_result | None = None
    """None of an object: there may be tens of thousands, and a look at each would take longer than all the rest."""
    link: str = ""

    @property
    def mode(self) -> int:
        """The permissions."""
        return stat.S_IMODE(self.status.st_mode) if self.status else 0


_OBJECT = _Entry(stat.S_IFREG)
_Entries = Mapping[str, _Entry]
"""By the path in .git, and "" for .git itself; an outer one comes before the inner ones."""


@contextmanager
def git_unchanged(upload: Path, scratch: Path) -> Iterator[None]:
    """After the block, remove what is new in .git, and put back what was changed or removed there.

    Objects are not put back. New ones are removed, if no others are gone: git may have packed those into new files.
    Without a directory .git, nothing is done.
    """
    git = upload / ".git"
    if git.is_symlink() or not git.is_dir():
        yield
        return
    kept = scratch / "git"
    shutil.rmtree(kept, ignore_errors=True)
    before = _entries(git)
    _copy(git, kept, before)
    try:
        yield
    finally:
        _put_back(git, kept, before)
        shutil.rmtree(kept, ignore_errors=True)


def _entries(git: Path) -> dict[str, _Entry]:
    found = {"": _Entry(stat.S_IFDIR, git.lstat())}
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        is_plain = not _is_of_objects(folder)
        with suppress(OSError), os.scandir(git / folder) as entries:
            for entry in entries:
                path = f"{folder}{entry.name}"
                found[path] = _OBJECT if not is_plain and entry.is_file(follow_symlinks=False) else _look(entry)
                if found[path].kind == stat.S_IFDIR:
                    waiting.append(f"{path}/")
    return found


def _look(entry: os.DirEntry[str]) -> _Entry:
    status = entry.stat(follow_symlinks=False)
    kind = stat.S_IFMT(status.st_mode)
    return _Entry(kind, status, os.readlink(entry.path) if kind == stat.S_IFLNK else "")  # noqa: PTH115 - a DirEntry


def _is_of_objects(path: str) -> bool:
    return not _OBJECTS.isdisjoint(path.split("/"))


def _copy(git: Path, kept: Path, entries: _Entries) -> None:
    for path, found in entries.items():
        if found.kind == stat.S_IFREG and found.status and found.status.st_size <= _LARGEST:
            (kept / path).parent.mkdir(parents=True, exist_ok=True)
            with suppress(PermissionError):  # who may not read it did not write it
                shutil.copy2(git / path, kept / path)


def _put_back(git: Path, kept: Path, before: _Entries) -> None:
    _put_back_directories(git, before)
    after = _entries(git)
    is_packed = any(found is _OBJECT and path not in after for path, found in before.items())
    for path, entry in after.items():
        known = before.get(path)
        is_kept = (is_packed and entry is _OBJECT) if known is None else known.kind == entry.kind
        if not is_kept:
            remove(git / path)
    for path, entry in before.items():
        if entry is not _OBJECT and entry.kind != stat.S_IFDIR and _differs(entry, after.get(path)):
            _put_back_file(git / path, kept / path, entry)
    for path, entry in before.items():
        if entry.kind == stat.S_IFDIR and path in after and after[path].mode != entry.mode:
            (git / path).chmod(entry.mode)


def _put_back_directories(git: Path, before: _Entries) -> None:
    """Make again what was a directory, and let all of it be read and written; of other modes, none is set yet."""
    for path, known in before.items():
        if known.kind != stat.S_IFDIR:
            continue
        place = git / path
        if place.is_symlink() or not place.is_dir():
            remove(place)
            place.mkdir()
        if stat.S_IMODE(place.lstat().st_mode) != known.mode:
            place.chmod(known.mode | stat.S_IRWXU)


def _put_back_file(place: Path, copy: Path, known: _Entry) -> None:
    if known.kind == stat.S_IFLNK:
        remove(place)
        place.symlink_to(known.link)
    elif copy.is_file():
        remove(place)
        shutil.copy2(copy, place)


def _differs(before: _Entry, after: _Entry | None) -> bool:
    if after is None or before.status is None or after.status is None or before.kind != after.kind:
        return True
    # No program can set the ctime back.
    return (before.status.st_ctime_ns, before.status.st_ino) != (after.status.st_ctime_ns, after.status.st_ino)
