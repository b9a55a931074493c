"""The values that settings have in one build."""

import re
from collections.abc import Mapping

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.settings.setting import OFF, ON, Setting
from python_buildpack.settings.table import SETTINGS


class SettingInvalid(BuildpackError):
    """Settings have values that they cannot have. All of them are named, each with the values that are allowed."""

    code = "setting-invalid"
    title = "A setting has a value that is not allowed"


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
        """Return a setting that is a yes or no; ``check`` has refused what is neither."""
        value = self.get(setting)
        text = value.text.lower() if value else None
        return text in ON or (default and text not in OFF)

    def names(self, setting: Setting) -> tuple[str, ...]:
        """Return a setting that is a list: the words between commas and white space, each once, in their order."""
        value = self.get(setting)
        return tuple(dict.fromkeys(value.text.replace(",", " ").split())) if value else ()

    def check(self) -> None:
        """Raise SettingInvalid for values of build settings that are not allowed; the message names all of them."""
        checked = (one for one in SETTINGS if one.phase == "build" and (one.values or one.pattern))
        given = ((setting, self.get(setting)) for setting in checked)
        wrong = [(setting, value) for setting, value in given if value and not _is_allowed(setting, value)]
        if wrong:
            lines = (f"{value.origin} is {value.text}, but has to be {_listed(setting)}." for setting, value in wrong)
            names = ", ".join(value.origin for _, value in wrong)
            raise SettingInvalid("\n".join(lines), f"Correct {names} in the build's environment, or remove it.")


def _is_allowed(setting: Setting, value: Value) -> bool:
    if setting.pattern:
        return re.fullmatch(setting.pattern, value.text, re.IGNORECASE) is not None
    return value.text.lower() in {allowed.lower() for allowed in setting.values}


def _listed(setting: Setting) -> str:
    if setting.form:
        return setting.form
    *others, last = setting.values
    return f"{', '.join(others)} or {last}"
