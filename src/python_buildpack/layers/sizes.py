"""How large the image is, as far as a buildpack can know it: its layers, and what was uploaded; for the end of the log.

A layer that is reused is not on disk, so its size is kept in store.toml from the build that made it. Sizes are those
as tree_size.py counts them. What the run image and other buildpacks add is not known.
"""

from collections.abc import Iterator, Mapping

from cnb.frozen import frozen
from cnb.layers import Layers
from python_buildpack.support.tree_size import megabytes, tree_size

SIZES = "layer-sizes"
"""The name in store.toml of a table: bytes, in digits, by the layer's name."""
_WORTH_NAMING = 50_000
"""Bytes: a smaller layer makes no difference to anybody."""
_NAMED_LAYERS = 5


@frozen
class LayerSizes:
    """The bytes of the layers that are in the image."""

    made: Mapping[str, int]
    """Those that this build made."""
    kept: Mapping[str, int]
    """Those of the previous image."""
    is_complete: bool
    """Whether all sizes are known: an earlier version of the buildpack did not keep them."""

    @property
    def known(self) -> Mapping[str, int]:
        """Return the bytes of each layer whose size is known."""
        return {**self.made, **self.kept}

    @property
    def remembered(self) -> dict[str, object]:
        """Return what the next build needs of it, for store.toml."""
        return {SIZES: {name: str(size) for name, size in sorted(self.known.items())}}


def layer_sizes(layers: Layers, store: Mapping[str, object]) -> LayerSizes:
    """Return the sizes of the image's layers; ``store`` is what the previous build stored."""
    recorded = store.get(SIZES)
    known = {name: int(text) for name, text in recorded.items() if _is_size(text)} if isinstance(recorded, dict) else {}
    made = {name: tree_size(layers.path(name)) for name in layers.made_for_launch()}
    others = [name for name in layers.provided_for_launch() if name not in made]
    kept = {name: known[name] for name in others if name in known}
    return LayerSizes(made, kept, len(kept) == len(others))


def size_lines(sizes: LayerSizes, app: int) -> Iterator[str]:
    """Yield which layers this build made, the largest first, and how large the image is; ``app`` are its bytes."""
    large = {name: size for name, size in sizes.made.items() if size >= _WORTH_NAMING}
    if large:
        most = sorted(large, key=lambda name: (-large[name], name))
        named = ", ".join(f"{name} {megabytes(large[name])}" for name in most[:_NAMED_LAYERS])
        more = f" and {len(most) - _NAMED_LAYERS} more" if len(most) > _NAMED_LAYERS else ""
        yield f"Made in this build: {megabytes(sum(sizes.made.values()))} ({named}{more})"
    else:
        yield "All large layers are those of the previous image"
    layers = sum(sizes.made.values()) + sum(sizes.kept.values())
    at_least = "" if sizes.is_complete else "at least "
    parts = f"layers {megabytes(layers)}, the app {megabytes(app)}"
    yield f"Added to the run image: {at_least}{megabytes(layers + app)} in all ({parts})"


def _is_size(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < len(str(1 << 64))
