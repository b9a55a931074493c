"""PDM projects: pyproject.toml with a pdm.lock, which uv installs where that gives what PDM gives."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from packaging.utils import canonicalize_name

from cnb.errors import BuildpackError
from cnb.frozen import replace
from python_buildpack.app.documents import pyproject_table, read_toml, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import Choices, DevelopmentChoices, check_known, read_choices
from python_buildpack.package_managers.explain_failure import explain_failure
from python_buildpack.package_managers.failures.explain import lines_with
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.locked import read_locked
from python_buildpack.package_managers.pdm_lock import LOCK, matches_for_older_pdm
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.policy import check_wheels, refuse_own_build, tool_policy
from python_buildpack.package_managers.project_file import FILE, relevant_tables
from python_buildpack.package_managers.python_allowed import check_project_python
from python_buildpack.package_managers.source_guard import source_guarded
from python_buildpack.ports.interfaces import Command, Finished
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.table import EXTRAS, GROUPS
from python_buildpack.tools.pinned import PDM, tool_environment

_OUTDATED = re.compile(r"^.*Lockfile doesn't satisfy the project requirements.*$", re.MULTILINE)
_MOST_REASONS = 20
"""Lines of PDM's log that are shown."""
_LOGS = "pdm-logs"


class PdmProjectMissing(BuildpackError):
    """There is a pdm.lock but no pyproject.toml, which PDM needs too."""

    code = "pdm-project-missing"
    title = "pdm.lock has no pyproject.toml beside it"
    remedies = ("upload",)


class Pdm:
    """The manager of apps with a pdm.lock."""

    name: ClassVar[str] = "pdm"
    files: ClassVar[tuple[str, ...]] = (LOCK,)
    locks: ClassVar[str | None] = FILE
    chooses: ClassVar[tuple[Setting, ...]] = (GROUPS, EXTRAS)

    def find(self, project: Project) -> str | None:
        """Return pdm.lock if it exists."""
        return LOCK if project.has(LOCK) else None

    def declared(self, project: Project) -> frozenset[str]:
        """Return the names in the default group of the lock."""
        locked = _packages(project)
        return frozenset(
            canonicalize_name(str(package.get("name", ""))) for package in locked if "default" in _groups(package)
        )

    def pinned(self, project: Project) -> Pinned:
        """Return the locked versions of the default group."""
        return read_locked(_packages(project), self.declared(project))

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return all development groups, and the extras for tests."""
        from python_buildpack.package_managers import for_developers  # noqa: PLC0415 - for images that are for tests

        return for_developers.of_pdm(project, read_toml(project, LOCK) or {})

    def declaration(self, project: Project) -> str:
        """Return the lock and the tables of pyproject.toml that declare dependencies."""
        return relevant_tables(project, "pdm") + (project.text(LOCK) or "")

    def check(self, given: Given) -> None:
        """Raise PdmProjectMissing and PythonNotAllowed."""
        if not given.project.has(FILE):
            raise PdmProjectMissing(
                f"{LOCK} is there, but {FILE} is not.",
                f"Add the {FILE} that {LOCK} was made from, or delete {LOCK}.",
            )
        check_project_python(given)

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the lock. PDM itself refuses one that is out of date when it installs.

        Raises PdmProjectMissing, PythonNotAllowed, GroupUnknown, ProjectFileInvalid, SourceBuildRefused.
        """
        self.check(context)
        choices = read_choices(context.settings)
        # PDM ignores a group that it does not know, and then resolves again instead of using the lock.
        check_known(choices.groups, (*_development_groups(context.project), *_extras(context.project)), FILE)
        check_known(choices.extras, _extras(context.project), FILE)
        _check_wheels(context)
        if context.tools.has(PDM) and _needs_pdm(context):
            context.tools.keep(PDM)
        return Resolution.of(
            f"{choices}{context.project.text(LOCK) or ''}", f"{LOCK} says which versions", is_locked=True
        )

    def is_exact(self, context: InstallContext) -> bool:
        """Return whether uv installs: ``pdm install --check`` removes nothing."""
        return not _needs_pdm(context)

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install by uv, or by ``pdm install --check`` where only that can do it. Raises BuildpackError."""
        del resolution
        _warn_of_older_pdm(context)
        from python_buildpack.package_managers.pdm_by_uv import install_by_uv  # noqa: PLC0415 - as below

        if install_by_uv(context, venv):
            return
        _install(context, venv)


def _needs_pdm(context: InstallContext) -> bool:
    from python_buildpack.package_managers.pdm_by_uv import plan_for_uv  # noqa: PLC0415 - most builds install nothing

    return isinstance(plan_for_uv(context), Exception)


def _install(context: InstallContext, venv: Path) -> None:
    """Run ``pdm install --check`` without development groups, except the chosen ones. Raises BuildpackError."""
    argv = ("install", _check(context), *_group_options(context.project, read_choices(context.settings)))
    with source_guarded(context) as env:
        command = Command((), {**_environment(context, venv), **env}, cwd=context.project.root)
        finished = context.tools.run(PDM, argv, command)
    if finished.status != 0:
        raise explain_failure(context, _with_log(context, finished), LOCK, Pdm.name)


def _check(context: InstallContext) -> str:
    """Return the option by which PDM installs the lock as it is: it refuses one that is out of date, or may not."""
    return "--frozen-lockfile" if matches_for_older_pdm(context.project) else "--check"


def _warn_of_older_pdm(context: InstallContext) -> None:
    if matches_for_older_pdm(context.project):
        context.reporter.line(
            f"{LOCK} was written by a PDM before 2.16. It matches {FILE} by that PDM's rules, so it is installed as it "
            "is; newer ones call it out of date until pdm lock --update-reuse has written it again"
        )


def _check_wheels(context: InstallContext) -> None:
    """Raise SourceBuildRefused if only wheels may be installed, and PDM would build something."""
    check_wheels(context.settings, context.project.text(LOCK) or "", LOCK)
    is_built = "build-system" in (read_toml(context.project, FILE) or {})
    pdm = pyproject_table(context.project, "tool", "pdm")
    if is_built and pdm.get("distribution") is not False:
        refuse_own_build(context.settings, FILE)


def _packages(project: Project) -> list[dict[str, Any]]:
    return tables(read_toml(project, LOCK) or {}, LOCK, "package", "Run pdm lock to write it again.")


def _groups(package: dict[str, Any]) -> list[object]:
    groups = package.get("groups", ["default"])
    return groups if isinstance(groups, list) else []


def _group_options(project: Project, choices: Choices) -> tuple[str, ...]:
    """Return the options to install only the chosen groups: PDM would install all groups if one of them is named."""
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
    groups = (("dependency-groups",), ("tool", "pdm", "dev-dependencies"))
    return frozenset(name for keys in groups for name in pyproject_table(project, *keys))


def _extras(project: Project) -> frozenset[str]:
    return frozenset(pyproject_table(project, "project", "optional-dependencies"))


def _with_log(context: InstallContext, finished: Finished) -> Finished:
    """Return the result of PDM with what is only in its log, which is shown as well."""
    logs = (path.read_text(encoding="utf-8", errors="replace") for path in (context.scratch / _LOGS).glob("*.log"))
    reasons = reasons_in(logs)
    for reason in reasons:
        context.reporter.output(reason)
    # The end of the output has the reason why PDM gave up, and is what is searched.
    output = "\n".join((*reasons, finished.output))
    return replace(finished, output=without_warning(output) if matches_for_older_pdm(context.project) else output)


def without_warning(output: str) -> str:
    """Return what PDM printed without its warning of an older lock, which it installs all the same."""
    return _OUTDATED.sub("", output)


def reasons_in(logs: Iterable[str]) -> tuple[str, ...]:
    """Return the last lines of PDM's logs that say why it rejected files. There may be thousands of them."""
    lines = tuple(lines_with("\n".join(logs), "Failed to collect links", "is not compatible with the target"))
    return lines[-_MOST_REASONS:]


def _environment(context: InstallContext, venv: Path) -> dict[str, str]:
    return {
        **tool_environment(context.env, venv),
        **tool_policy(context.settings, datetime.now(UTC)),
        "PDM_CACHE_DIR": str(context.scratch / "pdm-cache"),
        "PDM_LOG_DIR": str(context.scratch / _LOGS),
        "PDM_CHECK_UPDATE": "0",
        # Do not read or write .pdm-python: it may name an interpreter of the developer's machine.
        "PDM_IGNORE_SAVED_PYTHON": "1",
        "PDM_NON_INTERACTIVE": "1",
        # PDM cuts its messages at this width.
        "COLUMNS": "240",
    }
