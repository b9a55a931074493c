"""Keeps the bytecode that the app's code read in a build, for builds in which the layers are restored without theirs.

Without it, Python compiles again what collectstatic imports, which takes three times as long as collectstatic itself.
To keep all bytecode would make the cache half as large again, and writing it would take as long as it saves.

What the app's code has written meanwhile is not kept: in the next build, it would run in the place of a package's.

On file systems that do not record access times (noatime), nothing is kept: the next build is slower, with the same
result.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from cnb.frozen import frozen
from cnb.layers import Layers
from python_buildpack.app.reads import is_marked, mark_unread
from python_buildpack.layers.cache import Cache
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.fingerprint import Signature, signature
from python_buildpack.support.stored_tree import restore_tree, store_entries

_SUFFIX = ".pyc"


@frozen
class BytecodeCache:
    """The kept bytecode of one layer, known by the layer's key: it is not compared with its source (PEP 552)."""

    root: Path
    """Where the layer's files are, or will be."""
    archive: CachedFile

    @classmethod
    def of(cls, name: str, root: Path, layers: Layers, cache: Cache) -> Self:
        """Return the cache for a layer that was provided, and keep its file for the next build."""
        return cls(root, cache.keep(f"bytecode-{name}-{layers.identity(name)[:16]}.tar.zst"))

    def put_back(self) -> None:
        """Unpack the kept bytecode into the layer, unless this has bytecode already. Raises DiskFull."""
        if self.archive.exists() and not any(_bytecode(self.root)):
            restore_tree(self.archive, self.root)

    def mark(self) -> None:
        """Mark all bytecode as unread, unless some is marked already."""
        found = [(path, os.stat(path)) for path in _bytecode(self.root)]  # noqa: PTH116 - thousands of paths
        if not any(is_marked(status) for _, status in found):
            for path, status in found:
                mark_unread(path, status)

    def look(self) -> Mapping[str, Signature]:
        """Return the signature of all bytecode by its path: see support/fingerprint.py."""
        return {path: signature(os.lstat(path)) for path in _bytecode(self.root)}

    def store(self, before: Mapping[str, Signature]) -> None:
        """Write to the archive the bytecode that was read, and not changed, since ``before``. Raises DiskFull."""
        unchanged = (path for path, seen in self.look().items() if before.get(path) == seen)
        read = [path for path in unchanged if not is_marked(os.lstat(path))]
        files = [Path(path).relative_to(self.root) for path in read]
        if files:
            # Sorted, so that directories come before their entries.
            store_entries(
                self.root, sorted({str(entry) for file in files for entry in (file.parent, file)}), self.archive
            )


@contextmanager
def restored_bytecode(caches: Iterable[BytecodeCache]) -> Iterator[None]:
    """Unpack the kept bytecode, and after the block keep what was read of layers without kept bytecode.

    The layers must be on disk. Raises DiskFull.
    """
    empty = []
    for one in caches:
        one.put_back()
        if not one.archive.exists():
            one.mark()
            empty.append((one, one.look()))
    yield
    for one, before in empty:
        one.store(before)


def _bytecode(root: Path) -> Iterator[str]:
    for directory, _, names in os.walk(root):
        yield from (f"{directory}/{name}" for name in names if name.endswith(_SUFFIX))
