"""Logs what is going to happen to a layer, and then provides it: these are the longest steps of a build."""

import time
from typing import assert_never

from cnb.layers import Contribute, Create, Layers, LayerSpec, Rebuild, Reuse, State
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.ports.interfaces import Reporter
from python_buildpack.support.tree_size import tree_size

_WORTH_REPORTING = 0.2
"""Seconds: what took less is not timed in the log."""
_WORTH_NAMING = 50_000
"""Bytes: a smaller layer makes no difference to anybody."""
_NAMED_LAYERS = 5
_SHOWN = 20
"""Changed packages that are named."""


def provide(layers: Layers, spec: LayerSpec, contribute: Contribute, reporter: Reporter) -> State:
    """Log whether the layer is created, reused or rebuilt; then provide it. Raises what ``contribute`` raises."""
    match layers.decide(spec):
        case Create():
            reporter.line("Installing")
        case Reuse():
            reporter.line("Reused (nothing changed)")
        case Rebuild(reasons):
            reporter.line(f"Rebuilding, because {'; '.join(reasons)}")
        case other:
            assert_never(other)
    began = time.monotonic()
    state = layers.provide(spec, contribute)
    seconds = time.monotonic() - began
    if seconds >= _WORTH_REPORTING:
        reporter.line(f"Done in {seconds:.1f} s")
    return state


def new_in_image(layers: Layers) -> str:
    """Return which layers of the image are new, with their sizes before compression, the largest first."""
    sizes = {name: tree_size(layers.path(name)) for name in layers.made_for_launch()}
    large = {name: size for name, size in sizes.items() if size >= _WORTH_NAMING}
    if not large:
        return "All large layers are those of the previous image"
    most = sorted(large, key=lambda name: (-large[name], name))
    named = ", ".join(f"{name} {_megabytes(large[name])}" for name in most[:_NAMED_LAYERS])
    more = f" and {len(most) - _NAMED_LAYERS} more" if len(most) > _NAMED_LAYERS else ""
    return f"{_megabytes(sum(sizes.values()))} of layers are new: {named}{more}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def report_installed(installed: InstalledDistributions, earlier: InstalledDistributions, reporter: Reporter) -> None:
    """Log how many distributions there are, and what differs from the previous image, if there was one."""
    number = len(installed.names)
    if not number and not earlier.names:
        return
    changes = installed.changes_since(earlier) if earlier.names else ()
    packages = "1 package" if number == 1 else f"{number} packages"
    reporter.line(f"{packages}{f', {len(changes)} changed since the previous image:' if changes else ''}")
    for line in changes[:_SHOWN]:
        reporter.line(f"  {line}")
    if len(changes) > _SHOWN:
        reporter.line(f"  and {len(changes) - _SHOWN} more")
