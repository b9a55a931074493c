"""Finds the line of the app's files that declares a package, for errors that name one."""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from python_buildpack.app.project import Project
from python_buildpack.package_managers.requirement_files import RequirementsIncludeMissing, read_requirement_files

_DECLARING = ("pyproject.toml", "Pipfile", "setup.cfg", "setup.py")
"""Where declarations are written by people; what a lock says was written by a tool."""
_NAMES = r"(?:^|[\"'\[,{=(])\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?=\s*(?:[\"'\[;@,(]|[<>=!~]|$))"
"""Names at the beginning of a line, of a string, or of a key: there the declarations of all notations have them."""

_INDEXES = r"index|source\]|sources\]|find-links|registr(?:y|ies)"
"""What every notation of a place of packages contains. A comment that has it costs a sentence of an error."""


def declared_at(project: Project, file: str, package: str) -> str | None:
    """Return the first place that declares a package, as ``FILE, line N``; None if no file does.

    ``file`` is the file that the installer worked on; ``package`` is how it names the package: a name, or a requirement
    (PEP 508).
    """
    named = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", package.strip("`'\""))
    if named is None:
        return None
    name = canonicalize_name(named[0])
    for path in _files(project, file):
        text = project.text(path) or ""
        for number, line in enumerate(text.splitlines(), start=1):
            if name in _names_in(line):
                return f"{path}, line {number}"
    return None


def names_indexes(project: Project, file: str) -> bool:
    """Return whether the declarations say where packages come from: then nothing is to be asked of another index."""
    return any(re.search(_INDEXES, project.text(path) or "") for path in _files(project, file))


def _files(project: Project, file: str) -> Iterator[str]:
    if file.endswith((".txt", ".in")):
        try:
            yield from read_requirement_files(project, file).files
        except RequirementsIncludeMissing:
            yield file
    yield from (name for name in _DECLARING if project.has(name))


def _names_in(line: str) -> Iterator[str]:
    code = re.split(r"(?:^|\s)#", line, maxsplit=1)[0]
    for match in re.finditer(_NAMES, code):
        yield canonicalize_name(match["name"])
