"""The Python version in lock files: uv.lock, poetry.lock, pdm.lock and pylock.toml.

The tools copy it from pyproject.toml, so it counts only if that has none. If the two differ, the lock is outdated.
"""

from typing import Any

from cnb.frozen import replace
from python_buildpack.app.documents import PYPROJECT, parse_toml, string, table
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.decide.version_sources.poetry import declared_by_poetry
from python_buildpack.interpreters.request import Copied, parse_version_request
from python_buildpack.settings.values import Settings

UV = "uv.lock"
POETRY = "poetry.lock"
PDM = "pdm.lock"
PYLOCK = "pylock.toml"


def read_uv(project: Project, settings: Settings) -> Declaration | None:
    """Return ``requires-python`` of uv.lock."""
    del settings
    return _declared(string(_head(project, UV), UV, "requires-python"), f"{UV} (requires-python)", "uv lock")


def read_poetry(project: Project, settings: Settings) -> Declaration | None:
    """Return ``python-versions`` of poetry.lock."""
    del settings
    # Poetry writes its metadata after the packages.
    before, mark, after = (project.text(POETRY) or "").rpartition("\n[metadata]\n")
    document = _parse(mark + after, POETRY) if before else {}
    text = string(document, POETRY, "metadata", "python-versions")
    if not text:
        return None
    declared = declared_by_poetry(text, f"{POETRY} (python-versions)")
    return replace(declared, request=replace(declared.request, copied=Copied(f"{PYPROJECT} (python)", "poetry lock")))


def read_pdm(project: Project, settings: Settings) -> Declaration | None:
    """Return ``requires_python`` of pdm.lock, if it has one target: several targets are alternatives."""
    del settings
    targets = table(_head(project, PDM), PDM, "metadata").get("targets")
    match targets:
        case [{"requires_python": str(text)}]:
            return _declared(text, f"{PDM} (requires_python)", "pdm lock")
        case _:
            return None


def read_pylock(project: Project, settings: Settings) -> Declaration | None:
    """Return ``requires-python`` of pylock.toml (PEP 751)."""
    del settings
    text = string(_head(project, PYLOCK), PYLOCK, "requires-python")
    return _declared(text, f"{PYLOCK} (requires-python)", "the tool that makes the lock")


def _declared(text: str | None, origin: str, command: str) -> Declaration | None:
    if not text or not text.strip():
        return None
    copied = Copied(f"{PYPROJECT} (requires-python)", command)
    return Declaration(replace(parse_version_request(text, origin), copied=copied), origin)


def _head(project: Project, path: str) -> dict[str, Any]:
    """Parse only the part before the packages: a lock may have megabytes of those, and parsing them takes seconds."""
    text = project.text(path) or ""
    return _parse(text.partition("\n[[package")[0], path)


def _parse(text: str, path: str) -> dict[str, Any]:
    cure = "Make the lock again with its tool. A common cause is the markers of a merge conflict."
    return parse_toml(text, path, cure)


SOURCES = (
    VersionSource(read_uv, (UV,)),
    VersionSource(read_poetry, (POETRY,)),
    VersionSource(read_pdm, (PDM,)),
    VersionSource(read_pylock, (PYLOCK,)),
)
"""In order of precedence."""
