"""Poetry's ``python`` among the dependencies in pyproject.toml, in Poetry's notation: ``^3.11``."""

from python_buildpack.app.documents import PYPROJECT, pyproject_table
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import PythonVersionInvalid, Range, VersionRequest, visible
from python_buildpack.package_managers.poetry_constraints import NotAConstraint, parse_constraint
from python_buildpack.settings.values import Settings

FILE = PYPROJECT


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the range that ``[tool.poetry.dependencies]`` declares."""
    del settings
    wanted = pyproject_table(project, "tool", "poetry", "dependencies").get("python")
    text = wanted.get("version") if isinstance(wanted, dict) else wanted
    return declared_by_poetry(str(text), f"{FILE} (python in tool.poetry.dependencies)") if text else None


def declared_by_poetry(text: str, origin: str) -> Declaration:
    """Return the declaration of a constraint in Poetry's notation. Raises PythonVersionInvalid."""
    try:
        first, *others = parse_constraint(text)
    except NotAConstraint as error:
        raise PythonVersionInvalid(
            f"{origin} says {visible(text)}, which is not a version constraint as Poetry writes them.",
            "Write a constraint such as ^3.11 or >=3.11,<3.14.",
        ) from error
    return Declaration(VersionRequest(text, origin, Range(first, tuple(others))), origin)


SOURCE = VersionSource(read, (FILE,))
