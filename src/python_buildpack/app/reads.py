"""Finds out which files a program read, by their access times.

Files get an access time that no file has otherwise; reading a file changes it. The usual mount option relatime updates
an access time that is older than the file's modification.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_UNREAD = 0
_MOUNTS = Path("/proc/self/mountinfo")
_RECORDING = frozenset({"ext2", "ext3", "ext4", "xfs", "overlay", "tmpfs"})
"""Local file systems that record access times. A remote one does not see reads that the local cache answers."""


def mark_unread(path: str, status: os.stat_result) -> None:
    """Set the access time by which ``is_marked`` sees whether a file was read. Raises OSError without the right to."""
    os.utime(path, ns=(_UNREAD, status.st_mtime_ns))


def is_marked(status: os.stat_result) -> bool:
    """Say whether a file was marked and has not been read since."""
    return status.st_atime_ns == _UNREAD


def mark_all_unread(root: Path, paths: Iterable[str]) -> None:
    """Mark all files (paths below ``root``) that can be marked; all others count as read."""
    for path in paths:
        with suppress(OSError):
            mark_unread(f"{root}/{path}", os.stat(f"{root}/{path}"))  # noqa: PTH116 - thousands of paths


def unread(root: Path, paths: Iterable[str], device: int) -> Iterator[str]:
    """Yield those of ``paths`` below ``root`` that were certainly not read; all of them are on this device."""
    for path in paths:
        with suppress(OSError):
            status = os.stat(f"{root}/{path}")  # noqa: PTH116 - as above
            if is_marked(status) and status.st_dev == device:
                yield path


def records_reads(device: int, mounts: str) -> bool:
    """Say whether a file system records access times, given its device (``st_dev``) and the mounts."""
    kinds = file_system_kinds(device, mounts)
    return bool(kinds) and kinds <= _RECORDING


def file_system_mounts() -> str:
    """Return the mounts of this process (proc_pid_mountinfo(5)); empty if they cannot be read."""
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def file_system_kinds(device: int, mounts: str) -> frozenset[str]:
    """Return the kinds of file systems as which a device (``st_dev``) is mounted: one, or none if it is unknown.

    ``mounts`` is the content of /proc/self/mountinfo, which proc_pid_mountinfo(5) describes.
    """
    wanted = f"{os.major(device)}:{os.minor(device)}"
    lines = (line.partition(" - ") for line in mounts.splitlines())
    return frozenset(tail.split()[0] for fields, _, tail in lines if wanted in fields.split()[2:3] and tail)
