"""What the log says of the layers at the end of a build."""

from pathlib import Path

from cnb.frozen import frozen
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes
from python_buildpack.layers.announce import new_in_image


@frozen
class Key:
    """A key."""

    version: str = "1"


def provide(layers: Layers, name: str, size: int, types: LayerTypes) -> None:
    """Provide a layer with a file of this size, and a second name for it, which an image has no second copy of."""

    def contribute(layer: Path) -> LayerContent:
        (layer / "file").write_bytes(bytes(size))
        (layer / "same").hardlink_to(layer / "file")
        return LayerContent()

    layers.provide(LayerSpec(name, types, Key()), contribute)


def test_new_layers_of_the_image_are_named_with_their_sizes(tmp_path: Path) -> None:
    """The largest first; small ones and those that are in no image are not; in the next build nothing is new."""
    for expected in (
        "3.0 MB of layers are new: python 2.0 MB, dependencies 1.0 MB",
        "All large layers are those of the previous image",
    ):
        layers = Layers(tmp_path)
        provide(layers, "dependencies", 1_000_000, LayerTypes(launch=True, cache=True))
        provide(layers, "python", 2_000_000, LayerTypes(launch=True, build=True, cache=True))
        provide(layers, "runtime", 100, LayerTypes(launch=True))
        provide(layers, "cache", 5_000_000, LayerTypes(cache=True))
        assert new_in_image(layers) == expected
