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

from cnb.trees import remove

_OBJECTS = frozenset({"objects", "lfs", "annex"})
"""Directories of files that are named by their content, which git never writes again: they are not copied."""
_LARGEST = 1 << 26
"""Bytes of a file from which it is not copied: the index of a repository with half a million files is smaller."""


@contextmanager
def git_unchanged(upload: Path, scratch: Path) -> Iterator[None]:
    """After the block, remove what is new in .git, and put back what was changed or removed there.

    Objects are not put back; new ones are removed. Without a directory .git, nothing is done.
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


def _entries(git: Path) -> dict[str, os.stat_result]:
    """Return all entries by their paths in .git; an outer one comes before the inner ones."""
    found: dict[str, os.stat_result] = {}
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with suppress(OSError), os.scandir(git / folder) as entries:
            for entry in entries:
                path = f"{folder}{entry.name}"
                found[path] = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{path}/")
    return found


def _copy(git: Path, kept: Path, entries: Mapping[str, os.stat_result]) -> None:
    for path, found in entries.items():
        if _is_copied(path, found):
            (kept / path).parent.mkdir(parents=True, exist_ok=True)
            with suppress(PermissionError):  # who may not read it did not write it
                shutil.copy2(git / path, kept / path)


def _is_copied(path: str, found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST and _OBJECTS.isdisjoint(path.split("/"))


def _put_back(git: Path, kept: Path, before: Mapping[str, os.stat_result]) -> None:
    if git.is_symlink() or not git.is_dir():
        remove(git)
        git.mkdir()
    for path, found in _entries(git).items():
        known = before.get(path)
        if known is None or stat.S_IFMT(known.st_mode) != stat.S_IFMT(found.st_mode):
            remove(git / path)
    after = _entries(git)
    for path, known in before.items():
        if stat.S_ISDIR(known.st_mode):
            (git / path).mkdir(exist_ok=True)
        elif _differs(known, after.get(path)) and (kept / path).is_file():
            remove(git / path)
            shutil.copy2(kept / path, git / path)


def _differs(before: os.stat_result, after: os.stat_result | None) -> bool:
    # No program can set the ctime back.
    return after is None or (before.st_ctime_ns, before.st_ino) != (after.st_ctime_ns, after.st_ino)
