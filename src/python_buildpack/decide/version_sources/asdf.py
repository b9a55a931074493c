""".tool-versions, as asdf and mise write it: a line ``python 3.12.4``, where the first of several versions counts."""

from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.settings.values import Settings

FILE = ".tool-versions"
TOOL = "python"
_PREFIXES = ("latest:", "prefix:")
"""Before a minor version they mean its newest patch release, as the version alone does here."""


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the version of Python; files that name other tools only say nothing."""
    del settings
    text = project.text(FILE) if project.has(FILE) else None
    for number, line in enumerate((text or "").splitlines(), start=1):
        tool, *versions = line.partition("#")[0].split() or [""]
        if tool == TOOL and versions:
            return declared_by_asdf(versions, f"{FILE}, line {number}")
    return None


def declared_by_asdf(versions: list[str], origin: str) -> Declaration:
    """Return the declaration of the first of ``versions``, with a notice of the others. Raises PythonVersionInvalid."""
    version, *others = versions
    for prefix in _PREFIXES:
        version = version.removeprefix(prefix)
    notices = (f"{origin} lists further versions, which are not used: {', '.join(others)}",) if others else ()
    return Declaration(parse_version_request(version, origin), origin, notices)


# The file is no sign of a Python app: most that have it name Node.js or Ruby.
SOURCE = VersionSource(read)
