"""Bytecode that the app's code read in a build: kept for builds in which the layers come back without theirs.

Without it, Python compiles anew what collectstatic imports, three times as long as collectstatic takes. All of the
bytecode would be half as much again in the cache, and take as long to write as to do without.

File systems that record no access (mounted noatime) have nothing kept: the next build is slower, and the same.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from cnb.frozen import frozen
from cnb.layers import Layers
from python_buildpack.app_code.reads import is_marked, mark_unread
from python_buildpack.layers.cache import Cache
from python_buildpack.support.stored_tree import restore_tree, store_entries

_SUFFIX = ".pyc"


@frozen
class BytecodeCache:
    """The bytecode of one layer, which its key decides: it is not compared with its source (PEP 552)."""

    root: Path
    """Where the layer's files are, or will be."""
    archive: Path

    @classmethod
    def of(cls, name: str, root: Path, layers: Layers, cache: Cache) -> Self:
        """Return the bytecode of a layer that was provided, and let the next build have it."""
        return cls(root, cache.keep(f"bytecode-{name}-{layers.identity(name)[:16]}.tar.zst"))

    def put_back(self) -> None:
        """Put what was read before where it was, unless the layer has bytecode of its own. Raises DiskFull."""
        if self.archive.exists() and not any(_bytecode(self.root)):
            restore_tree(self.archive, self.root)

    def mark(self) -> None:
        """Let it be seen afterwards what was read. What is marked already stays as it is."""
        found = [(path, os.stat(path)) for path in _bytecode(self.root)]  # noqa: PTH116 - thousands of paths
        if not any(is_marked(status) for _, status in found):
            for path, status in found:
                mark_unread(path, status)

    def store(self) -> None:
        """Write what was read to the archive. Raises DiskFull."""
        read = [path for path in _bytecode(self.root) if not is_marked(os.stat(path))]  # noqa: PTH116
        files = [Path(path).relative_to(self.root) for path in read]
        if files:
            # Directories come before what is in them.
            store_entries(
                self.root, sorted({str(entry) for file in files for entry in (file.parent, file)}), self.archive
            )


@contextmanager
def restored_bytecode(caches: Iterable[BytecodeCache]) -> Iterator[None]:
    """Put back what earlier builds read, and keep what this one reads of layers that nothing was kept of.

    The layers must be on disk. Raises DiskFull.
    """
    empty = []
    for one in caches:
        one.put_back()
        if not one.archive.exists():
            one.mark()
            empty.append(one)
    yield
    for one in empty:
        one.store()


def _bytecode(root: Path) -> Iterator[str]:
    for directory, _, names in os.walk(root):
        yield from (f"{directory}/{name}" for name in names if name.endswith(_SUFFIX))
