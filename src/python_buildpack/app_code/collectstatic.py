"""Django's static files: collected with the build's environment, or restored if nothing changed that decides them."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from cnb.platform import Binding
from python_buildpack.app_code.build_time_environment import BuildTimeEnvironment
from python_buildpack.app_code.collected import Collected, Inputs, look_at
from python_buildpack.layers.cache import Cache
from python_buildpack.layers.dependencies.layer import DependenciesLayer
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.settings.table import DISABLE_COLLECTSTATIC
from python_buildpack.settings.values import Settings
from python_buildpack.support.group_access import open_to_group
from python_buildpack.support.stored_tree import NotStored, Restored

# Django does not translate these messages. Without a destination, the files were stored elsewhere, such as on S3.
_COPIED = re.compile(
    r"^(?P<count>\d+) static files? (?:copied|symlinked)(?: to '(?P<root>[^\n]+?)')?[,.]", re.MULTILINE
)
_UNKNOWN = re.compile(r"^Unknown command: ['\"]collectstatic['\"]", re.MULTILINE)
_NO_STATIC_ROOT = "without having set the STATIC_ROOT setting"
_NO_SETTINGS = "No Django settings specified"


@frozen
class StaticFiles:
    """The static files of one Django project."""

    manage: str
    """The path of its manage.py in the app."""
    settings: Settings
    bindings: tuple[Binding, ...]
    cache: Cache
    build_time: BuildTimeEnvironment
    dependencies: DependenciesLayer

    def collect(self) -> None:
        """Run collectstatic, or restore its last output. Raises CollectstaticFailed and BuildpackError."""
        reporter = self.build_time.reporter
        reporter.heading("Static files")
        given = self.settings.get(DISABLE_COLLECTSTATIC)
        if self.settings.is_on(DISABLE_COLLECTSTATIC, default=given is not None):
            reporter.line(f"Not collected, because {DISABLE_COLLECTSTATIC.name} is set")
            return
        collected = look_at(self.build_time.app, self._inputs(), self.cache)
        match collected.restore():
            case Restored(0):
                reporter.line("Nothing to collect, as in the last build (nothing that Django read has changed)")
            case Restored(files):
                reporter.line(f"Reused (nothing that collectstatic read has changed): {files} files")
            case NotStored():
                self._run(collected)

    @property
    def _directory(self) -> Path:
        return (self.build_time.app / self.manage).parent

    def _inputs(self) -> Inputs:
        command = (self.manage, *_command(Path("python")))
        return Inputs(self.dependencies.identity, command, self.build_time.env, self.bindings)

    def _run(self, collected: Collected) -> None:
        environment = self.build_time.with_packages(self.dependencies)
        self.build_time.reporter.line(f"python {self.manage} collectstatic, because Django is installed")
        argv = _command(self.dependencies.venv / "bin" / "python")
        watched = collected.watch()
        # Developers run it in this directory too, and settings may have paths relative to it.
        with self.build_time.unchanged("collectstatic", self.dependencies):
            finished = self.build_time.runner.run(Command(argv, environment, cwd=self._directory, show=False))
        if _is_switched_off(finished):
            self.build_time.reporter.line("Nothing to collect: django.contrib.staticfiles is not in INSTALLED_APPS")
            collected.keep(watched, self.manage)
            return
        if _NO_STATIC_ROOT in finished.output and finished.status != 0:
            self.build_time.reporter.warning(
                "The static files are not collected",
                "The settings have no STATIC_ROOT, which is the directory for them. Add STATIC_ROOT = BASE_DIR / "
                f'"staticfiles" to the settings, or set {DISABLE_COLLECTSTATIC.name}=1 if the app needs no such files.',
            )
            collected.keep(watched, self.manage)
            return
        for line in finished.output.splitlines():
            self.build_time.reporter.output(line)
        if finished.status != 0:
            command = f"python {self.manage} collectstatic --noinput"
            raise self._failure(command, finished, environment)
        # The user of the run image shares the group only, and may collect again.
        open_to_group(self.build_time.app, watched.changes().written)
        if self._is_all_in_the_app(finished.output):
            collected.keep(watched, self.manage)

    def _failure(self, command: str, finished: Finished, environment: Mapping[str, str]) -> BuildpackError:
        # Most builds never need these.
        from python_buildpack.app_code.collectstatic_failures import failure  # noqa: PLC0415
        from python_buildpack.decide.startup.needed_variables import lacking_in  # noqa: PLC0415
        from python_buildpack.installed.dist_info import site_packages  # noqa: PLC0415
        from python_buildpack.installed.own_libraries import with_own_libraries  # noqa: PLC0415

        included = partial(with_own_libraries, site_packages(self.dependencies.venv))
        lacking = partial(lacking_in, environment)
        return failure(command, finished.status, finished.output, str(self.build_time.app), included, lacking)

    def _is_all_in_the_app(self, output: str) -> bool:
        """Say whether the output is all in the app's directory; warn if the image will not have it."""
        copied = _COPIED.search(output)
        if copied is None or copied["count"] == "0":
            return True
        if copied["root"] is None:
            # The files are in a remote storage, whose content is unknown in later builds.
            return False
        if not Path(copied["root"]).resolve().is_relative_to(self.build_time.app.resolve()):
            self.build_time.reporter.warning(
                "STATIC_ROOT is not in the app's directory",
                f"The files were collected in {copied['root']}, and only the app's directory becomes part of the "
                'image. Set STATIC_ROOT = BASE_DIR / "staticfiles".',
            )
            return False
        return True


def _command(python: Path) -> tuple[str, ...]:
    return (str(python), "manage.py", "collectstatic", "--noinput")


def _is_switched_off(finished: Finished) -> bool:
    """Say whether Django has no such command, because INSTALLED_APPS does not have django.contrib.staticfiles.

    INSTALLED_APPS cannot be read from the source for certain: settings compose it of lists and variables.
    """
    return bool(finished.status and _UNKNOWN.search(finished.output) and _NO_SETTINGS not in finished.output)
