"""pyproject.toml of the members of a workspace: ``requires-python`` of those that are in the image."""

import posixpath

from python_buildpack.app.documents import PYPROJECT, read_toml, subtable
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_specifiers
from python_buildpack.package_managers.members import choose_members
from python_buildpack.package_managers.own_projects import is_workspace_root, own_projects
from python_buildpack.settings.values import Settings

KEY = "requires-python"


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the versions that all members in the image allow. Raises MemberUnknown."""
    if not is_workspace_root(project):
        return None
    found: dict[str, None] = {}
    files: list[str] = []
    for own in choose_members(own_projects(project), settings).included:
        file = posixpath.join(own.directory, PYPROJECT)
        text = subtable(read_toml(project, file), "project").get(KEY)
        if isinstance(text, str) and text.strip():
            files += [] if text.strip() in found else [file]
            found[text.strip()] = None
    origin = f"{', '.join(files)} ({KEY})"
    return Declaration(parse_specifiers(",".join(found), origin, KEY), origin) if found else None


SOURCE = VersionSource(read, ())
