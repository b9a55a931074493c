"""What a directory holds at one moment: to see what somebody else's program changed in it, and to know it again."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen

_BYTECODE = "__pycache__"
_GIT = ".git"
_GIT_COMMIT = ("HEAD", "packed-refs", "refs")
"""What says which commit is checked out. The rest of .git differs from clone to clone of the same commit."""
_EXECUTABLE = 0o111


@frozen
class Mark:
    """One entry, without its content. A directory has no time: that of each entry says what happened in it."""

    mode: int
    size: int = 0
    changed: int = 0
    """The time of the last change of anything about it, in nanoseconds: no program can set it back."""
    link: str = ""

    @property
    def kind(self) -> str:
        """Return what kind of entry it is, and whether it can be executed."""
        return f"{stat.S_IFMT(self.mode):o} {self.mode & _EXECUTABLE:o}"


@frozen
class Changes:
    """What became different, as sorted paths."""

    written: tuple[str, ...]
    """New entries and those with another content or mode."""
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


Snapshot = Mapping[str, Mark]
"""Every entry below a directory by its relative path; bytecode is left out, and what .git has beside the commit."""


def take_snapshot(root: Path) -> Snapshot:
    """Look at every entry once; no file is opened."""
    return dict(_walk(root, ""))


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """Return what differs."""
    written = sorted(path for path, mark in after.items() if before.get(path) != mark)
    return Changes(tuple(written), tuple(sorted(before.keys() - after.keys())))


def digest_content(root: Path, snapshot: Snapshot) -> str:
    """Return the sha256 of names, kinds, executable bits and contents: equal for equal trees, wherever they are."""
    total = hashlib.sha256()
    for path, mark in sorted(snapshot.items()):
        content = _digest_file(root / path) if stat.S_ISREG(mark.mode) else ""
        for text in (path, mark.kind, mark.link, content):
            total.update(text.encode(errors="surrogateescape") + b"\0")
    return total.hexdigest()


def is_git(path: str) -> bool:
    """Say whether an entry of a snapshot is one of .git's."""
    return path == _GIT or path.startswith(f"{_GIT}/")


def digest_entry(path: Path) -> str:
    """Return the sha256 of a file's content or of a directory's names; of anything else, that it is neither."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            names = sorted(entry.name for entry in path.iterdir())
            return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()
    except OSError as error:
        return _unreadable(error)
    return _digest_file(path) if stat.S_ISREG(mode) else "neither a file nor a directory"


def _digest_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return _unreadable(error)


def _unreadable(error: OSError) -> str:
    return f"unreadable: {error.errno}"


def _walk(root: Path, folder: str) -> Iterator[tuple[str, Mark]]:
    for entry in _entries(root / folder):
        if entry.name == _BYTECODE or (folder == f"{_GIT}/" and entry.name not in _GIT_COMMIT):
            continue
        path = f"{folder}{entry.name}"
        yield path, _mark(entry)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, f"{path}/")


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        # Closed to us: then nobody who runs as we do can change anything in it either.
        return []


def _mark(entry: "os.DirEntry[str]") -> Mark:
    status = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode):
        return Mark(status.st_mode)
    link = Path(entry.path).readlink().as_posix() if entry.is_symlink() else ""
    return Mark(status.st_mode, status.st_size, status.st_ctime_ns, link)
