"""Snapshots of a directory: to find out what a program has changed in it, and to compute a digest of its content."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.support.file_digests import sha256_of

_BYTECODE = "__pycache__"
_GIT = ".git"
_GIT_COMMIT = frozenset({"HEAD", "packed-refs", "refs", "reftable"})
"""The files that identify the commit. All other files in .git differ between clones of the same commit."""
_GIT_INNER = frozenset({"modules", "worktrees"})
"""Directories in .git that have such directories of submodules and worktrees: a file .git names one of these."""
_EXECUTABLE = 0o111


@frozen
class Mark:
    """One entry, without its content. Directories have no time: the times of their entries show every change."""

    mode: int
    size: int = 0
    changed: int = 0
    """Its ctime in nanoseconds, which no program can set back."""
    link: str = ""

    @property
    def kind(self) -> str:
        """The type of the entry, and its executable bits."""
        return f"{stat.S_IFMT(self.mode):o} {self.mode & _EXECUTABLE:o}"


@frozen
class Changes:
    """The differences between two snapshots, as sorted paths."""

    written: tuple[str, ...]
    """New entries, and entries whose content or mode has changed."""
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


Snapshot = Mapping[str, Mark]
"""Every entry below a directory by relative path, without bytecode, and of .git only the files with the commits."""


def take_snapshot(root: Path) -> Snapshot:
    """Return the snapshot of a directory; no file is opened."""
    return dict(_walk(root))


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """Return the differences between two snapshots."""
    written = sorted(path for path, mark in after.items() if before.get(path) != mark)
    return Changes(tuple(written), tuple(sorted(before.keys() - after.keys())))


def list_directory(path: Path) -> Mapping[str, Mark]:
    """Return the entries of one directory by name, as in a snapshot of it; empty if it cannot be listed."""
    found = {}
    for entry in _entries(path):
        with suppress(OSError):
            # The directory may be listed but not entered, or the entry is gone.
            found[entry.name] = _mark(entry)
    return found


def digest_content(root: Path, snapshot: Snapshot) -> str:
    """Return the sha256 of names, types, executable bits and contents: equal for equal trees in any place."""
    total = hashlib.sha256()
    for path, mark in sorted(snapshot.items()):
        content = _digest_file(f"{root}/{path}") if stat.S_ISREG(mark.mode) else ""
        for text in (path, mark.kind, mark.link, content):
            total.update(text.encode(errors="surrogateescape") + b"\0")
    return total.hexdigest()


def is_git(path: str) -> bool:
    """Return whether an entry of a snapshot is .git, or is in it."""
    return path == _GIT or path.startswith(f"{_GIT}/")


def digest_entry(path: Path) -> str:
    """Return the sha256 of a file's content or of a directory's names; for other entries, a short text."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            names = sorted(entry.name for entry in path.iterdir())
            return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()
    except OSError as error:
        return _unreadable(error)
    return _digest_file(str(path)) if stat.S_ISREG(mode) else "neither a file nor a directory"


def _digest_file(path: str) -> str:
    try:
        return sha256_of(path).hex()
    except OSError as error:
        return _unreadable(error)


def _unreadable(error: OSError) -> str:
    return f"unreadable: {error.errno}"


def _walk(root: Path) -> Iterator[tuple[str, Mark]]:
    # With a list of its own: a tree may be deeper than Python lets functions call each other.
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        entries = _entries(root / folder)
        is_repository = _is_repository(folder, entries)
        for entry in entries:
            if entry.name == _BYTECODE or (is_repository and entry.name not in _GIT_COMMIT | _GIT_INNER):
                continue
            path = f"{folder}{entry.name}"
            try:
                mark = _mark(entry)
            except OSError:
                # Its path is longer than the kernel takes, or it is gone.
                continue
            yield path, mark
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{path}/")


def _is_repository(folder: str, entries: "list[os.DirEntry[str]]") -> bool:
    """Say whether this is .git, or the directory in it of a submodule (at any depth) or of a worktree."""
    if folder == f"{_GIT}/":
        return True
    inner = tuple(f"{_GIT}/{name}/" for name in _GIT_INNER)
    # refs/remotes/origin/HEAD is no HEAD of a repository.
    return folder.startswith(inner) and "/refs/" not in folder and any(entry.name == "HEAD" for entry in entries)


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        # Not readable for the build's user, so no program of the build can change it either.
        return []


def _mark(entry: "os.DirEntry[str]") -> Mark:
    status = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode):
        return Mark(status.st_mode)
    link = Path(entry.path).readlink().as_posix() if entry.is_symlink() else ""
    return Mark(status.st_mode, status.st_size, status.st_ctime_ns, link)
