"""Which files a program read, by the kernel's own record: their access times.

Files are given an access time that none can have by itself; whoever reads them, in whatever way, changes it. File
systems with relatime, the usual ones, record an access after one that is older than the change of the file.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_UNREAD = 0
_RECORDING = frozenset({"ext2", "ext3", "ext4", "xfs", "overlay", "tmpfs"})
"""File systems whose access times this machine keeps itself. A server does not hear of what a cache answered."""


def mark_unread(path: str, status: os.stat_result) -> None:
    """Let it be seen afterwards whether a file was read. Raises OSError where its times are not ours to set."""
    os.utime(path, ns=(_UNREAD, status.st_mtime_ns))


def is_marked(status: os.stat_result) -> bool:
    """Say whether a file was marked, and nobody has read it since."""
    return status.st_atime_ns == _UNREAD


def mark_all_unread(root: Path, paths: Iterable[str]) -> None:
    """Mark all files that can be, by their paths below ``root``; what cannot, counts as read."""
    for path in paths:
        with suppress(OSError):
            mark_unread(f"{root}/{path}", os.stat(f"{root}/{path}"))  # noqa: PTH116 - thousands of paths


def unread(root: Path, paths: Iterable[str], device: int) -> Iterator[str]:
    """Yield those of ``paths`` below ``root`` that surely were not read; only files of this device can be."""
    for path in paths:
        with suppress(OSError):
            status = os.stat(f"{root}/{path}")  # noqa: PTH116 - as above
            if is_marked(status) and status.st_dev == device:
                yield path


def records_reads(device: int, mounts: str) -> bool:
    """Say whether a file system keeps access times by itself, given its device (``st_dev``) and the mounts."""
    kinds = file_system_kinds(device, mounts)
    return bool(kinds) and kinds <= _RECORDING


def file_system_kinds(device: int, mounts: str) -> frozenset[str]:
    """Return what a device (``st_dev``) is mounted as: one kind of file system, or none if nobody knows it.

    ``mounts`` is the content of /proc/self/mountinfo, which proc_pid_mountinfo(5) describes.
    """
    wanted = f"{os.major(device)}:{os.minor(device)}"
    lines = (line.partition(" - ") for line in mounts.splitlines())
    return frozenset(tail.split()[0] for fields, _, tail in lines if wanted in fields.split()[2:3] and tail)
