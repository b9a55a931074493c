"""setup.py and setup.cfg: ``python_requires``, if it excludes later versions and is known without running a script."""

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

from python_buildpack.app.project import Project, ProjectFileUnreadable
from python_buildpack.decide.version_sources.interface import Declaration, VersionSource
from python_buildpack.interpreters.request import parse_version_request
from python_buildpack.package_managers.setup_py import CONFIG, SCRIPT, python_requires
from python_buildpack.settings.values import Settings

_LOWER = frozenset({">=", ">", "!="})
_UPPER = frozenset({"<", "<="})
_NEVER = Version("4")


def read(project: Project, settings: Settings) -> Declaration | None:
    """Return the range, if it has an upper end: with ``>=3.6`` alone, the pins should decide."""
    del settings
    try:
        file, key, text = python_requires(project)
        has_end = any(_is_end(part) for part in SpecifierSet(text))
    except (ValueError, ProjectFileUnreadable):
        # setuptools reports the syntax error, if this is the file that counts.
        return None
    origin = f"{file} ({key})"
    return Declaration(parse_version_request(text, origin), origin) if has_end else None


def _is_end(part: Specifier) -> bool:
    """Say whether later versions are excluded; ``<4``, which many projects have, excludes none."""
    return part.operator not in _LOWER and not (part.operator in _UPPER and Version(part.version) >= _NEVER)


SOURCE = VersionSource(read, (SCRIPT, CONFIG))
