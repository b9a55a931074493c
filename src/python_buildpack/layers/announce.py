"""Logs what is going to happen to a layer, and then provides it: these are the longest steps of a build."""

from typing import assert_never

from cnb.layers import Contribute, Create, Layers, LayerSpec, Rebuild, Reuse, State
from python_buildpack.ports.interfaces import Reporter


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
    return layers.provide(spec, contribute)
