"""uv projects: pyproject.toml with a uv.lock, installed by uv."""

from pathlib import Path
from typing import Any, ClassVar

from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.documents import read_toml, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import DevelopmentChoices, read_choices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.lock_environments import check_environments
from python_buildpack.package_managers.locked import read_locked
from python_buildpack.package_managers.members import ALL, Members, check_members, choose_members
from python_buildpack.package_managers.own_projects import is_workspace_root, own_projects
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.policy import refuse_own_build
from python_buildpack.package_managers.project_file import FILE as PROJECT
from python_buildpack.package_managers.project_file import default_groups, names_in_groups, relevant_tables
from python_buildpack.package_managers.python_allowed import check_project_python
from python_buildpack.package_managers.source_guard import source_guarded
from python_buildpack.package_managers.tool_runs import run_uv
from python_buildpack.package_managers.uv_lock_places import LOCK, local_sources, lock_of_this_place
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import EXTRAS, GROUPS, PACKAGE
from python_buildpack.settings.values import Settings

_FOR_LINUX = (
    "Take environments out of [tool.uv] in pyproject.toml, or add \"sys_platform == 'linux'\" to it, and run uv lock."
)


class UvLockAlone(BuildpackError):
    """There is a uv.lock but no pyproject.toml, which uv needs too."""

    code = "uv-lock-alone"
    title = "uv.lock has no pyproject.toml beside it"
    remedies = ("upload",)


@frozen
class UvProject:
    """The manager of apps with a uv.lock."""

    name: ClassVar[str] = "uv"
    files: ClassVar[tuple[str, ...]] = (LOCK,)
    locks: ClassVar[str | None] = PROJECT
    chooses: ClassVar[tuple[Setting, ...]] = (GROUPS, EXTRAS)

    settings: Settings = Settings({})
    """What chooses a member of a workspace."""

    @classmethod
    def of(cls, settings: Settings) -> "UvProject":
        """Return the manager for a build with these settings."""
        return cls(settings)

    def find(self, project: Project) -> str | None:
        """Return uv.lock if it exists."""
        return LOCK if project.has(LOCK) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the lock that the project needs at run time, including indirect dependencies."""
        packages = {str(package.get("name")): package for package in _packages(project)}
        included = {own.name for own in self._members(project).included} if is_workspace_root(project) else None
        local = (name for name, package in packages.items() if _is_local(package))
        waiting = [name for name in local if included is None or canonicalize_name(name) in included]
        waiting += names_in_groups(project, default_groups(project, self.settings))
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in found or name not in packages:
                continue
            found.add(name)
            waiting += _dependencies(packages[name])
        return frozenset(canonicalize_name(name) for name in found if not _is_local(packages[name]))

    def pinned(self, project: Project) -> Pinned:
        """Return the locked versions of the declared names."""
        return read_locked(_packages(project), self.declared(project))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return the groups that uv installs by default, and the groups and extras for tests."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return for_developers.of_project(project, installed_folder(project, self.settings))

    def declaration(self, project: Project) -> str:
        """Return the lock and the tables of pyproject.toml that declare dependencies."""
        return relevant_tables(project, "uv") + (project.text(LOCK) or "")

    def check(self, given: Given) -> None:
        """Raise UvLockAlone, PythonNotAllowed, LockForOtherSystems and SourceBuildRefused."""
        _project_document(given.project)
        check_project_python(given)
        check_environments(given, LOCK, "supported-markers", _FOR_LINUX)
        if _builds_its_own(given.project):
            refuse_own_build(given.settings, LOCK)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the lock, with the chosen groups, extras and member.

        Raises the errors of ``check``.
        """
        self.check(context)
        if is_workspace_root(context.project):
            check_members(self._members(context.project), context.settings)
        words = (*_member(context), *_default_groups(context))
        chosen = f"{read_choices(context.settings)}{' '.join(words)}\n"
        return Resolution.of(chosen + (context.project.text(LOCK) or ""), f"{LOCK} says which versions", is_locked=True)

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Run ``uv sync --locked`` without development groups. Raises BuildpackError, also for an outdated lock."""
        del resolution
        # uv would say less of a lock that is no TOML. An unchanged build does not parse it: that takes a sixth of it.
        _packages(context.project)
        groups = () if _default_groups(context) else ("--no-default-groups",)
        argv = (
            *("sync", "--locked", *groups, *read_choices(context.settings).options(), *_member(context)),
            *("--python", str(venv / "bin" / "python")),
        )
        with source_guarded(context) as env, lock_of_this_place(context.project):
            variables = {**env, **_indexes(context), "UV_PROJECT_ENVIRONMENT": str(venv)}
            # The app's own projects come last, because building them runs code: see kept_wheels.py.
            first = (("--no-install-local",),) if _builds_its_own(context.project) else ()
            for more in (*first, ()):
                finished = run_uv(context, (*argv, *more), variables, show=True)
                if finished.status != 0:
                    raise explain_failure(context, finished, LOCK)

    def _members(self, project: Project) -> Members:
        return choose_members(own_projects(project), self.settings)


def _builds_its_own(project: Project) -> bool:
    return any(kind != "virtual" for kind, _ in local_sources(project))


def _indexes(context: InstallContext) -> dict[str, str]:
    """Return variables that unset the index of pip's settings and of bindings: with another index, uv rejects the lock.

    The lock contains the addresses of its packages; the logins of bindings and of pip's settings are still used.
    """
    return {name: context.env.get(name, "") for name in ("UV_DEFAULT_INDEX", "UV_INDEX")}


def _member(context: InstallContext) -> tuple[str, ...]:
    member = context.settings.get(PACKAGE)
    if member is None:
        return ()
    if member.text == ALL:
        return ("--all-packages",)
    own = own_projects(context.project).named(member.text)
    return ("--package", own.name if own and own.name else member.text)


def _default_groups(context: InstallContext) -> tuple[str, ...]:
    """Return the default groups of the project that uv installs."""
    return default_groups(context.project, context.settings, installed_folder(context.project, context.settings))


def installed_folder(project: Project, settings: Settings) -> str:
    """Return the folder of the project that uv installs."""
    member = settings.get(PACKAGE)
    own = own_projects(project).named(member.text) if member else None
    return own.directory if own else ""


def _project_document(project: Project) -> dict[str, Any]:
    document = read_toml(project, PROJECT)
    if document is None:
        raise UvLockAlone(
            f"{LOCK} is there, but {PROJECT} is not.", f"Add the {PROJECT} that {LOCK} was made from, or delete {LOCK}."
        )
    return document


def _packages(project: Project) -> list[dict[str, Any]]:
    return tables(read_toml(project, LOCK) or {}, LOCK, "package", "Run uv lock to write the file again.")


def _is_local(package: dict[str, Any]) -> bool:
    return not {"virtual", "editable", "directory"}.isdisjoint(_source(package))


def _source(package: dict[str, Any]) -> frozenset[str]:
    source = package.get("source")
    return frozenset(source) if isinstance(source, dict) else frozenset()


def _dependencies(package: dict[str, Any]) -> list[str]:
    dependencies, extras = package.get("dependencies"), package.get("optional-dependencies")
    listed = list(dependencies) if isinstance(dependencies, list) else []
    # All extras of a dependency are included, used or not: a name too many does no harm here.
    for extra in extras.values() if isinstance(extras, dict) and not _is_local(package) else ():
        listed += extra if isinstance(extra, list) else []
    return [str(dependency["name"]) for dependency in listed if isinstance(dependency, dict) and "name" in dependency]
