"""Conda's environment.yml and pixi's files: recognised so that the build can explain that they are not supported."""

from typing import ClassVar

from cnb.errors import BuildpackError
from python_buildpack.app.documents import pyproject_table, read_toml
from python_buildpack.app.project import Project
from python_buildpack.package_managers.conda_files import Proposal, propose_from_pixi, propose_from_yaml
from python_buildpack.package_managers.interface import InstallContext, Resolution
from python_buildpack.package_managers.nothing import Nothing


class CondaNotSupported(BuildpackError):
    """The app declares its dependencies in environment.yml or pixi.toml only, which are files of Conda and of pixi."""

    code = "conda-not-supported"
    title = "Conda environments are not supported"


class EnvironmentYml(Nothing):
    """The manager that installs nothing and explains why."""

    name: ClassVar[str] = "environment.yml"
    files: ClassVar[tuple[str, ...]] = (
        *("environment.yml", "environment.yaml", "conda.yml", "conda.yaml"),
        *("pixi.toml", "pixi.lock"),
    )

    def find(self, project: Project) -> str | None:
        """Return the file; the registry ignores it if the app has another one that can be installed."""
        return next((file for file in self.files if project.has(file)), None)

    def resolve(self, context: InstallContext) -> Resolution:
        """Raise CondaNotSupported."""
        raise self.refusal(context.project)

    def refusal(self, project: Project) -> CondaNotSupported:
        """Return the error for an app that has one of the files and no other declaration."""
        file = self.find(project) or self.files[0]
        proposed = _propose(project, file).text or (
            "List the packages that the app imports in a requirements.txt: most are on the index under the same name, "
            "with all the libraries that they need. The Python version goes into .python-version."
        )
        others = " Other files that work: pyproject.toml, uv.lock, poetry.lock, pdm.lock, Pipfile, pylock.toml."
        return CondaNotSupported(
            f"{file} is {'pixi' if file.startswith('pixi') else 'Conda'}'s, and this buildpack installs from the "
            "Python package index, not from Conda's channels.",
            proposed if "\n" in proposed else f"{proposed}{others}",
        )


def _propose(project: Project, file: str) -> Proposal:
    if file.endswith((".yml", ".yaml")):
        return propose_from_yaml(project.text(file) or "")
    return propose_from_pixi(read_toml(project, "pixi.toml") or pyproject_table(project, "tool", "pixi"))
