"""pylock.toml (PEP 751), or one named lock such as pylock.production.toml, installed by uv."""

import re
from pathlib import Path
from typing import Any, ClassVar

from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from python_buildpack.app.documents import read_toml, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import DevelopmentChoices, check_known, read_choices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.lock_environments import check_environments
from python_buildpack.package_managers.locked import read_locked
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.project_file import FILE as PROJECT
from python_buildpack.package_managers.source_guard import source_guarded
from python_buildpack.package_managers.tool_runs import run_uv
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import EXTRAS, GROUPS

FILE = "pylock.toml"
_NAMED = re.compile(r"pylock\.[^./]+\.toml")


class SeveralPylocks(BuildpackError):
    """There are several named lock files (PEP 751), and no pylock.toml, which would be used first."""

    code = "several-pylocks"
    title = "It is not clear which pylock file counts"


class Pylock:
    """The manager of apps with a pylock file."""

    name: ClassVar[str] = "pylock.toml"
    files: ClassVar[tuple[str, ...]] = (FILE, "pylock.*.toml")
    locks: ClassVar[str | None] = PROJECT
    chooses: ClassVar[tuple[Setting, ...]] = (GROUPS, EXTRAS)

    def find(self, project: Project) -> str | None:
        """Return pylock.toml, or else the names of the named locks, separated by commas."""
        return ", ".join(_locks(project)) or None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names of all packages in the lock."""
        return frozenset(canonicalize_name(str(package.get("name", ""))) for package in _packages(project)) - {""}

    def pinned(self, project: Project) -> Pinned:
        """Return the locked versions."""
        return read_locked(_packages(project), self.declared(project))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return the groups and extras of the lock that are for tests."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return for_developers.of_pylock(read_toml(project, _lock(project)) or {})

    def declaration(self, project: Project) -> str:
        """Return the lock."""
        return project.text(_lock(project)) or ""

    def check(self, given: Given) -> None:
        """Raise LockForOtherSystems and SeveralPylocks."""
        check_environments(
            given, _lock(given.project), "environments", "Write the lock for Linux, too, with the tool that made it."
        )

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the lock, with the chosen groups and extras. Raises the errors of ``check``, and GroupUnknown."""
        self.check(context)
        lock = _lock(context.project)
        document = read_toml(context.project, lock) or {}
        choices = read_choices(context.settings)
        check_known(choices.groups, document.get("dependency-groups", []), lock)
        check_known(choices.extras, document.get("extras", []), lock)
        return Resolution.of(
            f"{choices}{self.declaration(context.project)}", f"{lock} says which versions", is_locked=True
        )

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Run ``uv pip sync``, which checks every hash and installs exactly what the lock has for this Python."""
        del resolution
        lock = _lock(context.project)
        argv = (
            *("pip", "sync", lock, "--python", str(venv / "bin" / "python"), "--allow-empty-requirements"),
            *read_choices(context.settings).options(),
        )
        with source_guarded(context) as env:
            finished = run_uv(context, argv, env, show=True)
        if finished.status != 0:
            raise explain_failure(context, finished, lock)


def _packages(project: Project) -> list[dict[str, Any]]:
    lock = _lock(project)
    cure = "Write the lock again with the tool that made it."
    return tables(read_toml(project, lock) or {}, lock, "packages", cure)


def _locks(project: Project) -> list[str]:
    return [FILE] if project.has(FILE) else sorted(path for path in project.files if _NAMED.fullmatch(path))


def _lock(project: Project) -> str:
    first, *others = _locks(project) or [FILE]
    if others:
        raise SeveralPylocks(
            f"The app has {first}, {', '.join(others)}, and no {FILE}.",
            f"Rename the one that is meant for the image to {FILE}.",
        )
    return first
