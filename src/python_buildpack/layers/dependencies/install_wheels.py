"""An installation on an interpreter that is only good for wheels: interpreters/kept.py says what that is.

The manager may build nothing, as if the user had set BP_PYTHON_ONLY_BINARY. If the installation fails, for whatever
reason, or has built something all the same, it is made again with the whole one: what is built without the headers of
Python may lack its extension modules, silently. uv builds editable projects although it may build nothing;
pip, Poetry and PDM build whatever the app names by a directory or an address, so they are not even started.
"""

from collections.abc import Callable
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen, replace
from python_buildpack.installed.dist_info import DirectUrl, DistInfo, read_dist_infos, site_packages
from python_buildpack.package_managers.interface import InstallContext, Manager, Resolution
from python_buildpack.ports.condensed import show_condensed
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished, Reporter
from python_buildpack.ports.limited import TimeLimitReached
from python_buildpack.settings.table import ONLY_BINARY
from python_buildpack.tools.pinned import AskedTools, PinnedTool


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
            show_condensed(finished.output.splitlines(), self.reporter.output)
        return finished


def _needs_uv_only(reporter: Reporter) -> Callable[[PinnedTool], None]:
    """Return what is asked before another installer than uv starts: it raises WholePythonNeeded."""

    def refuse(tool: PinnedTool) -> None:
        reporter.line(f"{tool.name} may build from source, so the whole interpreter is put back")
        raise WholePythonNeeded

    return refuse


def install_wheels(manager: Manager, context: InstallContext, resolution: Resolution, venv: Path) -> None:
    """Install into ``venv`` what the resolution has.

    Raises WholePythonNeeded; ``venv`` is then to be made anew. Raises TimeLimitReached.
    """
    runner = _Withholding(context.runner, context.reporter)
    settings = replace(context.settings, env={**context.settings.env, ONLY_BINARY.name: "true"})
    trial = replace(
        context, runner=runner, tools=AskedTools(context.tools, _needs_uv_only(context.reporter)), settings=settings
    )
    try:
        manager.install(trial, resolution, venv)
    except TimeLimitReached:
        # There is no time for another one.
        raise
    except BuildpackError as error:
        context.reporter.line("Not all of it can be installed from wheels, so the whole interpreter is put back")
        raise WholePythonNeeded from error
    if any(map(_is_built, read_dist_infos(site_packages(venv)))):
        context.reporter.line("A project was built from its directory, so the whole interpreter is put back")
        raise WholePythonNeeded


def _is_built(found: DistInfo) -> bool:
    origin = found.direct_url()
    return isinstance(origin, DirectUrl) and origin.is_directory
