"""What a version source is: a pure function from the project and the settings to a declaration, or nothing."""

from collections.abc import Callable

from cnb.frozen import frozen
from python_buildpack.app.project import Project
from python_buildpack.interpreters.request import VersionRequest
from python_buildpack.settings import Settings


@frozen
class Declaration:
    """A Python version that somebody asked for."""

    request: VersionRequest
    origin: str
    """Where it stands, as a reader would say it: ``runtime.txt`` or ``.python-version, line 3``."""
    notices: tuple[str, ...] = ()
    """What was passed over while reading it, for the log."""


VersionSource = Callable[[Project, Settings], Declaration | None]
"""Returns what the place declares, or None where it is silent. Raises BuildpackError for what cannot be read."""
