"""The newest Python that an app's pins still run on, where the app names none."""

from collections.abc import Mapping, Sequence

from packaging.version import Version

from python_buildpack.decide.pins.answer import Inferred
from python_buildpack.package_managers.compatibility import Table, first_break
from python_buildpack.package_managers.interface import Trial

OLDER = ("3.8", "3.7", "3.6")
"""Versions that no app is given any more. A pin with wheels for them only was not made for what came after."""
MAX_TRIALS = 40
"""Each takes a few tenths of a second; an app that needs more of them has no good answer."""


def infer_minor(pins: Mapping[str, Version], minors: Sequence[str], table: Table, trial: Trial) -> Inferred | None:
    """Return the newest of ``minors`` (newest first, the default at the top) that the pins run on.

    None where that is the default, or where nothing can be told. A pin that has a wheel on no version at all is built
    from source wherever it goes, and decides nothing; one that has wheels for older versions only has the best chance
    on the oldest of ``minors``.
    """
    chosen, because, outgrown = 0, "", ""
    open_pins = dict(pins)
    for _ in range(MAX_TRIALS):
        known = first_break(pins, minors[chosen], table)
        culprit = None if known else trial(open_pins, minors[chosen])
        if known is None and culprit is None:
            newest = Inferred(minors[chosen], because) if chosen else None
            return (_oldest(outgrown, open_pins, minors[chosen + 1 :], table, trial) if outgrown else None) or newest
        if known is not None:
            chosen, because = chosen + 1, known
        elif culprit is not None:
            fitting = _newest_with_wheel(culprit, open_pins, (*minors[chosen + 1 :], *OLDER), trial)
            pinned = open_pins.pop(culprit)
            if fitting in minors:
                chosen, because = minors.index(fitting), f"{culprit} {pinned} has no wheel for a newer one"
            elif fitting is not None:
                outgrown = f"{culprit} {pinned} has wheels for Python {fitting} and older only"
        if chosen >= len(minors):
            return None
    return None


def _oldest(
    outgrown: str, pins: Mapping[str, Version], minors: Sequence[str], table: Table, trial: Trial
) -> Inferred | None:
    """Return the oldest of the minor versions that all the other pins run on too."""
    for minor in reversed(minors):
        if first_break(pins, minor, table) is None and trial(pins, minor) is None:
            return Inferred(minor, f"{outgrown}, to which this is the nearest")
    return None


def _newest_with_wheel(name: str, pins: Mapping[str, Version], minors: Sequence[str], trial: Trial) -> str | None:
    alone = {name: pins[name]}
    return next((minor for minor in minors if trial(alone, minor) is None), None)
