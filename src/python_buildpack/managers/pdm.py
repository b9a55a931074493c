"""PDM projects: pyproject.toml with a pdm.lock, installed by PDM as locked."""

from pathlib import Path
from typing import ClassVar

from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from python_buildpack.documents import ProjectFileInvalid, read_toml, table
from python_buildpack.managers.choices import Choices, check_known, read_choices
from python_buildpack.managers.interface import Resolution, Workbench
from python_buildpack.managers.project_file import FILE, package_layout, relevant_tables
from python_buildpack.managers.source_guard import source_unchanged
from python_buildpack.managers.tool_runs import tool_shop
from python_buildpack.managers.uv_failures import LockOutOfDate, PackageHashMismatch, cause, explain
from python_buildpack.ports import Command
from python_buildpack.project import Project
from python_buildpack.tools.pinned import PDM, tool_environment

LOCK = "pdm.lock"

CAUSES = (
    cause(
        r"Lockfile doesn't satisfy the project requirements|Lockfile is not compatible with PDM|"
        r"Lock file .*(?:out of date|does not exist)",
        LockOutOfDate,
        "{file} does not match pyproject.toml.",
        "Run pdm lock, and commit {file}.",
    ),
    cause(
        r"Requested groups not in lockfile",
        LockOutOfDate,
        "A group that was chosen for this build is in pyproject.toml, but {file} was made without it.",
        "Run pdm lock --group :all, and commit {file}.",
    ),
    cause(
        r"matches the environment or hashes|HashMismatch",
        PackageHashMismatch,
        "A package named above has no file that fits this Python and platform and has the hash in {file}.",
        "If it was published again under the same version, or {file} was made for another platform, run pdm lock; "
        "if neither, do not trust it.",
    ),
)


class PdmProjectMissing(BuildpackError):
    """There is a pdm.lock but no pyproject.toml, which PDM needs to know the project."""

    code = "pdm-project-missing"
    title = "pdm.lock has no pyproject.toml beside it"


class Pdm:
    """The manager of apps with a pdm.lock."""

    name: ClassVar[str] = "pdm"

    def find(self, project: Project) -> str | None:
        """Return pdm.lock if it is there."""
        return LOCK if project.has(LOCK) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names that the lock has for the default group."""
        packages = (read_toml(project, LOCK) or {}).get("package", [])
        if not isinstance(packages, list) or not all(isinstance(package, dict) for package in packages):
            raise ProjectFileInvalid(f"{LOCK}: package is not a list of tables.", "Run pdm lock to write it again.")
        return frozenset(
            canonicalize_name(str(package.get("name", "")))
            for package in packages
            if "default" in package.get("groups", ["default"])
        )

    def declaration(self, project: Project) -> str:
        """Return the lock and the parts of pyproject.toml that an installation depends on."""
        others = relevant_tables(project, "pdm", "setuptools", "hatch", "flit") + package_layout(project)
        return others + (project.text(LOCK) or "")

    def resolve(self, bench: Workbench) -> Resolution:
        """Return the lock as it is: PDM itself refuses one that is out of date, when it installs."""
        if not bench.project.has(FILE):
            raise PdmProjectMissing(
                f"{LOCK} is there, but {FILE} is not.",
                f"Add the {FILE} that {LOCK} was made from, or delete {LOCK}.",
            )
        choices = read_choices(bench.settings)
        # PDM passes over a group that it does not know, and resolves anew while it is at it.
        check_known(choices.groups, (*_development_groups(bench.project), *_extras(bench.project)), FILE)
        check_known(choices.extras, _extras(bench.project), FILE)
        tool_shop(bench).keep(PDM)
        return Resolution.of(f"{choices}{bench.project.text(LOCK) or ''}", f"{LOCK} says which versions")

    def install(self, bench: Workbench, resolution: Resolution, venv: Path) -> None:
        """Run ``pdm install --check`` without development groups, except those that were chosen."""
        del resolution
        argv = ("install", "--check", *_group_options(bench.project, read_choices(bench.settings)))
        with source_unchanged(bench) as env:
            command = Command((), {**_environment(bench, venv), **env}, cwd=bench.project.root)
            finished = tool_shop(bench).run(PDM, argv, command)
        if finished.status != 0:
            raise explain(finished, LOCK, self.name, CAUSES)


def _group_options(project: Project, choices: Choices) -> tuple[str, ...]:
    """Return what makes PDM install the chosen groups and no others: naming one would bring in the rest."""
    chosen = (*choices.groups, *choices.extras)
    development = _development_groups(project)
    if development.isdisjoint(chosen):
        return ("--prod", *(word for name in chosen for word in ("--group", name)))
    without = sorted(development.difference(chosen))
    return (
        *(word for name in chosen for word in ("--group", name)),
        *(word for name in without for word in ("--without", name)),
    )


def _development_groups(project: Project) -> frozenset[str]:
    document = read_toml(project, FILE) or {}
    return frozenset(table(document, FILE, "dependency-groups")) | frozenset(
        table(document, FILE, "tool", "pdm", "dev-dependencies")
    )


def _extras(project: Project) -> frozenset[str]:
    return frozenset(table(read_toml(project, FILE) or {}, FILE, "project", "optional-dependencies"))


def _environment(bench: Workbench, venv: Path) -> dict[str, str]:
    return {
        **tool_environment(bench.env, venv),
        "PDM_CACHE_DIR": str(bench.scratch / "pdm-cache"),
        "PDM_LOG_DIR": str(bench.scratch / "pdm-logs"),
        "PDM_CHECK_UPDATE": "0",
        # Neither read nor written: it would name an interpreter of the developer's machine.
        "PDM_IGNORE_SAVED_PYTHON": "1",
        "PDM_NON_INTERACTIVE": "1",
        # Its messages are cut at this width, in the middle of sentences.
        "COLUMNS": "240",
    }
