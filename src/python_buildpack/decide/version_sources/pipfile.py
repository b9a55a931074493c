"""Pipfile and Pipfile.lock: ``python_full_version`` and ``python_version`` under ``requires``."""

from collections.abc import Mapping
from typing import Any

from cnb.frozen import replace
from python_buildpack.app.documents import string, table
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import Copied, parse_version_request
from python_buildpack.package_managers.pipfile import FILE, LOCK, read_pipfile, read_pipfile_lock
from python_buildpack.settings.values import Settings

KEYS = ("python_full_version", "python_version")
ANY = "*"


def read_lock(project: Project, settings: Settings) -> Declaration | None:
    """Return the version that the lock was made for."""
    del settings
    meta = table(read_pipfile_lock(project), LOCK, "_meta", "requires")
    declared = _declared({"requires": meta}, LOCK)
    if declared is None:
        return None
    copied = Copied(f"{FILE} ({declared.origin.rpartition('(')[2]}", "pipenv lock")
    return replace(declared, request=replace(declared.request, copied=copied))


def read_file(project: Project, settings: Settings) -> Declaration | None:
    """Return the version that the Pipfile asks for."""
    del settings
    return _declared(read_pipfile(project), FILE)


def _declared(document: Mapping[str, Any], file: str) -> Declaration | None:
    for key in KEYS:
        text = string(dict(document), file, "requires", key)
        if text and text.strip() != ANY:
            origin = f"{file} ({key})"
            return Declaration(parse_version_request(text, origin), origin)
    return None


LOCKED = VersionSource(read_lock, (LOCK,))
DECLARED = VersionSource(read_file, (FILE,))
