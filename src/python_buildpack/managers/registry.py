"""All package managers, the one that goes first at the top. A new one is a module beside this one and a line here."""

from python_buildpack.managers.interface import Manager
from python_buildpack.managers.nothing import Nothing
from python_buildpack.managers.requirements_txt import RequirementsTxt
from python_buildpack.managers.uv_project import UvProject

MANAGERS: tuple[Manager, ...] = (
    RequirementsTxt(),
    UvProject(),
)

FALLBACK: Manager = Nothing()


def manager_named(name: str) -> Manager:
    """Return the manager of this name. Raises KeyError for a name that no manager has."""
    return {manager.name: manager for manager in (*MANAGERS, FALLBACK)}[name]
