"""pyproject.toml without a lock: the dependencies of ``[project]``, and the project itself if it can be built."""

import posixpath
from pathlib import Path
from typing import ClassVar

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.app.documents import ProjectFileInvalid, pyproject_table, read_toml, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import DevelopmentChoices, check_known, read_choices
from python_buildpack.package_managers.index_resolution import read_app_indexes, sources_named
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.members import Members, check_members, choose_members
from python_buildpack.package_managers.own_projects import is_package, is_workspace_root, own_projects
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.policy import check_encrypted, refuse_own_build, refuse_unlocked, with_lines
from python_buildpack.package_managers.project_file import (
    FILE,
    declared_names,
    default_groups,
    names_in_groups,
    names_itself,
    project_choices,
    relevant_tables,
)
from python_buildpack.package_managers.python_allowed import check_project_python
from python_buildpack.package_managers.source_tree import install_source_tree, resolve_source_tree
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import EXTRAS, GROUPS
from python_buildpack.settings.values import Settings


class PoetryLockMissing(BuildpackError):
    """pyproject.toml is for Poetry, has no build backend or package-mode = false, and there is no poetry.lock."""

    code = "poetry-lock-missing"
    title = "A Poetry project has no poetry.lock"
    remedies = ("upload",)


@frozen
class Pyproject:
    """The manager of apps that declare their dependencies in pyproject.toml, without a lock.

    At the root of a workspace of uv it installs the members that uv would install.
    """

    name: ClassVar[str] = "pyproject.toml"
    files: ClassVar[tuple[str, ...]] = (FILE,)
    locks: ClassVar[str | None] = None
    chooses: ClassVar[tuple[Setting, ...]] = (GROUPS, EXTRAS)

    settings: Settings = Settings({})
    """What chooses a member of a workspace."""

    @classmethod
    def of(cls, settings: Settings) -> "Pyproject":
        """Return the manager for a build with these settings."""
        return cls(settings)

    def find(self, project: Project) -> str | None:
        """Return pyproject.toml if it declares a project or a workspace, and not just the settings of tools."""
        if not project.has(FILE) or names_itself(project):
            return None
        return FILE if FILE in project.directories or _declares(project) or self._has_chosen(project) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the file; those that a build backend computes are not known before the installation."""
        if is_workspace_root(project):
            members = self._members(project)
            needs = frozenset(name for own in members.included for name in own.needs)
            return needs - {own.name for own in members.own.projects}
        return declared_names(project) | names_in_groups(project, default_groups(project, self.settings))

    def pinned(self, project: Project) -> Pinned:
        """Return the exact versions in the dependencies of ``[project]``."""
        from python_buildpack.package_managers.exact_pins import pins_in  # noqa: PLC0415 - for apps that name no single Python

        listed = pyproject_table(project, "project").get("dependencies", [])
        return pins_in(map(str, listed)) if isinstance(listed, list) else Pinned()

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return uv's default groups, and the groups and extras for tests."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return for_developers.of_project(project)

    def declaration(self, project: Project) -> str:
        """Return the tables that declare dependencies; setup.py and setup.cfg may declare some, too."""
        others = "".join(project.text(path) or "" for path in ("setup.py", "setup.cfg"))
        return relevant_tables(project, "uv", "poetry", "pdm", "setuptools", "hatch", "flit") + others

    def check(self, given: Given) -> None:
        """Raise PoetryLockMissing, PythonNotAllowed, SourceBuildRefused, GroupUnknown, HashesRequired.

        And PlainHttpRefused, and what ``read_app_indexes`` raises.
        """
        project = given.project
        if is_workspace_root(project):
            return
        poetry = pyproject_table(project, "tool", "poetry")
        if "project" not in (read_toml(project, FILE) or {}) and poetry and not _is_buildable(project):
            raise PoetryLockMissing(
                f"{FILE} is for Poetry (its dependencies are in [tool.poetry]), but there is no poetry.lock.",
                "Run poetry lock, and commit poetry.lock.",
            )
        if _is_buildable(project):
            refuse_own_build(given.settings, FILE)
        check_project_python(given)
        choices = project_choices(project, given.settings)
        check_known(choices.groups, pyproject_table(project, "dependency-groups"), FILE)
        refuse_unlocked(given.settings, FILE)
        if given.python_version:
            texts = sources_named(project, read_app_indexes(given, choices))
            named = with_lines(texts, FILE, project.text(FILE) or "")
            check_encrypted(given.settings, given.env, named)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the resolution of the dependencies on the index as it is now.

        Raises PoetryLockMissing, PythonNotAllowed, GroupUnknown, SourceBuildRefused, HashesRequired, the errors of
        indexes and uv's failures.
        """
        choices = read_choices(context.settings)
        if is_workspace_root(context.project):
            members = self._members(context.project)
            check_members(members, context.settings)
            if any(own.is_built for own in members.tops):
                refuse_own_build(context.settings, FILE)
            files = tuple(posixpath.join(own.directory, FILE) for own in members.tops)
            resolution = resolve_source_tree(context, FILE, choices, files)
            # What is not a requirement is a comment: another choice gives another resolution.
            names = " ".join(own.label for own in members.tops)
            return Resolution.of(f"{resolution.text}# the projects of the workspace: {names}\n", resolution.because)
        self.check(context)
        _check_backend(context.project)
        choices = project_choices(context.project, context.settings)
        return resolve_source_tree(context, FILE, choices)

    def is_exact(self, context: InstallContext) -> bool:
        """Return True."""
        del context
        return True

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install the resolution, and the project in editable mode if it has a build backend."""
        if is_workspace_root(context.project):
            tops = self._members(context.project).tops
            editable = tuple(f"./{own.directory}" for own in tops if own.is_built)
        else:
            editable = (".",) if _is_buildable(context.project) else ()
        install_source_tree(context, resolution, venv, FILE, editable)

    def _has_chosen(self, project: Project) -> bool:
        """Say whether the file has a group that is chosen: then its groups are what the app declares."""
        groups = subtable(read_toml(project, FILE) or {}, "dependency-groups")
        return not groups.keys().isdisjoint(project_choices(project, self.settings).groups)

    def _members(self, project: Project) -> Members:
        return choose_members(own_projects(project), self.settings)


def _check_backend(project: Project) -> None:
    """Raise ProjectFileInvalid if the dependencies are dynamic, but no build backend is named that computes them."""
    dynamic = pyproject_table(project, "project").get("dynamic", [])
    if isinstance(dynamic, list) and "dependencies" in dynamic and not _is_buildable(project):
        raise ProjectFileInvalid(
            f"{FILE} says that its dependencies are dynamic, but names no build backend that computes them.",
            'List them in [project], or add [build-system] with requires = ["setuptools"] and '
            'build-backend = "setuptools.build_meta".',
        )


def _declares(project: Project) -> bool:
    document = read_toml(project, FILE) or {}
    is_project = not {"project", "build-system"}.isdisjoint(document)
    return is_project or bool(pyproject_table(project, "tool", "poetry")) or is_workspace_root(project)


def _is_buildable(project: Project) -> bool:
    return is_package(read_toml(project, FILE) or {})
