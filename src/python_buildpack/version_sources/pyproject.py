"""pyproject.toml: ``requires-python`` of the ``[project]`` table (PyPA's core metadata)."""

from python_buildpack.documents import read_toml, string
from python_buildpack.interpreter.request import parse_version_request
from python_buildpack.project import Project
from python_buildpack.settings import Settings
from python_buildpack.version_sources.interface import Declaration

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
