"""What a version source is: files, and a pure function from the project and settings to a declaration or nothing."""

from collections.abc import Callable

from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.interpreters.request import VersionRequest
from python_buildpack.settings.values import Settings


@frozen
class Declaration:
    """A Python version that somebody asked for."""

    request: VersionRequest
    origin: str
    """Where it stands, as a reader would say it: ``runtime.txt`` or ``.python-version, line 3``."""
    notices: tuple[str, ...] = ()
    """What was passed over while reading it, for the log."""


@frozen
class VersionSource:
    """A place where an app may say which Python it wants."""

    read: Callable[[Project, Settings], Declaration | None]
    """Pure: returns what is declared there, or None if nothing is. Raises BuildpackError for what cannot be read."""
    files: tuple[str, ...] = ()
    """The files that it reads: an app that has one of them is a Python app."""
