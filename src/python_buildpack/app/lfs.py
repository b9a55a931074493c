"""Finds pointers of Git LFS: short texts in the place of files whose content Git LFS keeps elsewhere."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from python_buildpack.support.small_files import read_bounded

BEGINNING = b"version https://git-lfs.github.com/spec/v1"
"""How a pointer begins (docs/spec.md in the repository of Git LFS)."""
MAX_POINTER_BYTES = 200
MAX_CANDIDATES = 4_000
"""How many files are looked at: a call of the system for each."""


def lfs_pointers(root: Path, files: list[str]) -> Iterator[str]:
    """Yield those of the files that are pointers. ``files`` are relative to ``root``, shallow ones first."""
    # Nobody keeps sources there, of which there are the most.
    for path in [path for path in files if not path.endswith(".py")][:MAX_CANDIDATES]:
        try:
            # os.lstat() takes half as long as a Path's.
            status = os.lstat(f"{root}/{path}")
            if stat.S_ISREG(status.st_mode) and len(BEGINNING) < status.st_size < MAX_POINTER_BYTES:
                raw = read_bounded(root / path, MAX_POINTER_BYTES)
                if raw is not None and raw.startswith(BEGINNING):
                    yield path
        except OSError:
            continue
