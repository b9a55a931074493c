"""An installation on an interpreter that is only good for wheels: interpreters/kept.py says what that is.

The manager may build nothing, as if the user had set BP_PYTHON_ONLY_BINARY. So no code but the installer's runs
on that interpreter. If the installation fails, for whatever reason, it is made again with the whole one.
"""

from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen, replace
from python_buildpack.package_managers.interface import InstallContext, Manager, Resolution
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished, Reporter
from python_buildpack.settings.table import ONLY_BINARY
from python_buildpack.settings.values import Settings


class WholePythonNeeded(Exception):
    """The installation did not succeed with wheels alone."""


@frozen
class _Withholding:
    """Implements ports.CommandRunner: shows the output of a program when it has succeeded, and none of a failure."""

    runner: CommandRunner
    reporter: Reporter

    def run(self, command: Command) -> Finished:
        """Run ``command``."""
        finished = self.runner.run(replace(command, show=False))
        if command.show and finished.status == 0:
            for line in finished.output.splitlines():
                self.reporter.output(line)
        return finished


def install_wheels(manager: Manager, context: InstallContext, resolution: Resolution, venv: Path) -> None:
    """Install into ``venv`` what the resolution has. Raises WholePythonNeeded; ``venv`` is then incomplete."""
    runner = _Withholding(context.runner, context.reporter)
    settings = Settings({**context.settings.env, ONLY_BINARY.name: "true"})
    trial = replace(context, runner=runner, tools=context.tools.with_runner(runner), settings=settings)
    try:
        manager.install(trial, resolution, venv)
    except BuildpackError as error:
        context.reporter.line("Not all of it can be installed from wheels, so the whole interpreter is put back")
        raise WholePythonNeeded from error
