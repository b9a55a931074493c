"""The newest Python that an app's pins still run on, where the app names none."""

from collections.abc import Callable, Mapping, Sequence

from packaging.version import Version

from cnb.records import record
from python_buildpack.frozen.table import Table, first_break

Trial = Callable[[Mapping[str, Version], str], str | None]
"""Asks the package index whether all these pins have a release for a minor version that needs no compiling.

Returns the name of one that has not, or None if all have (or if the index gives no clear answer).
"""

MAX_TRIALS = 40
"""Each takes a few tenths of a second; an app that needs more of them has no good answer."""


@record
class Inferred:
    """A minor version, and the pin that rules out newer ones."""

    minor: str
    because: str


def infer_minor(pins: Mapping[str, Version], minors: Sequence[str], table: Table, trial: Trial) -> Inferred | None:
    """Return the newest of ``minors`` (newest first, the default at the top) that the pins run on.

    None where that is the default, or where nothing can be told. A pin that has a wheel on no version at all is built
    from source wherever it goes, and decides nothing.
    """
    chosen, because = 0, ""
    open_pins = dict(pins)
    for _ in range(MAX_TRIALS):
        known = first_break(pins, minors[chosen], table)
        culprit = None if known else trial(open_pins, minors[chosen])
        if known is None and culprit is None:
            return Inferred(minors[chosen], because) if chosen else None
        if known is not None:
            chosen, because = chosen + 1, known
        elif culprit is not None:
            fitting = _newest_with_wheel(culprit, open_pins, minors[chosen + 1 :], trial)
            pinned = open_pins.pop(culprit)
            if fitting is not None:
                chosen = minors.index(fitting)
                because = f"{culprit} {pinned} has no wheel for a newer one"
        if chosen >= len(minors):
            return None
    return None


def _newest_with_wheel(name: str, pins: Mapping[str, Version], minors: Sequence[str], trial: Trial) -> str | None:
    alone = {name: pins[name]}
    return next((minor for minor in minors if trial(alone, minor) is None), None)
