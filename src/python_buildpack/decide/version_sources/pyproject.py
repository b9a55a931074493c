"""pyproject.toml: ``requires-python`` of the ``[project]`` table (PyPA's core metadata)."""

import re

from python_buildpack.app.documents import PYPROJECT, ProjectFileInvalid, pyproject_table, read_toml, string
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_specifiers
from python_buildpack.settings.values import Settings

FILE = PYPROJECT
KEY = "requires-python"
_NUMBER = re.compile(rf"^[ \t]*{KEY}\s*=\s*(?P<written>[0-9.]+)", re.MULTILINE)


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the range that the project declares."""
    del settings
    document = read_toml(project, FILE)
    if not document:
        return None
    _refuse_number(project, pyproject_table(project, "project").get(KEY))
    text = string(document, FILE, "project", KEY)
    if not text or not text.strip():
        return None
    origin = f"{FILE} ({KEY})"
    return Declaration(parse_specifiers(text, origin, KEY), origin)


def _refuse_number(project: Project, value: object) -> None:
    """Raise ProjectFileInvalid for a number, from which TOML takes the last zero: 3.10 is 3.1."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return
    found = _NUMBER.search(project.text(FILE) or "")
    written = found["written"] if found else str(value)
    raise ProjectFileInvalid(
        f"{FILE}: project.{KEY} is the number {written}, but a string of version specifiers belongs there.",
        f'Write {KEY} = "=={written}.*" for any {written}, or {KEY} = ">={written}" for {written} and later.',
    )


SOURCE = VersionSource(read, (FILE,))
