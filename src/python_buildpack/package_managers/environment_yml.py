"""environment.yml: recognised so that the build can explain that Conda environments are not supported."""

from typing import ClassVar

from cnb.errors import BuildpackError
from python_buildpack.app.project import Project
from python_buildpack.package_managers.interface import InstallContext, Resolution
from python_buildpack.package_managers.nothing import Nothing


class CondaNotSupported(BuildpackError):
    """The app declares its dependencies in environment.yml only, which is Conda's file."""

    code = "conda-not-supported"
    title = "Conda environments are not supported"


class EnvironmentYml(Nothing):
    """The manager that installs nothing and explains why."""

    name: ClassVar[str] = "environment.yml"
    files: ClassVar[tuple[str, ...]] = ("environment.yml", "environment.yaml")

    def find(self, project: Project) -> str | None:
        """Return the file; the registry ignores it if the app has another one that can be installed."""
        return next((file for file in self.files if project.has(file)), None)

    def resolve(self, context: InstallContext) -> Resolution:
        """Raise CondaNotSupported."""
        raise CondaNotSupported(
            f"{self.find(context.project) or self.files[0]} is Conda's, and this buildpack installs from the Python "
            "package index, not from Conda's channels.",
            "List the packages that the app imports in a requirements.txt: most are on the index under the same name, "
            "with all the libraries that they need. The Python version goes into .python-version. Other files that "
            "work: pyproject.toml, uv.lock, poetry.lock, pdm.lock, Pipfile, pylock.toml.",
        )
