"""pyproject.toml: ``requires-python`` of the ``[project]`` table (PyPA's core metadata)."""

from python_buildpack.app.documents import read_toml, string
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.settings.values import Settings

FILE = "pyproject.toml"


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the range that the project declares."""
    del settings
    document = read_toml(project, FILE)
    text = string(document, FILE, "project", "requires-python") if document else None
    if not text or not text.strip():
        return None
    origin = f"{FILE} (requires-python)"
    return Declaration(parse_version_request(text, origin), origin)


SOURCE = VersionSource(read, (FILE,))
