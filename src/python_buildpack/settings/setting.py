"""What a setting is: one environment variable that users and platforms may give."""

from typing import Literal

from cnb.frozen import frozen

ON = ("true", "1", "yes", "on")
OFF = ("false", "0", "no", "off")
SWITCH = (*ON, *OFF)
"""The values of a setting that is a yes or no."""


@frozen
class Setting:
    """One environment variable that we read."""

    name: str
    phase: Literal["build", "launch"]
    default: str
    """What happens without it, in words."""
    meaning: str
    aliases: tuple[str, ...] = ()
    """Names that other buildpacks and tools use for the same thing; the first one set wins, ours first of all."""
    values: tuple[str, ...] = ()
    """All values that are allowed, whatever their case; empty where they cannot be listed."""
    pattern: str = ""
    """A regular expression for the whole value, whatever its case, where they cannot be listed."""
    form: str = ""
    """The same in words, which follow "has to be"."""
    means_python: bool = False
    """Whether nobody sets it for an app of another language, so that it makes a directory a Python app.

    What a platform sets for all apps, such as a mirror, an inventory or the level of the log, says nothing of this one.
    """
