"""mise.toml, in any of the places where mise looks: ``python`` under ``[tools]``."""

from python_buildpack.app.documents import read_toml, table
from python_buildpack.app.project import Project
from python_buildpack.decide.version_sources.asdf import declared_by_asdf
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.settings.values import Settings

FILES = (
    "mise.toml",
    ".mise.toml",
    "mise/config.toml",
    ".mise/config.toml",
    ".config/mise.toml",
    ".config/mise/config.toml",
)
"""In mise's order (https://mise.jdx.dev/configuration.html)."""
NAMES = ("python", "core:python")


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the version in the first file that names Python."""
    del settings
    for file in FILES:
        # Some are in hidden folders, which the scan leaves out.
        tools = table(read_toml(project, file) or {}, file, "tools")
        versions = [version for name in NAMES for version in _versions(tools.get(name))]
        if versions:
            return declared_by_asdf(versions, f"{file} (python)")
    return None


def _versions(value: object) -> list[str]:
    """Return the versions of a tool: a string, a table with a version, or a list of either."""
    match value:
        case [*several]:
            return [version for one in several for version in _versions(one)]
        case {"version": version} | (str(version) | int(version) | float(version)):
            return [str(version)]
        case _:
            return []


# The files are no sign of a Python app: mise is for every language.
SOURCE = VersionSource(read)
