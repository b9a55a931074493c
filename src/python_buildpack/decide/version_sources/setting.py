"""BP_PYTHON_VERSION (or BP_CPYTHON_VERSION), set by the platform or the user for this build."""

from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.settings.table import PYTHON_VERSION
from python_buildpack.settings.values import Settings


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the version that the environment asks for."""
    del project
    value = settings.get(PYTHON_VERSION)
    if value is None:
        return None
    return Declaration(parse_version_request(value.text, value.origin), value.origin)


SOURCE = VersionSource(read)
