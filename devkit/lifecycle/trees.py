"""Whole directories: copied, moved, deleted, compared, made read-only. Symbolic links are never followed."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

IMAGE_TIME = 315_532_801
"""1980-01-01T00:00:01Z: the time that every file in an image has."""

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def walk(root: Path) -> Iterator[Path]:
    """Yield ``root`` and everything below it, parents first, siblings in the order of their names' bytes."""
    yield root
    if root.is_dir() and not root.is_symlink():
        for name in sorted(os.listdir(root), key=os.fsencode):  # noqa: PTH208 - names alone are sorted far quicker
            yield from walk(root / name)


def copy_app(source: Path, destination: Path) -> None:
    """Copy an app as a platform uploads it: modes and links are kept, times are not."""
    shutil.copytree(source, destination, symlinks=True, copy_function=shutil.copy)
    set_image_times(destination)


def set_image_times(root: Path) -> None:
    """Give everything in ``root`` the time that it has in an image, as bytecode caches will see it."""
    for path in walk(root):
        os.utime(path, (IMAGE_TIME, IMAGE_TIME), follow_symlinks=False)


def delete(path: Path) -> None:
    """Delete ``path`` and all below it, also where a buildpack took the permission to do so away."""
    if not os.path.lexists(path):
        return
    if not path.is_dir() or path.is_symlink():
        path.unlink()
        return
    try:
        shutil.rmtree(path)
    except PermissionError:
        for directory in walk(path):
            if directory.is_dir() and not directory.is_symlink():
                directory.chmod(stat.S_IRWXU)
        shutil.rmtree(path)


def move(source: Path, destination: Path) -> None:
    """Rename a directory on the same file system, in one step, also when it is not writable."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(source.lstat().st_mode)
    if mode & stat.S_IWUSR or source.is_symlink():
        source.rename(destination)
        return
    # The kernel wants to change ".." in the directory, so a read-only one can only be moved by root.
    source.chmod(mode | stat.S_IWUSR)
    source.rename(destination)
    destination.chmod(mode)


def fingerprint(root: Path) -> dict[str, str]:
    """Return what is where below ``root``: kind, mode, size, time of change and link target of every entry."""
    return {str(path.relative_to(root)): _describe(path) for path in walk(root)}


def _describe(path: Path) -> str:
    status = path.lstat()
    link = os.readlink(path) if path.is_symlink() else ""  # noqa: PTH115 - the bytes as they are, not a normalised path
    # A directory's size and time follow from its entries, which are compared by themselves.
    change = "" if stat.S_ISDIR(status.st_mode) else f"{status.st_size} {status.st_mtime_ns}"
    return f"{status.st_mode:o} {change} {link}"


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the names of all entries that are not the same in both fingerprints."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def make_read_only(root: Path) -> dict[Path, int]:
    """Take everybody's write permission from everything in ``root``; return the modes that were changed."""
    changed: dict[Path, int] = {}
    for path in list(walk(root)):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink() and mode & _WRITABLE:
            path.chmod(mode & ~_WRITABLE)
            changed[path] = mode
    return changed


def restore_modes(modes: Mapping[Path, int]) -> None:
    """Undo make_read_only."""
    for path, mode in modes.items():
        if path.exists():
            path.chmod(mode)


def change_owner(root: Path, uid: int, gid: int) -> None:
    """Give everything in ``root`` to ``uid`` and ``gid``."""
    for path in walk(root):
        os.lchown(path, uid, gid)
