"""How many bytes a directory adds to an image."""

import os
from pathlib import Path


def tree_size(root: Path) -> int:
    """Return the bytes of all files below ``root``; hard links to the same file are counted once, as in an image."""
    sizes: dict[tuple[int, int], int] = {}
    for directory, _, files in os.walk(root):
        for file in files:
            status = os.lstat(os.path.join(directory, file))  # noqa: PTH118 - thousands of calls
            sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())
