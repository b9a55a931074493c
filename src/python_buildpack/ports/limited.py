"""Programs that may run for a limited time, as a setting says; without it, for any time."""

import time

from cnb.errors import BuildpackError
from cnb.frozen import replace
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.values import Settings

_LEAST = 0.1


class TimeLimitReached(BuildpackError):
    """A step of the build took longer than a setting allows, and was ended.

    An index may send its files slowly for ever, and a script of the app may wait for what does not come.
    """

    code = "time-limit-reached"
    title = "A step of the build took longer than it may"
    remedies = ("variable",)


class LimitedRunner:
    """Implements interfaces.CommandRunner: each command has a time limit, or all of them together have one."""

    def __init__(self, runner: CommandRunner, seconds: float, error: TimeLimitReached, *, together: bool) -> None:
        self._runner = runner
        self._seconds = seconds
        self._error = error
        self._together = together
        self._used = 0.0

    def run(self, command: Command) -> Finished:
        """Run ``command``. Raises TimeLimitReached, with the program ended."""
        began = time.monotonic()
        finished = self._runner.run(replace(command, seconds=max(_LEAST, self._seconds - self._used)))
        if self._together:
            self._used += time.monotonic() - began
        if finished.timed_out:
            raise self._error
        return finished


def limited(
    runner: CommandRunner, settings: Settings, setting: Setting, what: str, *, together: bool = False
) -> CommandRunner:
    """Return ``runner`` with the limit of a setting, if it is set. ``what`` names in the error what took so long."""
    value = settings.get(setting)
    if value is None:
        return runner
    error = TimeLimitReached(
        f"{what} took longer than {value.text} s, which is the limit that {value.origin} sets.",
        f"What it printed last is above. Give it more time by {value.origin}, or remove what it waits for.",
    )
    return LimitedRunner(runner, float(value.text), error, together=together)
