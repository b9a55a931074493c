"""The ``cache`` layer: a few large files that make a changed build quick. It never reaches the image."""

from pathlib import Path

from cnb.frozen import field, frozen
from cnb.layer_metadata import labelled
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes

NAME = "cache"


@frozen
class CacheKey:
    """Only the layout: what the files are is in their names."""

    layout: str = labelled("the layout of the cache", default="1")


@frozen
class Cache:
    """The files of the cache layer; those that a build did not ask for are gone after it."""

    root: Path
    wanted: set[str] = field(default_factory=set)

    def file(self, name: str) -> Path:
        """Return the path for a file of this name, whether it is there yet or not, and keep it for the next build."""
        self.wanted.add(name)
        return self.root / name

    def prune(self) -> None:
        """Remove what no part of this build asked for, so that the cache does not grow from build to build."""
        for path in self.root.iterdir():
            if path.name not in self.wanted:
                path.unlink()


def provide_cache(layers: Layers) -> Cache:
    """Return the restored cache, or an empty one."""
    layers.provide(LayerSpec(NAME, LayerTypes(cache=True), CacheKey()), lambda _: LayerContent())
    return Cache(layers.path(NAME))
