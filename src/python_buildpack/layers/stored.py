"""Layers that are reused from the previous image, and yet needed on disk for a part of a build.

The lifecycle reuses a launch layer whose directory is absent, and restores nothing of it (CNB spec, "Layer Types"). So
the cache layer has the content a second time, as one file. It is unpacked to where the layer will be, without bytecode,
and removed again before the build ends.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cnb.frozen import frozen
from cnb.layers import Layers
from cnb.trees import remove
from python_buildpack.layers.cache import Cache
from python_buildpack.support.stopping import cleanup_after
from python_buildpack.support.stored_tree import restore_trees, store_trees


@frozen
class StoredLayer:
    """One layer, and its content in the cache, which is known by the layer's key."""

    name: str
    root: Path
    """The directory of the content, which is in the layer's directory."""
    layers: Layers
    cache: Cache

    @property
    def archive(self) -> Path:
        """Return the file of the cache, whether it is there or not."""
        return self.cache.path(self._file)

    def keep(self) -> None:
        """Let the next build have the file, if it is there."""
        self.cache.keep(self._file)

    def remove(self) -> None:
        """Remove the layer's directory; what is recorded of the layer stays."""
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
    """Have layers on disk for a block, and remove after it those that were not there before.

    ``find`` returns the layers, which may be others after ``make_again`` was called: that is for a cache that has not
    all of them. They are then exported, with equal digests, so a registry has them already. ``beside`` puts on disk
    what else the block needs, at the same time: both are mostly the system's work. If ``is_changed`` is true after the
    block, the layers stay. Raises DiskFull, and what ``make_again`` raises.
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
    """Put these layers on disk, and say whether all are there."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds restore nothing

    with ThreadPoolExecutor(max_workers=1) as thread:
        other = thread.submit(beside)
        are_there = restore_trees({layer.root: layer.archive for layer in absent})
        other.result()
    return are_there
