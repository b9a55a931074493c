"""The interface of a kind of data: it finds what an app asks for, and downloads that into a layer of its own."""

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
    """The version of the distribution that downloads and reads the data; without one, that of the format."""
    source: str = ""
    """The URL to download from; empty for the distribution's default."""


@frozen
class AppPython:
    """The app's virtual environment as a download uses it: it is on disk; ``env`` includes the build's variables."""

    executable: Path
    env: Mapping[str, str]
    runner: CommandRunner


class DataLayer(Protocol):
    """One kind of data. Implementations hold no state."""

    name: ClassVar[str]
    """The layer's name."""
    heading: ClassVar[str]
    """The heading in the log."""
    variable: ClassVar[str]
    """The environment variable that names the data's directories, separated by colons."""
    content: ClassVar[str]
    """What the layer holds, for the documentation."""

    def find(
        self, project: Project, installed: InstalledDistributions, settings: Settings
    ) -> DataRequest | Notice | None:
        """Return what the app asks for; a notice if that cannot be provided; None if it asks for nothing. Pure.

        Raises BuildpackError for an invalid request.
        """

    def download(self, request: DataRequest, folder: Path, python: AppPython) -> None:
        """Download the requested data into the empty ``folder``. Raises BuildpackError."""
