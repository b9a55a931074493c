"""The values that settings have in one build."""

from collections.abc import Mapping

from cnb.frozen import frozen
from python_buildpack.settings.table import DEPENDENCY_MIRROR, SETTINGS, Setting


@frozen
class Value:
    """A setting's value and the name of the variable that it came from."""

    text: str
    origin: str


@frozen
class Settings:
    """The settings of one build."""

    env: Mapping[str, str]

    def get(self, setting: Setting) -> Value | None:
        """Return the value given for ``setting``, or None; white space around it and empty values do not count."""
        for name in (setting.name, *setting.aliases):
            text = self.env.get(name, "").strip()
            if text:
                return Value(text, name)
        return None

    def is_on(self, setting: Setting, *, default: bool) -> bool:
        """Return a setting that is a yes or no; anything that is neither counts as the default."""
        value = self.get(setting)
        match value.text.lower() if value else None:
            case "1" | "true" | "yes" | "on":
                return True
            case "0" | "false" | "no" | "off":
                return False
            case _:
                return default

    def names(self, setting: Setting) -> tuple[str, ...]:
        """Return a setting that is a list: the words between commas and white space, each once, in their order."""
        value = self.get(setting)
        return tuple(dict.fromkeys(value.text.replace(",", " ").split())) if value else ()


def near_misses(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return (name given, name probably meant) for BP_* variables that look like misspelt ones of ours."""
    known = {name for setting in SETTINGS if setting.phase == "build" for name in (setting.name, *setting.aliases)}
    ours = (name for name in env if name.startswith("BP_") and not name.startswith(f"{DEPENDENCY_MIRROR.name}_"))
    unknown = sorted(set(ours) - known)
    if not unknown:
        return ()
    from difflib import get_close_matches  # noqa: PLC0415 - most builds have no use for this

    return tuple(
        (name, match) for name in unknown for match in get_close_matches(name, sorted(known), n=1, cutoff=0.85)
    )
