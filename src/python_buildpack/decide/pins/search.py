"""Finds the newest Python version that an app's pins support."""

from collections.abc import Collection, Mapping, Sequence

from packaging.version import Version

from python_buildpack.decide.pins.answer import Inferred
from python_buildpack.package_managers.compatibility import Table, first_break
from python_buildpack.package_managers.interface import Trial
from python_buildpack.package_managers.pinned import Pinned

OLDER = ("3.8", "3.7", "3.6")
"""Versions that are not installed any more. A pin with wheels for them only does not support newer ones."""
MAX_TRIALS = 40
"""Each takes some tenths of a second; more of them would hardly find a version."""


def infer_minor(pinned: Pinned, minors: Sequence[str], table: Table, trial: Trial) -> Inferred | None:
    """Return the newest of ``minors`` (newest first, the default at the top) that the pins support.

    None if that is the default, or if it cannot be found out. A pin that is not for a version says nothing of it. A pin
    without a wheel for any version is built from source on all of them, and has no influence; one with wheels for older
    versions only is most likely to work on the oldest of ``minors``.
    """
    chosen, because, outgrown = 0, "", ""
    ignored: set[str] = set()
    for _ in range(MAX_TRIALS):
        pins = pinned.at(minors[chosen])
        known = first_break(pins, minors[chosen], table)
        culprit = None if known else trial(_without(ignored, pins), minors[chosen])
        if known is None and culprit is None:
            newest = Inferred(minors[chosen], because) if chosen else None
            oldest = _oldest(outgrown, pinned, ignored, minors[chosen + 1 :], table, trial) if outgrown else None
            return oldest or newest
        if known is not None:
            chosen, because = chosen + 1, known
        elif culprit is not None:
            fitting = _newest_with_wheel(culprit, pinned, (*minors[chosen + 1 :], *OLDER), trial)
            ignored.add(culprit)
            if fitting in minors:
                chosen, because = minors.index(fitting), f"{culprit} {pins[culprit]} has no wheel for a newer one"
            elif fitting is not None:
                outgrown = f"{culprit} {pins[culprit]} has wheels for Python {fitting} and older only"
        if chosen >= len(minors):
            return None
    return None


def _oldest(
    outgrown: str, pinned: Pinned, ignored: Collection[str], minors: Sequence[str], table: Table, trial: Trial
) -> Inferred | None:
    """Return the oldest of the minor versions that all other pins support too."""
    for minor in reversed(minors):
        pins = pinned.at(minor)
        if first_break(pins, minor, table) is None and trial(_without(ignored, pins), minor) is None:
            return Inferred(minor, f"{outgrown}, to which this is the nearest")
    return None


def _newest_with_wheel(name: str, pinned: Pinned, minors: Sequence[str], trial: Trial) -> str | None:
    for minor in minors:
        pins = pinned.at(minor)
        if name in pins and trial({name: pins[name]}, minor) is None:
            return minor
    return None


def _without(ignored: Collection[str], pins: Mapping[str, Version]) -> dict[str, Version]:
    return {name: version for name, version in pins.items() if name not in ignored}
