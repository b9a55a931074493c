"""Installs a PDM project by uv, as PDM would."""

from collections.abc import Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import pyproject_table
from python_buildpack.app.project import Project
from python_buildpack.installed.dist_info import read_dist_infos, site_packages
from python_buildpack.package_managers.choices import read_choices
from python_buildpack.package_managers.failures.errors import DependenciesNotInstalled
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.lock_installer import install_locked, read_plan
from python_buildpack.package_managers.locked_list import LockedList, Unsupported
from python_buildpack.package_managers.pdm_lock import LOCK
from python_buildpack.package_managers.pdm_packages import read_pdm_lock

_NAME = "pdm"


def install_by_uv(context: InstallContext, venv: Path) -> bool:
    """Install by uv, and return whether PDM has nothing to do any more. Raises BuildpackError."""
    plan = plan_for_uv(context)
    if isinstance(plan, Unsupported):
        context.reporter.line(f"PDM itself installs, because {plan}")
        return False
    if not install_locked(context, plan, LOCK, venv):
        _check_empty(venv)
        context.reporter.line("uv did not succeed, and has changed nothing, so PDM itself tries")
        return False
    return not _needs_editables(context.project, venv)


def plan_for_uv(context: InstallContext) -> LockedList | Unsupported:
    """Return what uv is to install, or why only PDM can."""

    def read() -> LockedList:
        if path := _user_configuration(context.env):
            raise Unsupported(f"{path} has settings")
        return read_pdm_lock(context.project, context.env, context.python_version, read_choices(context.settings))

    return read_plan(context.settings, _NAME, read)


def _user_configuration(env: Mapping[str, str]) -> Path | None:
    """Return the file with PDM's settings of the machine or of the user whom the build runs as, if there is one."""
    folders = (env.get("XDG_CONFIG_HOME") or f"{env.get('HOME', '')}/.config", env.get("XDG_CONFIG_DIRS") or "/etc/xdg")
    files = (Path(folder) / "pdm" / "config.toml" for one in folders for folder in one.split(":"))
    return next((path for path in files if path.exists()), None)


def _check_empty(venv: Path) -> None:
    """Raise DependenciesNotInstalled if packages of the previous build are there: PDM would not remove them.

    Then all of them are installed anew.
    """
    if next(read_dist_infos(site_packages(venv)), None) is not None:
        raise DependenciesNotInstalled("uv did not succeed.", "Nothing has to be done: the build goes on with PDM.")


def _needs_editables(project: Project, venv: Path) -> bool:
    """Return whether PDM installs ``editables`` too, because the project's build backend requires it."""
    name = canonicalize_name(str(pyproject_table(project, "project").get("name", "")))
    own = [found for found in read_dist_infos(site_packages(venv)) if found.name == name]
    needs = [need for found in own for need in found.fields().get("requires-dist", ())]
    return any(need.startswith("editables") for need in needs)
