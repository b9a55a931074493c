"""Layers that are reused from the previous image, but needed on disk for a part of a build.

The lifecycle reuses a launch layer whose directory is absent, and does not restore its content (CNB spec, "Layer
Types"). So the cache layer has a copy of the content, as one file. It is unpacked into the layer's directory, without
bytecode, and removed again before the build ends.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cnb.frozen import frozen
from cnb.layers import Layers
from cnb.trees import remove
from python_buildpack.layers.cache import Cache
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stopping import cleanup_after
from python_buildpack.support.stored_tree import restore_trees, store_trees


@frozen
class StoredLayer:
    """One layer, and its content in the cache, in a file that is named by the layer's identity."""

    name: str
    root: Path
    """The directory of the content, in the layer's directory."""
    layers: Layers
    cache: Cache

    @property
    def archive(self) -> CachedFile:
        """Return the file in the cache, whether it exists or not."""
        return self.cache.file(self._file)

    def keep(self) -> None:
        """Keep the file for the next build, if it exists."""
        self.cache.keep(self._file)

    def remove(self) -> None:
        """Remove the layer's directory; its metadata stays."""
        remove(self.layers.path(self.name))

    @property
    def _file(self) -> str:
        return f"{self.name}-{self.layers.identity(self.name)[:16]}.tar.zst"


def _nothing() -> None:
    """Do nothing."""


@contextmanager
def restored_layers(
    find: Callable[[], Iterable[StoredLayer]],
    make_again: Callable[[], object],
    *,
    beside: Callable[[], object] = _nothing,
    is_changed: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Keep layers on disk within the block, and remove afterwards those that were absent before.

    ``find`` returns the layers. If the cache does not have all of them, ``make_again`` makes them, and ``find`` is
    called again. They are then exported, with equal digests, so a registry has them already. ``beside`` restores, at
    the same time, what else the block needs. If ``is_changed`` is true after the block, the layers stay. Raises
    DiskFull, and what ``make_again`` raises.
    """
    absent = [layer for layer in find() if not layer.root.exists()]

    def remove_again() -> None:
        if not is_changed():
            for layer in absent:
                layer.remove()

    with cleanup_after(remove_again):
        if not _restore(absent, beside):
            absent.clear()
            make_again()
        store_trees({layer.root: layer.archive for layer in find() if not layer.archive.exists()})
        yield


def _restore(absent: Iterable[StoredLayer], beside: Callable[[], object]) -> bool:
    """Restore these layers, and say whether all of them are there."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds restore nothing

    with ThreadPoolExecutor(max_workers=1) as thread:
        other = thread.submit(beside)
        are_there = restore_trees({layer.root: layer.archive for layer in absent})
        other.result()
    return are_there
