"""What a package manager is here: it recognises its files, says what they declare, resolves and installs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from packaging.version import Version

from cnb.frozen import field, frozen
from python_buildpack.app.project import Project
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.package_managers.built_wheels import BuiltWheels
from python_buildpack.ports.interfaces import CommandRunner, Reporter
from python_buildpack.settings.values import Settings
from python_buildpack.support.digests import digest
from python_buildpack.tools.pinned import Tools
from python_buildpack.tools.uv import Uv


@frozen
class InstallContext:
    """What a manager works with while a build runs."""

    project: Project
    settings: Settings
    python_version: str
    """The full version of the app's interpreter, such as 3.13.2: what a resolution is made for."""
    env: Mapping[str, str]
    """The environment for every command: the build's own, earlier buildpacks' included."""
    uv: Uv
    runner: CommandRunner
    reporter: Reporter
    scratch: Path
    """A directory for this build's temporary files, on the file system of the layers."""
    tools: Tools
    """Runs the manager's own tool."""
    built_wheels: BuiltWheels | None = None
    """What earlier builds compiled; without it, all is compiled anew."""
    pythons: tuple[Interpreter, ...] = ()
    """The interpreters that the app can have: what a failure may advise."""


@frozen
class Resolution:
    """Exactly which versions are to be installed, and who said so."""

    text: str
    """The pins, one a line, or the lock. The same text means the same environment."""
    because: str
    digest: str
    """The sha256 of the text, which takes part in the layer's key."""

    @classmethod
    def of(cls, text: str, because: str) -> "Resolution":
        """Return the resolution with this text."""
        return cls(text, because, digest(text))


@frozen
class Pinned:
    """The exact versions that an app declares, by normalised name (PEP 503)."""

    versions: Mapping[str, Version] = field(default_factory=dict)
    wheels: Mapping[str, tuple[str, ...]] | None = None
    """The file names of each one's wheels, where a lock lists them; otherwise the index has to be asked."""
    sources: tuple[str, ...] = ()
    """uv's options for where they are, if that is not the index."""


Trial = Callable[[Mapping[str, Version], str], str | None]
"""Says whether all these pins have a release for a minor version of Python that needs no compiling.

Returns the name of one that has not, or None if all have (or if there is no clear answer).
"""


class Manager(Protocol):
    """One way of declaring dependencies. Implementations hold no state."""

    name: ClassVar[str]
    """As BP_PYTHON_PACKAGE_MANAGER and the log call it."""

    files: ClassVar[tuple[str, ...]]
    """The files that show it, as patterns of the shell. Detection goes by them: they may be wider than ``find``."""

    locks: ClassVar[str | None]
    """The file that its lock is made from, which is no second declaration beside it."""

    def find(self, project: Project) -> str | None:
        """Return the file that shows the app uses this manager, or None. Pure."""

    def declared(self, project: Project) -> frozenset[str]:
        """Return the normalised names (PEP 503) of the distributions that are known to come before installing. Pure."""

    def pinned(self, project: Project) -> Pinned:
        """Return the exact versions that are declared for the image, as far as they can be told. Pure."""

    def declaration(self, project: Project) -> str:
        """Return all that the app declares, as one text: what it changes with must change the layer. Pure."""

    def resolve(self, context: InstallContext) -> Resolution:
        """Return what is to be installed, from a lock as it is or from the index as of now. Raises BuildpackError."""

    def is_exact(self, context: InstallContext) -> bool:
        """Say whether ``install`` keeps what is there already, if it is wanted, and removes it, if it is not. Pure."""

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install into the virtual environment, which exists and is empty. Raises BuildpackError.

        For a manager that is exact, it may hold distributions at the versions of the resolution.
        """
