"""Logs what is going to happen to a layer, and then provides it: these are the longest steps of a build."""

from typing import assert_never

from cnb.layer_metadata import key_strings
from cnb.layers import Contribute, Create, Layers, LayerSpec, Rebuild, Reuse, State
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.ports.interfaces import Reporter

_LONGEST = 100
"""Characters of a part of a key that are shown."""
_LISTED = 100
"""Packages that are named after a first installation; the bill of materials has them all."""
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
    _say_key(layers, spec, reporter)
    return layers.provide(spec, contribute)


def _say_key(layers: Layers, spec: LayerSpec, reporter: Reporter) -> None:
    """Say what decides the layer's content, and what that was for the content of the previous image."""
    recorded = layers.restored_key(spec.name)
    for name, value in key_strings(spec.key).items():
        before = recorded.get(name)
        was = "" if before == value else f", was {_short(before)}" if before is not None else ", was not recorded"
        reporter.detail(f"layer {spec.name}, key {name} = {_short(value)}{was}")


def _short(value: str) -> str:
    text = value.replace("\n", "; ")
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ...")


def report_installed(installed: InstalledDistributions, earlier: InstalledDistributions, reporter: Reporter) -> None:
    """Log how many distributions there are, and what differs from the previous image, if there was one."""
    number = len(installed.names)
    if not number and not earlier.names:
        return
    changes = installed.changes_since(earlier) if earlier.names else ()
    packages = "1 package" if number == 1 else f"{number} packages"
    if not earlier.names:
        names = ", ".join(
            f"{name} {version or ''}".rstrip() for name, version in sorted(installed.versions.items())[:_LISTED]
        )
        more = f" and {number - _LISTED} more" if number > _LISTED else ""
        reporter.line(f"{packages}: {names}{more}")
        return
    reporter.line(f"{packages}{f', {len(changes)} changed since the previous image:' if changes else ''}")
    for line in changes[:_SHOWN]:
        reporter.line(f"  {line}")
    if len(changes) > _SHOWN:
        reporter.line(f"  and {len(changes) - _SHOWN} more")
