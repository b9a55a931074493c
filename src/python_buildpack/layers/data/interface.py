"""What a kind of data is here: it says what an app asks for, and downloads that into a layer of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.installed.distributions import InstalledDistributions
from python_buildpack.ports.interfaces import CommandRunner
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.values import Settings


@frozen
class DataRequest:
    """What an app asks for."""

    names: tuple[str, ...]
    because: str
    """Why, for the log: "nltk.txt names them"."""
    version: str
    """Of the distribution that downloads and reads the data."""
    source: str = ""
    """Where the data is downloaded from, if not from where the distribution does by itself."""


@frozen
class AppPython:
    """The app's virtual environment as a download uses it: on disk, with all that the build's environment has."""

    executable: Path
    env: Mapping[str, str]
    runner: CommandRunner


class DataLayer(Protocol):
    """One kind of data. Implementations hold no state."""

    name: ClassVar[str]
    """Of the layer."""
    heading: ClassVar[str]
    """Of the part of the log."""
    variable: ClassVar[str]
    """The environment variable by which the app finds the data: a list of directories, with colons between them."""
    content: ClassVar[str]
    """What the layer holds, for the documentation."""

    def find(
        self, project: Project, installed: InstalledDistributions, settings: Settings
    ) -> DataRequest | Notice | None:
        """Return what the app asks for; a notice where that cannot be given; None where it asks for nothing. Pure.

        Raises BuildpackError for a request that makes no sense.
        """

    def download(self, request: DataRequest, folder: Path, python: AppPython) -> None:
        """Fill the empty folder with what is asked for. Raises BuildpackError."""
