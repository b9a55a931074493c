"""A disk of the engine's own, on machines whose disk makes new files slow: those with ext4 and no journal.

Such a file system goes, for each new file, through the inodes that were deleted within the last minutes, lest it give
one out again (recently_deleted() in Linux's fs/ext4/ialloc.c). After some builds, whose volumes are removed, there are
thousands of them, and 500 small files take ten times as long to write: half a second. Small virtual machines have such
disks; servers, and the machines that people build on, have a journal.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from devkit.pack.cache import Cache
from devkit.pack.commands import run
from python_buildpack.app.reads import file_system_kinds

DEFAULT_ROOT = Path("/var/lib/docker")
GIGABYTE = 1_000_000_000
MOST, LEAST = 24 * GIGABYTE, 8 * GIGABYTE
"""Bytes of the disk, of which only what is in use takes room; and what images and builds need at the least."""
_JOURNALS = Path("/proc/fs/jbd2")
"""One directory for each mounted file system that has a journal: the device's name, a dash, the journal's inode."""


def own_data_root(cache: Cache) -> Path | None:
    """Return the engine's directory on a disk of its own, made and mounted if need be.

    None where the engine's usual place is as good, or where no such disk can be had: that is slower, and nothing else.
    """
    if not lacks_journal(next(folder for folder in (DEFAULT_ROOT, *DEFAULT_ROOT.parents) if folder.exists())):
        return None
    root = _root(cache)
    size = disk_size(shutil.disk_usage(cache.root).free)
    return root if root.is_mount() or mount_disk(cache.root / "engine-disk.ext4", root, size) else None


def has_own_disk(cache: Cache) -> bool:
    """Say whether the engine that answers has its files on that disk."""
    answer = run(["docker", "info", "--format", "{{.DockerRootDir}}"])
    return answer.status == 0 and Path(answer.output.strip()) == _root(cache)


def lacks_journal(path: Path) -> bool:
    """Say whether ``path`` is on ext4 without a journal."""
    device = path.stat().st_dev
    # As the kernel calls it: what is mounted may be called /dev/root or /dev/mapper/….
    name = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    return is_slow_for_new_files(file_system_kinds(device, mounts), name, (path.name for path in _JOURNALS.glob("*-*")))


def is_slow_for_new_files(kinds: frozenset[str], name: str, journals: Iterable[str]) -> bool:
    """Say whether a device, which is called ``name``, has ext4 without a journal, given the ``journals`` there are."""
    return kinds == {"ext4"} and name not in {journal.rpartition("-")[0] for journal in journals}


def disk_size(free: int) -> int | None:
    """Return how large the disk may become, given the bytes that are free; None if that is too little."""
    size = min(MOST, free // 2)
    return size if size >= LEAST else None


def _root(cache: Cache) -> Path:
    return cache.folder() / "engine-disk"


def mount_disk(image: Path, root: Path, size: int | None) -> bool:
    """Mount the disk that is in the file ``image``, made with ``size`` bytes if it is not there; say if that went well.

    Without a size, no disk is made.
    """
    if not image.exists() and (size is None or not _make(image, size)):
        return False
    root.mkdir(exist_ok=True)
    # noinit_itable: else the kernel writes empty tables for minutes, beside whatever is measured. discard: the file
    # gives back what is deleted; without that it grew to 31 GB for 1 GB of images.
    return run(["mount", "-o", "loop,noinit_itable,discard", image, root]).status == 0


def _make(image: Path, size: int) -> bool:
    partial = image.with_name(f"{image.name}.part")
    with partial.open("wb") as file:
        file.truncate(size)
    if run(["mkfs.ext4", "-q", "-F", "-O", "has_journal", partial]).status != 0:
        partial.unlink()
        return False
    partial.rename(image)
    return True
