"""Checks that a project's requires-python allows the Python that was chosen for it.

Most installers check it only when they install the project itself, and PDM then makes another environment.
"""

from packaging.specifiers import SpecifierSet

from python_buildpack.app.documents import PYPROJECT, pyproject_table
from python_buildpack.package_managers.failures.errors import PythonNotAllowed
from python_buildpack.package_managers.interface import InstallContext


def check_project_python(context: InstallContext) -> None:
    """Raise PythonNotAllowed if requires-python in pyproject.toml excludes the build's Python."""
    requires = pyproject_table(context.project, "project").get("requires-python")
    check_python(context, PYPROJECT, "requires-python", str(requires or ""))


def check_python(context: InstallContext, file: str, key: str, requires: str) -> None:
    """Raise PythonNotAllowed if ``requires``, the value of ``key`` in ``file``, excludes the build's Python."""
    try:
        is_allowed = SpecifierSet(requires).contains(context.python_version, prereleases=True)
    except ValueError:
        # The installer reports what is wrong with it: it is none, or has a number of thousands of digits.
        return
    if not is_allowed:
        raise PythonNotAllowed(
            f"{file} says {key} = {requires!r}, but the build uses Python {context.python_version}.",
            "Change one of the two; the log above shows where the version comes from.",
        )
