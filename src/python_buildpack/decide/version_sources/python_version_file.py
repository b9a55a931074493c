""".python-version, as pyenv and uv write it: one version a line, the first one counts, ``#`` starts a comment."""

import re

from python_buildpack.app.documents import ProjectFileInvalid
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.settings.values import Settings

FILE = ".python-version"
_NAMED = re.compile(r"\b(?:c?python)\s+(?=[0-9])", re.IGNORECASE)
_RANGE = re.compile(r"[<>=!~]")


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the first version in the file, with a notice where it lists more (pyenv tries them in turn)."""
    del settings
    text = project.text(FILE)
    if text is None:
        return None
    versions = [
        (number, word)
        for number, line in enumerate(text.splitlines(), start=1)
        for word in _versions(line.partition("#")[0])
    ]
    if not versions:
        raise ProjectFileInvalid(
            f"{FILE} names no version.", f"Write a version such as 3.13 in {FILE}, or delete the file."
        )
    number, version = versions[0]
    origin = f"{FILE}, line {number}"
    others = ", ".join(word for _, word in versions[1:])
    notices = (f"{FILE} lists further versions, which are not used: {others}",) if others else ()
    return Declaration(parse_version_request(version, origin), origin, notices)


def _versions(line: str) -> list[str]:
    """Return what a line names: pyenv allows several versions on one, and a range may have spaces within."""
    line = _NAMED.sub("", line)
    return [line.strip()] if _RANGE.search(line) else line.split()


SOURCE = VersionSource(read, (FILE,))
