"""The packages that pyproject.toml requires itself, for the Python, the groups and the extras of this build. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cnb.frozen import frozen
from python_buildpack.app.documents import pyproject_table
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.poetry_constraints import parse_constraint

_PLATFORM = "linux"


@frozen
class Conditions:
    """What decides whether a requirement with a condition applies."""

    python_version: str
    choices: Choices

    @property
    def markers(self) -> dict[str, str]:
        """The values of environment markers (PEP 508) that differ from those of the buildpack's own Python."""
        minor = ".".join(self.python_version.split(".")[:2])
        return {"python_version": minor, "python_full_version": self.python_version, "extra": ""}


def direct_names(project: Project, conditions: Conditions) -> frozenset[str]:
    """Return the normalised names of the app's own requirements that apply; what a build backend computes is left out.

    Raises ProjectFileInvalid.
    """
    return _standard_names(project, conditions) | {
        canonicalize_name(name) for name, _ in poetry_entries(project, conditions)
    }


def poetry_entries(project: Project, conditions: Conditions) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each package of ``[tool.poetry.dependencies]`` that applies, with its table; a version is a table, too.

    Where ``[project]`` lists the requirements, these entries only add to them. Raises ProjectFileInvalid.
    """
    extras = pyproject_table(project, "tool", "poetry", "extras")
    chosen = {str(name) for extra in conditions.choices.extras for name in _texts(extras.get(extra))}
    own = _standard_names(project, conditions) if "dependencies" in pyproject_table(project, "project") else None
    for name, value in pyproject_table(project, "tool", "poetry", "dependencies").items():
        for one in value if isinstance(value, list) else [value]:
            entry = one if isinstance(one, dict) else {"version": one}
            is_wanted = name in chosen or entry.get("optional") is not True
            if name != "python" and is_wanted and (own is None or canonicalize_name(name) in own):
                yield from [(name, entry)] if _applies(entry, conditions) else []


def _standard_names(project: Project, conditions: Conditions) -> frozenset[str]:
    listed = (requirement for text in _listed(project, conditions.choices) if (requirement := _parsed(text)))
    return frozenset(canonicalize_name(one.name) for one in listed if _is_met(one.marker, conditions))


def _applies(entry: Mapping[str, Any], conditions: Conditions) -> bool:
    if str(entry.get("platform", _PLATFORM)) != _PLATFORM:
        return False
    try:
        wanted = parse_constraint(str(entry.get("python", "*")))
        marker = Marker(str(entry["markers"])) if entry.get("markers") else None
        is_for_python = any(one.contains(conditions.python_version, prereleases=True) for one in wanted)
    except ValueError:
        # Poetry's build backend says what is wrong with it: it is none, or has a number of thousands of digits.
        return True
    return is_for_python and _is_met(marker, conditions)


def _is_met(marker: Marker | None, conditions: Conditions) -> bool:
    try:
        return marker is None or marker.evaluate(conditions.markers)
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError):
        return True


def _listed(project: Project, choices: Choices) -> Iterator[str]:
    own = pyproject_table(project, "project")
    yield from _texts(own.get("dependencies"))
    for extra in choices.extras:
        yield from _texts(pyproject_table(project, "project", "optional-dependencies").get(extra))
    groups = pyproject_table(project, "dependency-groups")
    waiting, seen = list(choices.groups), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        group = groups.get(name)
        yield from _texts(group)
        included = group if isinstance(group, list) else []
        waiting += [str(one.get("include-group")) for one in included if isinstance(one, dict)]


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except (ValueError, RecursionError):
        return None
