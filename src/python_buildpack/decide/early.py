"""What the app's files and the settings show to be wrong before anything is downloaded: all of it at once.

Here is what a later step would find, after the download of Python and of packages. In an app with hooks, which may
write these files, it is left to that step.
"""

from collections.abc import Callable, Iterator, Mapping

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.hook_files import HOOKS
from python_buildpack.app.project import Project
from python_buildpack.decide.process_plan.given_commands import given_commands
from python_buildpack.decide.process_plan.procfile_text import FILE, parse_procfile
from python_buildpack.package_managers.interface import Manager
from python_buildpack.settings.values import Settings


@frozen
class KnownEarly:
    """Implements interface.Given."""

    project: Project
    settings: Settings
    python_version: str = ""
    python_because: str = ""

    @property
    def env(self) -> Mapping[str, str]:
        """Return all variables of the build: what is unset there no later step has."""
        return self.settings.env


def early_errors(known: KnownEarly, manager: Manager | None) -> tuple[BuildpackError, ...]:
    """Return what is wrong with the commands of processes and with the files of the package manager, if it is known."""
    return tuple(_errors(known, manager))


def together(errors: tuple[BuildpackError, ...]) -> BuildpackError:
    """Return the first error, which shows the others beside it; each of them once."""
    first, *others = {(error.code, error.what): error for error in errors}.values()
    first.beside = tuple(others)
    return first


def _errors(known: KnownEarly, manager: Manager | None) -> Iterator[BuildpackError]:
    project = known.project
    yield from _error_of(lambda: given_commands(known.settings))
    if any(project.has(hook) for hook in HOOKS):
        return
    if (text := project.text(FILE) if project.has(FILE) else None) is not None:
        yield from _error_of(lambda: parse_procfile(text))
    if manager is not None:
        yield from _error_of(lambda: manager.check(known))


def _error_of(step: Callable[[], object]) -> Iterator[BuildpackError]:
    try:
        step()
    except BuildpackError as error:
        yield error
