"""The values that settings have in one build."""

from collections.abc import Mapping

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.settings.declared import NOTHING, TABLE, Declared, Value, allowed_words, is_allowed
from python_buildpack.settings.setting import OFF, ON, Setting
from python_buildpack.settings.table import PROCESS_PREFIX, SETTINGS, START_COMMAND

WEB = "web"
"""The type of the process that a command without a type is for."""


class SettingInvalid(BuildpackError):
    """Settings have values that they cannot have. All of them are named, each with the values that are allowed."""

    code = "setting-invalid"
    title = "A setting has a value that is not allowed"
    remedies = ("variable",)


@frozen
class Settings:
    """The settings of one build: the platform's variables, and where they are unset what the app's file says."""

    env: Mapping[str, str]
    declared: Declared = NOTHING

    def get(self, setting: Setting) -> Value | None:
        """Return the value given for ``setting``, or None; white space around it and empty values do not count."""
        for name in (setting.name, *setting.aliases):
            text = self.env.get(name, "").strip()
            if text:
                return Value(text, name)
        return None if self._is_taken(setting) else self.declared.values.get(setting.name)

    def _is_taken(self, setting: Setting) -> bool:
        """Return whether the platform has set what keeps the app from saying this one."""
        return bool(setting.yields_to and self.env.get(setting.yields_to, "").strip())

    def commands(self) -> dict[str, Value]:
        """Return the commands of processes by type: those of variables, then those of the app's file.

        The type is the end of the variable's name in lower case, with ``-`` for ``_``: BP_PYTHON_PROCESS_SEND_MAIL is
        send-mail. BP_PYTHON_PROCESS_WEB has precedence over BP_START_COMMAND, which does not name its type; so has
        ``processes.web`` over ``start-command``, as long as the platform sets none of the variables.
        """
        start = self.get(START_COMMAND)
        found = {WEB: start} if start is not None else {}
        if start is None or start is self.declared.values.get(START_COMMAND.name):
            found |= self.declared.processes
        else:
            found |= {kind: value for kind, value in self.declared.processes.items() if kind != WEB}
        for name in sorted(name for name in self.env if name.startswith(PROCESS_PREFIX) and name != PROCESS_PREFIX):
            if command := self.env[name].strip():
                found[name.removeprefix(PROCESS_PREFIX).lower().replace("_", "-")] = Value(command, name)
        return found

    def given(self) -> tuple[tuple[str, Value], ...]:
        """Return all settings of the build that are given, each with its name, and where it is from."""
        plain = ((one, self.get(one)) for one in SETTINGS if one.phase == "build" and one is not START_COMMAND)
        found = [(one.name, value) for one, value in plain if value is not None]
        return (*found, *((f"{PROCESS_PREFIX}{kind}", value) for kind, value in self.commands().items()))

    def declared_lines(self) -> tuple[str, ...]:
        """Return a line for each setting of the app's file: its value, or that the platform's variables replace it."""
        if self.declared == NOTHING:
            return ()
        used = {value.origin for _, value in self.given()}
        settings = (*self.declared.values.values(), *self.declared.processes.values())
        replaced = "not used, because the build's environment says otherwise"
        return tuple(f"{one.origin}: {one.text if one.origin in used else replaced}" for one in settings)

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
        given = ((one, Settings(self.env).get(one)) for one in checked)
        wrong = [(setting, value) for setting, value in given if value and not is_allowed(setting, value.text)]
        lines = [f"{value.origin} is {value.text}, but has to be {allowed_words(setting)}." for setting, value in wrong]
        cures = []
        if wrong:
            names = ", ".join(value.origin for _, value in wrong)
            cures.append(f"Correct {names} in the build's environment, or remove it.")
        if self.declared.wrong:
            cures.append(f"Correct {TABLE}; docs/configuration.md has its keys.")
        if cures:
            raise SettingInvalid("\n".join((*lines, *self.declared.wrong)), " ".join(cures))
