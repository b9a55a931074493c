"""All package managers, in the order of precedence. To add one, add a module in this package and a line here."""

from python_buildpack.app.documents import PYPROJECT
from python_buildpack.app.project import Project
from python_buildpack.package_managers.environment_yml import EnvironmentYml
from python_buildpack.package_managers.interface import Manager
from python_buildpack.package_managers.nothing import Nothing
from python_buildpack.package_managers.pdm import Pdm
from python_buildpack.package_managers.pipenv import Pipenv
from python_buildpack.package_managers.poetry import Poetry
from python_buildpack.package_managers.pylock import Pylock
from python_buildpack.package_managers.pyproject import Pyproject
from python_buildpack.package_managers.requirements_txt import OTHER_FILES, RequirementsTxt
from python_buildpack.package_managers.script import Script
from python_buildpack.package_managers.setup_py import SetupPy
from python_buildpack.package_managers.uv_project import UvProject
from python_buildpack.settings.values import Settings

MANAGERS: tuple[Manager, ...] = (
    Pipenv(),
    RequirementsTxt(),
    Poetry(),
    Pdm(),
    UvProject(),
    Pylock(),
    Pyproject(),
    SetupPy(),
    Script(),
    EnvironmentYml(),
)

FALLBACK: Manager = Nothing()

NO_SETTINGS = Settings({})


def managers_for(settings: Settings) -> tuple[Manager, ...]:
    """Return all managers, with the requirements files and the member of a workspace that the settings name."""
    chosen: dict[str, Manager] = {kind.name: kind.of(settings) for kind in (RequirementsTxt, UvProject, Pyproject)}
    return tuple(chosen.get(manager.name, manager) for manager in MANAGERS)


def find_managers(project: Project, settings: Settings) -> dict[str, str]:
    """Return name → file of each manager for which the app has a declaration. The first one takes precedence.

    The file that another manager's lock was made from is left out. Conda's file counts only if there is no other one,
    and so do the files that stand for a missing requirements.txt.
    """
    managers = managers_for(settings)
    locked = {manager.locks for manager in managers if manager.locks and manager.find(project) is not None}
    rivals = (manager for manager in managers if not locked.issuperset(manager.files))
    found = {manager.name: file for manager in rivals if (file := manager.find(project)) is not None}
    supported = {name: file for name, file in found.items() if name != EnvironmentYml.name}
    return {name: file for name, file in supported.items() if file not in OTHER_FILES} or supported or found


def manager_named(name: str, settings: Settings = NO_SETTINGS) -> Manager:
    """Return the manager of this name. Raises KeyError for an unknown name."""
    return {manager.name: manager for manager in (*managers_for(settings), FALLBACK)}[name]


def installs_app(manager: Manager) -> bool:
    """Say whether a manager installs the project in pyproject.toml, too, and not only what it depends on."""
    return PYPROJECT in (manager.locks, *manager.files) and manager.name != Pylock.name
