"""The ``cache`` layer: a few large files that make a changed build fast. It is never part of the image."""

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
    "build runs, also the environment, the heavy distributions, the bytecode that was read, and collected static files",
    "nothing: each build only removes the files that it does not keep",
)


@frozen
class CacheKey:
    """Only the layout: the names of the files say what they are."""

    layout: str = labelled("the layout of the cache", default="1")


@frozen
class Cache:
    """The files of the cache layer. A file that no step of a build keeps is removed at its end."""

    root: Path
    kept: set[str] = field(default_factory=set)

    def path(self, name: str) -> Path:
        """Return the path of the file of this name, whether it exists or not."""
        return self.root / name

    def keep(self, name: str) -> Path:
        """Keep the file of this name for the next build, if it exists when this build ends; return its path."""
        self.kept.add(name)
        return self.path(name)

    def prune(self) -> None:
        """Remove the files that no step of this build keeps, so that the cache does not grow from build to build."""
        for path in self.root.iterdir():
            if path.name not in self.kept:
                path.unlink()


def provide_cache(layers: Layers) -> Cache:
    """Return the restored cache, or an empty one."""
    layers.provide(LayerSpec(NAME, LayerTypes(cache=True), CacheKey()), lambda _: LayerContent())
    return Cache(layers.path(NAME))
