"""All package managers, the one that goes first at the top. A new one is a module beside this one and a line here."""

from python_buildpack.app.project import Project
from python_buildpack.package_managers.environment_yml import EnvironmentYml
from python_buildpack.package_managers.interface import Manager
from python_buildpack.package_managers.nothing import Nothing
from python_buildpack.package_managers.pdm import Pdm
from python_buildpack.package_managers.pipenv import Pipenv
from python_buildpack.package_managers.poetry import Poetry
from python_buildpack.package_managers.pylock import Pylock
from python_buildpack.package_managers.pyproject import Pyproject
from python_buildpack.package_managers.requirements_txt import RequirementsTxt
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
    EnvironmentYml(),
)

FALLBACK: Manager = Nothing()

NO_SETTINGS = Settings({})


def managers_for(settings: Settings) -> tuple[Manager, ...]:
    """Return the managers as these settings make them: of requirements.txt they choose the files."""
    chosen = RequirementsTxt.of(settings)
    return tuple(chosen if manager.name == chosen.name else manager for manager in MANAGERS)


def find_managers(project: Project, settings: Settings) -> dict[str, str]:
    """Return the names of the managers that the app has a declaration for → the file with it. The first one counts.

    The file that another manager's lock was made from is no second declaration, and neither is Conda's file beside one
    that can be installed.
    """
    managers = managers_for(settings)
    locked = {manager.locks for manager in managers if manager.locks and manager.find(project) is not None}
    rivals = (manager for manager in managers if not locked.issuperset(manager.files))
    found = {manager.name: file for manager in rivals if (file := manager.find(project)) is not None}
    return {name: file for name, file in found.items() if name != EnvironmentYml.name} or found


def manager_named(name: str, settings: Settings = NO_SETTINGS) -> Manager:
    """Return the manager of this name. Raises KeyError for a name that no manager has."""
    return {manager.name: manager for manager in (*managers_for(settings), FALLBACK)}[name]
