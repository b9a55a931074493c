"""Whether Poetry would install the project itself, and whether uv can do it in the same way. Pure.

Poetry installs the project by the editable builder of poetry-core, whatever build backend it names. uv gives the same
where the project names poetry-core, if it builds by the version that Poetry would use.
"""

import re
from collections.abc import Iterator
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from cnb.frozen import frozen
from python_buildpack.app.documents import PYPROJECT, read_toml, strings, subtable
from python_buildpack.app.project import Project
from python_buildpack.package_managers.locked_list import Unsupported
from python_buildpack.package_managers.poetry_constraints import NotAConstraint, parse_constraint

_BACKEND = "poetry.core.masonry.api"
_CORE = "poetry-core"
_ENTRY = re.compile(r"[\w.]+\s*:\s*[\w.]+")


@frozen
class OwnTool:
    """The version of the pinned Poetry, and the line of its pins that has poetry-core with its hashes."""

    version: str
    core_version: str
    core: str

    @classmethod
    def of(cls, pins: str) -> "OwnTool":
        """Return what a requirements file with the pins of Poetry says."""
        lines: dict[str, str] = {
            canonicalize_name(line.partition("==")[0]): line.strip()
            for line in re.sub(r"\\\n\s*", " ", pins).splitlines()
            if "==" in line and not line.startswith("#")
        }
        versions = {name: line.partition("==")[2].split()[0] for name, line in lines.items()}
        return cls(versions["poetry"], versions[_CORE], lines[_CORE])


def installs_itself(project: Project, tool: OwnTool) -> bool:
    """Return whether the project itself is to be installed. Raises Unsupported if uv would do it in another way."""
    document = read_toml(project, PYPROJECT) or {}
    poetry = subtable(document, "tool", "poetry")
    _check_poetry(poetry, tool)
    mode = poetry.get("package-mode", True)
    if mode is False:
        return False
    own = subtable(document, "project")
    if mode is not True or not isinstance(own.get("name") or poetry.get("name"), str):
        raise Unsupported(f"the project in {PYPROJECT} has no name")
    _check_backend(subtable(document, "build-system"), tool)
    if "build" in poetry:
        raise Unsupported("the project has a build script")
    packages = poetry.get("packages", [])
    if not isinstance(packages, list) or any(isinstance(one, dict) and "to" in one for one in packages):
        raise Unsupported("the project moves its packages")
    for name, entry in _scripts(own, poetry):
        if not isinstance(entry, str) or not _ENTRY.fullmatch(entry.strip()):
            raise Unsupported(f"the script {name} of the project is no plain function of a module")
    return True


def _check_poetry(poetry: dict[str, Any], tool: OwnTool) -> None:
    """Raise Unsupported for a project that needs another Poetry, or plugins."""
    if "requires-plugins" in poetry:
        raise Unsupported("the project requires plugins of Poetry")
    try:
        allowed = parse_constraint(str(poetry.get("requires-poetry", "*")))
    except NotAConstraint as error:
        raise Unsupported(f"requires-poetry is {poetry['requires-poetry']}") from error
    if not any(one.contains(tool.version, prereleases=True) for one in allowed):
        raise Unsupported(f"requires-poetry is {poetry['requires-poetry']}")


def _check_backend(system: dict[str, Any], tool: OwnTool) -> None:
    """Raise Unsupported unless the project is built by poetry-core alone, in a version range with the pinned one."""
    if system.get("build-backend") != _BACKEND or "backend-path" in system:
        raise Unsupported("the project itself is installed, and its build backend is not poetry-core")
    requires = strings(system.get("requires"))
    try:
        found = [Requirement(text) for text in requires]
    except ValueError as error:
        raise Unsupported(f"[build-system] requires {', '.join(requires)}") from error
    fits = [one for one in found if canonicalize_name(one.name) == _CORE and one.marker is None and not one.extras]
    is_plain = len(found) == 1 == len(fits) and fits[0].url is None
    if not is_plain or not _allows(fits[0].specifier, tool.core_version):
        raise Unsupported(
            f"[build-system] requires {', '.join(requires) or 'nothing'}, not poetry-core alone as pinned"
        )


def _allows(specifier: SpecifierSet, version: str) -> bool:
    try:
        return specifier.contains(version, prereleases=True)
    except ValueError:
        # It has a number of thousands of digits.
        return False


def _scripts(own: dict[str, Any], poetry: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for table in (own, poetry):
        for key in ("scripts", "gui-scripts"):
            yield from subtable(table, key).items()
