"""The interface of a package manager: it recognises and reads its files, resolves and installs."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from packaging.version import Version

from cnb.frozen import field, frozen
from python_buildpack.app.project import Project
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.package_managers.built_wheels import BuiltWheels
from python_buildpack.package_managers.choices import DevelopmentChoices
from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.ports.interfaces import CommandRunner, Reporter
from python_buildpack.settings.setting import Setting
from python_buildpack.settings.values import Settings
from python_buildpack.support.digests import digest
from python_buildpack.support.growing_file import GrowingFile
from python_buildpack.tools.pinned import Tools
from python_buildpack.tools.uv import Uv

if TYPE_CHECKING:
    from python_buildpack.package_managers.fetched_wheels import FetchedWheels


class AppPython(Protocol):
    """The app's own interpreter, which a build with the layer of an earlier one does not have on disk."""

    @property
    def executable(self) -> Path:
        """Return its path, whether it exists now or not."""

    def restored(self) -> AbstractContextManager[Path]:
        """Return a context in which it is on disk, and which yields its path. Entering it raises BuildpackError."""


class Given(Protocol):
    """What is known before anything is downloaded. An InstallContext has it, too."""

    @property
    def project(self) -> Project:
        """Return the app."""

    @property
    def settings(self) -> Settings:
        """Return the settings of the build."""

    @property
    def env(self) -> Mapping[str, str]:
        """Return the variables of the build."""

    @property
    def python_version(self) -> str:
        """Return the full version of the app's Python, such as 3.13.2; empty if none could be chosen."""

    @property
    def python_because(self) -> str:
        """Return why it is that version, after "because"; empty where the log has said it."""


@frozen
class InstallContext:
    """The inputs of a manager's ``resolve`` and ``install``."""

    project: Project
    settings: Settings
    python_version: str
    """The full version of the app's Python, such as 3.13.2."""
    env: Mapping[str, str]
    """The environment for every command: that of the build, with the variables of earlier buildpacks, and without what
    is for the app alone (installer_environment.py)."""
    uv: Uv
    runner: CommandRunner
    reporter: Reporter
    scratch: Path
    """A directory for this build's temporary files, on the file system of the layers."""
    tools: Tools
    """Runs the manager's own tool."""
    built_wheels: BuiltWheels | None = None
    """Wheels that earlier builds compiled; None compiles everything again."""
    kept_wheels: GrowingFile | None = None
    """Wheels that earlier builds downloaded (kept_wheels.py); None downloads everything again."""
    withheld: frozenset[str] = frozenset()
    """The names of the user's variables that are not in ``env``, for the message if something asks for one."""
    built_from_source: set[str] = field(default_factory=set)
    """The normalised names of what this build has built from source so far: see source_builds.py."""
    shown_tools: set[str] = field(default_factory=set)
    """The tools whose version the log has by now."""
    built_directories: set[str] = field(default_factory=set)
    """The same of projects that were built where they are: the app's own."""
    since: float = field(default_factory=time.time)
    """When this was made, in seconds since the epoch: no code of packages has run before."""
    pythons: tuple[Interpreter, ...] = ()
    """The available interpreters, which an error may recommend."""
    python_because: str = ""
    """As in Given: the log has said it."""
    fetched: "FetchedWheels | None" = None
    """The wheels that were downloaded before any code of packages could run: see ahead.py."""
    app_python: AppPython | None = None
    """The app's Python, on which a resolution builds what it has to build; None: the buildpack's own does that."""


@frozen
class Resolution:
    """The exact versions to install, and where they come from."""

    text: str
    """The pins, one a line, or the lock. Equal texts give equal environments."""
    because: str
    """Where the versions come from, for the log."""
    digest: str
    """The sha256 of the text, in hexadecimal, which is part of the layer's key."""
    is_locked: bool = False
    """Whether the app itself names the files to install, by their hashes."""

    @classmethod
    def of(cls, text: str, because: str, *, is_locked: bool = False) -> "Resolution":
        """Return a resolution with this text; its digest is computed."""
        return cls(text, because, digest(text), is_locked)


Trial = Callable[[Mapping[str, Version], str], str | None]
"""Takes pins and a minor version of Python (``"3.13"``), and returns the name of one pin without a wheel for it.

Returns None if all pins have wheels, or if that could not be found out.
"""


class Manager(Protocol):
    """One way of declaring dependencies. Implementations hold no state."""

    name: ClassVar[str]
    """Its name in BP_PYTHON_PACKAGE_MANAGER and the log."""

    files: ClassVar[tuple[str, ...]]
    """Shell patterns of the files by which detect recognises it; they may match more than ``find``."""

    locks: ClassVar[str | None]
    """The file that its lock is made from. It does not count as a second declaration beside the lock."""

    chooses: ClassVar[tuple[Setting, ...]]
    """The settings that choose among what its files declare; others of this kind have no effect with it."""

    def find(self, project: Project) -> str | None:
        """Return the file which shows that the app uses this manager, or None. Pure."""

    def declared(self, project: Project) -> frozenset[str]:
        """Return the normalised names (PEP 503) of the distributions that the files declare. Pure."""

    def pinned(self, project: Project) -> Pinned:
        """Return the exact versions that the files declare for the image, as far as they can be read. Pure."""

    def for_developers(self, project: Project) -> DevelopmentChoices:
        """Return what images for tests and for development have besides (for_developers.py). Pure."""

    def declaration(self, project: Project) -> str:
        """Return all that the app declares, as one text: if it changes, the layer is made again. Pure.

        What programs read of the app while they install is seen, and need not be part of it. Lines ``path:line`` are
        all that counts of the file ``path``: without them, a change of its comments would count.
        """

    def check(self, given: Given) -> None:
        """Raise a BuildpackError for what files and settings show to be wrong before anything is resolved. Pure.

        It is called early, and by ``resolve`` again.
        """

    def resolve(self, context: InstallContext) -> Resolution:
        """Return the versions to install, from the lock or from the index as it is now. Raises BuildpackError."""

    def is_exact(self, context: InstallContext) -> bool:
        """Return whether ``install`` keeps installed distributions that the resolution has, and removes all others.

        Pure.
        """

    def install(self, context: InstallContext, resolution: Resolution, venv: Path) -> None:
        """Install into the virtual environment ``venv``, which exists and is empty. Raises BuildpackError.

        If ``is_exact``, it may already contain distributions in the versions of the resolution.
        """
