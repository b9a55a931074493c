"""environment.yml: recognised so that the build can say that Conda environments are not installed, and what is."""

from pathlib import Path
from typing import ClassVar

from cnb.errors import BuildpackError
from python_buildpack.app.project import Project
from python_buildpack.package_managers.interface import InstallContext, Pinned, Resolution

FILES = ("environment.yml", "environment.yaml")
INSTEAD = ("requirements.txt", "pyproject.toml", "Pipfile", "Pipfile.lock", "poetry.lock", "pylock.toml", "setup.py")


class CondaNotSupported(BuildpackError):
    """The app declares its dependencies in environment.yml only, which is Conda's file."""

    code = "conda-not-supported"
    title = "Conda environments are not supported"


class EnvironmentYml:
    """The manager that installs nothing and explains why."""

    name: ClassVar[str] = "environment.yml"

    def find(self, project: Project) -> str | None:
        """Return environment.yml, unless the app also says what it needs in a way that can be installed."""
        if any(project.has(file) for file in INSTEAD):
            return None
        return next((file for file in FILES if project.has(file)), None)

    def declared(self, project: Project) -> frozenset[str]:
        """Return no names."""
        del project
        return frozenset()

    def pinned(self, project: Project) -> Pinned:
        """Return no versions."""
        del project
        return Pinned()

    def declaration(self, project: Project) -> str:
        """Return nothing: no layer will be made of it."""
        del project
        return ""

    def resolve(self, context: InstallContext) -> Resolution:
        """Raise CondaNotSupported."""
        raise CondaNotSupported(
            f"{self.find(context.project) or FILES[0]} is Conda's, and this buildpack installs from the Python package "
            "index, not from Conda's channels.",
            "List the packages that the app imports in a requirements.txt: most are on the index under the same name, "
            "with all the libraries that they need. The Python version goes into .python-version. Other files that "
            "work: pyproject.toml, uv.lock, poetry.lock, pdm.lock, Pipfile, pylock.toml.",
        )

    def is_exact(self, context: InstallContext) -> bool:
        """Say no: nothing is installed."""
        del context
        return False

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Raise CondaNotSupported."""
        del resolution, venv
        self.resolve(context)
