"""All package managers, the one that goes first at the top. A new one is a module beside this one and a line here."""

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
from python_buildpack.settings import Settings

NO_SETTINGS = Settings({})

FALLBACK: Manager = Nothing()


def managers_for(settings: Settings) -> tuple[Manager, ...]:
    """Return the managers as these settings make them."""
    return (
        Pipenv(),
        RequirementsTxt.of(settings),
        Poetry(),
        Pdm(),
        UvProject(),
        Pylock(),
        Pyproject(),
        SetupPy(),
        EnvironmentYml(),
    )


MANAGERS: tuple[Manager, ...] = managers_for(NO_SETTINGS)


def manager_named(name: str, settings: Settings = NO_SETTINGS) -> Manager:
    """Return the manager of this name. Raises KeyError for a name that no manager has."""
    return {manager.name: manager for manager in (*managers_for(settings), FALLBACK)}[name]
