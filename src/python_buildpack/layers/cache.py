"""Layers of a few large files that make a changed build fast. They are never part of the image.

The metadata of such a layer has the digest of each file: see support/cached_files.py. There are three, this one,
cached_base.py and cached_python.py: a cache in a registry is written by the layer, and what hardly ever changes is not
to be written again with what changes often.
"""

from collections.abc import Callable, MutableMapping
from pathlib import Path

from cnb.frozen import field, frozen
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes
from cnb.trees import make_directory, remove
from python_buildpack.layers.info import LayerInfo
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.growing_file import GrowingFile

NAME = "cache"

INFO = LayerInfo(
    NAME,
    "cache",
    "wheels that were compiled, and small ones that were downloaded; metadata of heavy "
    "distributions; bytecode of packages; for apps whose code the build runs, also the environment, the heavy "
    "distributions, the bytecode that was read, and collected static files",
    "nothing: each build only removes the files that it does not keep",
)


@frozen
class CacheKey:
    """Only the layout: the names of the files say what they are, and digests in the metadata whether they are that."""

    layout: str = labelled("the layout of the cache", default="2")


@frozen
class Cache:
    """The files of one such layer. A file that no step of a build keeps is removed at its end."""

    layers: Layers
    digests: MutableMapping[str, str]
    """The sha256 of each file, as it was written by this build or by an earlier one."""
    report: Callable[[str], None]
    kept: set[str] = field(default_factory=set)
    name: str = NAME

    @property
    def root(self) -> Path:
        """Return the directory of the files."""
        return self.layers.path(self.name)

    def file(self, name: str) -> CachedFile:
        """Return the file of this name, whether it exists or not."""
        return CachedFile(self.root / name, self.digests, self.report)

    def keep(self, name: str) -> CachedFile:
        """Keep the file of this name for the next build, if it exists when this build ends; return it."""
        self.kept.add(name)
        return self.file(name)

    def prune(self) -> None:
        """Remove the files that no step of this build keeps, and record the digests of the others.

        So the cache does not grow from build to build. A layer without files is left out of it. Raises
        FileNotWritten.
        """
        # What the end of a build adds comes into the first one.
        if self.name != NAME and not any(self.file(name).exists() for name in self.kept):
            self.layers.forget(self.name)
            return
        if self.root.is_symlink() or not self.root.is_dir():
            # A program of the build replaced it.
            remove(self.root)
            make_directory(self.root)
        for path in list(self.root.iterdir()):
            if path.name not in self.kept or path.is_symlink() or not path.is_file():
                remove(path)
        self.record()

    def record(self) -> None:
        """Record the digests of the files that are kept: also of those that are written when the build ends."""
        kept = {name: digest for name, digest in sorted(self.digests.items()) if name in self.kept}
        self.layers.describe(self.name, {name: digest for name, digest in kept.items() if self.file(name).exists()})


def growing_file(name: str, base: Cache, added: Cache) -> GrowingFile:
    """Keep the two files of what grows, most of it in the layer ``base``, for the next build; return them."""
    return GrowingFile(base.keep(f"{name}.tar.zst"), added.keep(f"{name}-added.tar.zst"))


def provide_cache(layers: Layers, report: Callable[[str], None], name: str = NAME) -> Cache:
    """Return the restored files, or none. ``report`` gets a line for each file that is thrown away."""
    state = layers.provide(LayerSpec(name, LayerTypes(cache=True), CacheKey()), lambda _: LayerContent())
    return Cache(layers, dict(state.metadata), report, name=name)
