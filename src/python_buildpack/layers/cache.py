"""The ``cache`` layer: a few large files that make a changed build quick. It never reaches the image."""

from pathlib import Path

from cnb.frozen import field, frozen
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes
from python_buildpack.layers.info import LayerInfo

NAME = "cache"

INFO = LayerInfo(
    NAME,
    "cache",
    "the interpreter's archive; wheels that were compiled; metadata of heavy distributions; for apps whose code the "
    "build runs also the environment, the heavy distributions, the bytecode that was read of them, and collected files",
    "never as a whole: each build removes the files that it does not keep",
)


@frozen
class CacheKey:
    """Only the layout: what the files are is in their names."""

    layout: str = labelled("the layout of the cache", default="1")


@frozen
class Cache:
    """The files of the cache layer. Those that no part of a build keeps are gone after it."""

    root: Path
    kept: set[str] = field(default_factory=set)

    def path(self, name: str) -> Path:
        """Return the path of the file of this name, whether it is there or not."""
        return self.root / name

    def keep(self, name: str) -> Path:
        """Let the next build have the file of this name, if it is there when this one ends; return its path."""
        self.kept.add(name)
        return self.path(name)

    def prune(self) -> None:
        """Remove what no part of this build keeps, so that the cache does not grow from build to build."""
        for path in self.root.iterdir():
            if path.name not in self.kept:
                path.unlink()


def provide_cache(layers: Layers) -> Cache:
    """Return the restored cache, or an empty one."""
    layers.provide(LayerSpec(NAME, LayerTypes(cache=True), CacheKey()), lambda _: LayerContent())
    return Cache(layers.path(NAME))
