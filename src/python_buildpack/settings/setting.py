"""What a setting is: one environment variable that users and platforms may give."""

from typing import Literal

from cnb.frozen import frozen

ON = ("true", "1", "yes", "on")
OFF = ("false", "0", "no", "off")
SWITCH = (*ON, *OFF)
"""The values of a setting that is a yes or no."""
RUN_TIME_PREFIX = "BPE_"
"""What the names begin with of variables that say something about the variables of containers."""
SECONDS = r"[1-9][0-9]{0,6}"
"""The pattern of a setting that is a number of seconds."""


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
    shared_aliases: tuple[str, ...] = ()
    """Such names that anything may have: a value counts only where it can be nothing else (named_folder.py)."""
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
    is_list: bool = False
    """Whether the value is a list of names, with commas or spaces between them."""
    platform_only: str = ""
    """Why the app's own pyproject.toml cannot say it, to follow "because"; empty if it can.

    An app may ask for more than the platform does, such as hashes for every package, and may choose what concerns the
    app alone. It can neither take back a protection nor say what belongs to the place where the build runs.
    """
    yields_to: str = ""
    """A setting with which the platform takes this one for itself: what the app's file says then does not count."""
    since: str = "0.1.0"
    """The first version of the buildpack that has it."""

    @property
    def names(self) -> tuple[str, ...]:
        """All variables that set it, the one with precedence first."""
        return (self.name, *self.aliases, *self.shared_aliases)

    @property
    def key(self) -> str:
        """Its name in [tool.terrarium]: BP_PYTHON_SLIM_INTERPRETER is slim-interpreter, BP_DEBUG is debug.

        BP_PYTHON_VERSION keeps the word python: version alone would be the app's.
        """
        name = self.name if self.name.endswith("_PYTHON_VERSION") else self.name.replace("BP_PYTHON_", "BP_", 1)
        return name.removeprefix("BP_").lower().replace("_", "-")
