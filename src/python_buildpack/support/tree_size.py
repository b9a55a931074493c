"""How many bytes something adds to an image, counted in one way wherever a size is printed, recorded or compared.

Counted are the bytes of regular files, before compression. A second hard link to a file counts again, because the
lifecycle packs it as a copy. Directories, links, and what an archive has besides a file's bytes count nothing.
"""

import os
import stat
from pathlib import Path

_SMALL = 50_000
"""Bytes: fewer are 0.0 MB."""
_TINY = 100
"""Bytes: fewer may be 0.0 kB."""


def tree_size(root: Path) -> int:
    """Return the bytes that all files below ``root`` add to an image."""
    size = 0
    for directory, _, files in os.walk(root):
        for file in files:
            size += file_size(os.lstat(os.path.join(directory, file)))  # noqa: PTH118 - thousands of calls
    return size


def file_size(status: os.stat_result) -> int:
    """Return the bytes that one file adds to an image, from what ``lstat`` says of it."""
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def megabytes(size: int) -> str:
    """Return a number of bytes as text: in MB, which is a million bytes, in kB if it is small, or as it is."""
    if size < _TINY:
        return f"{size} bytes"
    return f"{size / 1e6:.1f} MB" if size >= _SMALL else f"{size / 1e3:.1f} kB"
