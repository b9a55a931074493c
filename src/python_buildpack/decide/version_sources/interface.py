"""The interface of a version source: its files, and a pure function from project and settings to a declaration."""

from collections.abc import Callable

from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.interpreters.request import VersionRequest
from python_buildpack.settings.values import Settings


@frozen
class Declaration:
    """A Python version that the app or the user asks for."""

    request: VersionRequest
    origin: str
    """Where it is declared, for messages: ``runtime.txt`` or ``.python-version, line 3``."""
    notices: tuple[str, ...] = ()
    """What was ignored while reading it, for the log."""


@frozen
class VersionSource:
    """A place where an app may declare its Python version."""

    read: Callable[[Project, Settings], Declaration | None]
    """Returns what is declared there, or None. Pure. Raises BuildpackError for what cannot be read."""
    files: tuple[str, ...] = ()
    """The files that it reads and that no app of another language has: with one of them, an app is a Python app."""
