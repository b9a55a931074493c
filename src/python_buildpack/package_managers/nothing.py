"""Apps that declare no dependencies: scripts that use only the standard library."""

from pathlib import Path
from typing import ClassVar

from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import DevelopmentChoices
from python_buildpack.package_managers.interface import Given, InstallContext, Resolution
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.settings.setting import Setting


class Nothing:
    """The fallback if no other manager is found. It installs nothing."""

    name: ClassVar[str] = "none"
    files: ClassVar[tuple[str, ...]] = ()
    locks: ClassVar[str | None] = None
    chooses: ClassVar[tuple[Setting, ...]] = ()

    def find(self, project: Project) -> str | None:
        """Return None: the registry uses this manager only as the fallback."""
        del project
        return None

    def declared(self, project: Project) -> frozenset[str]:
        """Return no names."""
        del project
        return frozenset()

    def pinned(self, project: Project) -> Pinned:
        """Return no versions."""
        del project
        return Pinned()

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return nothing more."""
        del project
        return DevelopmentChoices()

    def declaration(self, project: Project) -> str:
        """Return an empty text."""
        del project
        return ""

    def check(self, given: Given) -> None:
        """Raise nothing: what can be wrong is seen where it is read."""
        del given

    def resolve(self, context: InstallContext) -> Resolution:
        """Return an empty resolution."""
        del context
        return Resolution.of("", "", is_locked=True)

    def is_exact(self, context: InstallContext) -> bool:
        """Return False: nothing is installed."""
        del context
        return False

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Leave the virtual environment empty."""
        del context, resolution, venv
