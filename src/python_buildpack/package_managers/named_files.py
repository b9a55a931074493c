"""The readme and the licence that a project's metadata names: most build backends refuse a project without them.

Keys: ``readme`` and ``license`` of PEP 621, and ``readme`` of Poetry's own table. setuptools warns only.
"""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from python_buildpack.app.documents import PYPROJECT, read_toml, strings, subtable
from python_buildpack.app.hook_files import PRE_COMPILE
from python_buildpack.app.project import Project
from python_buildpack.package_managers.failures.projects import ProjectFileMissing
from python_buildpack.package_managers.members import choose_members
from python_buildpack.package_managers.own_projects import own_projects
from python_buildpack.settings.values import Settings

_INSTALLING = frozenset({"pyproject.toml", "uv", "poetry", "pdm"})
"""Managers that install the project of the app directory by themselves."""
_LENIENT = ("", "setuptools")
"""How the backends begin that need no such file; without one, it is setuptools (PEP 517)."""


def check_named_files(project: Project, manager: str, settings: Settings) -> None:
    """Raise ProjectFileMissing for files that installed projects of the app name and that are not there.

    A hook that runs before the installation may write them.
    """
    if manager not in _INSTALLING or project.has(PRE_COMPILE):
        return
    missing = [
        (posixpath.join(own.directory, PYPROJECT), key, file)
        for own in choose_members(own_projects(project), settings).included
        if own.is_built
        for key, file in _named(read_toml(project, posixpath.join(own.directory, PYPROJECT)) or {})
        if not _is_there(posixpath.join(own.directory, file), project)
    ]
    if missing:
        raise ProjectFileMissing(
            "\n".join(
                f"{path} names {file} as the {key} of the project, and it is not in the app."
                for path, key, file in missing
            ),
            "Commit it, take it out of .dockerignore, project.toml's exclude or the like, or remove it from the "
            "project's metadata.",
        )


def _is_there(path: str, project: Project) -> bool:
    normal = posixpath.normpath(path)
    return normal.startswith("..") or project.exists(normal)


def _named(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the key and the path of each file, relative to the project."""
    system = subtable(document, "build-system")
    backend = system.get("build-backend", "")
    if not isinstance(backend, str) or backend.partition(".")[0] in _LENIENT or "backend-path" in system:
        return
    table = subtable(document, "project")
    readme = subtable(document, "tool", "poetry").get("readme") if not table else table.get("readme")
    files = readme if isinstance(readme, list) else [readme.get("file") if isinstance(readme, dict) else readme]
    yield from (("readme", file) for file in strings(files))
    license_ = table.get("license")
    yield from (("license", file) for file in strings([license_.get("file") if isinstance(license_, dict) else None]))
