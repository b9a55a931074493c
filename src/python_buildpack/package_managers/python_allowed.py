"""Checks that a project's requires-python allows the Python that was chosen for it.

Most installers check it only when they install the project itself, and PDM then makes another environment.
"""

from packaging.specifiers import SpecifierSet

from python_buildpack.app.documents import PYPROJECT, pyproject_table
from python_buildpack.package_managers.failures.errors import PythonNotAllowed
from python_buildpack.package_managers.interface import Given


def check_project_python(given: Given) -> None:
    """Raise PythonNotAllowed if requires-python in pyproject.toml excludes the build's Python."""
    requires = pyproject_table(given.project, "project").get("requires-python")
    check_python(given, PYPROJECT, "requires-python", str(requires or ""))


def check_python(given: Given, file: str, key: str, requires: str) -> None:
    """Raise PythonNotAllowed if ``requires``, the value of ``key`` in ``file``, excludes the build's Python."""
    if not given.python_version:
        return
    try:
        is_allowed = SpecifierSet(requires).contains(given.python_version, prereleases=True)
    except ValueError:
        # The installer reports what is wrong with it: it is none, or has a number of thousands of digits.
        return
    if not is_allowed:
        because = f", because {given.python_because}" if given.python_because else ""
        raise PythonNotAllowed(
            f"{file} says {key} = {requires!r}, but the build uses Python {given.python_version}{because}.",
            f"Change {key} in {file}, or ask for a Python that it allows (.python-version, BP_PYTHON_VERSION).",
        )
