"""Keeps the layers that a build exports as they were made, while the app's own code runs."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from cnb.layers import Reused
from python_buildpack.layers.stored import StoredLayer
from python_buildpack.layers.watch import LayerChanged, WatchedLayer
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.support.stored_tree import NotStored, restore_tree


def never() -> bool:
    """Return False."""
    return False


@contextmanager
def unchanged_layers(
    step: str,
    stored: Iterable[StoredLayer],
    compile_again: Callable[[StoredLayer], object],
    reporter: Reporter,
    is_kept: Callable[[], bool] = never,
) -> Iterator[None]:
    """Undo after the block what ``step`` (for the log) has changed in the stored layers.

    Layers that are on disk for this build only are left as they are: they are removed at its end. All others have a
    copy in the cache, from before the block. ``compile_again`` makes the bytecode of one that is restored from it.
    Nothing is undone if ``is_kept`` is true after the block: then the caller makes the layers anew of what is there.
    Raises BuildpackError.
    """
    watched = []
    for layer in stored:
        state = layer.layers.provided[layer.name]
        if layer.root.exists() and (not isinstance(state, Reused) or state.present):
            tree = WatchedLayer(layer.layers.path(layer.name), layer.root.name, reporter)
            tree.written()
            watched.append((layer, tree))
    yield

    def make_again(layer: StoredLayer) -> None:
        if isinstance(restore_tree(layer.archive, layer.root), NotStored):
            raise LayerChanged(
                f"{step} changed the layer {layer.name}, and its copy in the cache.",
                "Find the code that writes there; it belongs to the app or to one of its packages.",
            )
        compile_again(layer)

    if is_kept():
        return
    for layer, tree in watched:
        tree.undo_changes(step, lambda layer=layer: make_again(layer))  # type: ignore[misc]
