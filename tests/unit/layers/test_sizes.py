"""What the log says of the layers at the end of a build."""

from collections.abc import Mapping
from pathlib import Path

from cnb.frozen import frozen
from cnb.layers import LayerContent, Layers, LayerSpec, LayerTypes
from python_buildpack.layers.sizes import SIZES, layer_sizes, size_lines


@frozen
class Key:
    """A key."""

    version: str = "1"


def provide(layers: Layers, name: str, size: int, types: LayerTypes) -> None:
    """Provide a layer with a file of this size, and a second name for it, which is packed as a second copy."""

    def contribute(layer: Path) -> LayerContent:
        (layer / "file").write_bytes(bytes(size))
        (layer / "same").hardlink_to(layer / "file")
        return LayerContent()

    layers.provide(LayerSpec(name, types, Key()), contribute)


def test_the_layers_of_the_image_are_summed_up(tmp_path: Path) -> None:
    """The largest of those that were made first, without small ones and those in no image; then all, with the app.

    The next build makes nothing, and knows the sizes from the one before.
    """
    store: Mapping[str, object] = {}
    for made in (
        "Made in this build: 6.0 MB (python 4.0 MB, dependencies 2.0 MB)",
        "All large layers are those of the previous image",
    ):
        layers = Layers(tmp_path)
        provide(layers, "dependencies", 1_000_000, LayerTypes(launch=True, cache=True))
        provide(layers, "python", 2_000_000, LayerTypes(launch=True, build=True, cache=True))
        provide(layers, "runtime", 100, LayerTypes(launch=True))
        provide(layers, "cache", 5_000_000, LayerTypes(cache=True))
        sizes = layer_sizes(layers, store)
        store = sizes.remembered
        assert list(size_lines(sizes, 500)) == [
            made,
            "Added to the run image: 6.0 MB in all (layers 6.0 MB, the app 0.5 kB)",
        ]


def test_sizes_that_nobody_has_kept_are_not_made_up(tmp_path: Path) -> None:
    """As after a build of an earlier version; a store that was damaged counts as one without sizes."""
    for store in ({}, {SIZES: {"python": "x"}}, {SIZES: "1"}):
        provide(Layers(tmp_path), "python", 2_000_000, LayerTypes(launch=True))
        layers = Layers(tmp_path)
        provide(layers, "python", 2_000_000, LayerTypes(launch=True))
        *_, all_of_it = size_lines(layer_sizes(layers, store), 500_000)
        assert all_of_it.startswith("Added to the run image: at least 0.5 MB")
