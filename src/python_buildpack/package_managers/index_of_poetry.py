"""Reads the indexes of Poetry: ``[[tool.poetry.source]]`` with priorities, and ``source`` of dependencies.

Reference: https://python-poetry.org/docs/repositories/#package-sources.
"""

from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import PYPROJECT, ProjectFileInvalid, pyproject_table, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.direct_requirements import Conditions, poetry_entries
from python_buildpack.package_managers.index_rules import (
    BEST_MATCH,
    FIRST_INDEX,
    FIRST_MATCH,
    IndexRules,
    IndexUnclear,
    PackageIndex,
    is_public,
    uv_name,
    variable_name,
    without_login,
)

_PUBLIC = "pypi"
_RANKS = {"primary": 0, "default": 0, "supplemental": 1, "secondary": 1, "explicit": 2}
"""The priorities, and the names that older releases of Poetry had for them."""
_CURE = "Write each source as a table [[tool.poetry.source]] with name and url."


def read_poetry_rules(project: Project, conditions: Conditions, env: Mapping[str, str]) -> IndexRules | None:
    """Return the sources of a Poetry project, in the order in which Poetry searches them; None if it has none.

    Raises IndexUnknown, IndexUnclear, ProjectFileInvalid.
    """
    listed = tables(pyproject_table(project, "tool", "poetry"), PYPROJECT, "source", _CURE)
    pins = _pins(project, conditions)
    if not listed and not pins:
        return None
    ranked = [(_rank(one), _index(one, env)) for one in listed]
    if all(rank for rank, _ in ranked) and not any(index.name.lower() == _PUBLIC for _, index in ranked):
        ranked.insert(0, (0, PackageIndex("PyPI", "")))
    ranked.sort(key=lambda pair: pair[0])
    rules = IndexRules(PYPROJECT, tuple(index for _, index in ranked), pins, _strategy([rank for rank, _ in ranked]))
    for package, name in pins.items():
        rules.named(name, package)
    return rules


def _strategy(ranks: list[int]) -> str:
    """Return uv's strategy: Poetry takes the best version of all primary sources, and else of the supplemental ones."""
    primary, supplemental = ranks.count(0), ranks.count(1)
    if primary + supplemental <= 1:
        return FIRST_INDEX
    if supplemental == 0:
        return BEST_MATCH
    if primary == 1 and supplemental == 1:
        return FIRST_MATCH
    raise IndexUnclear(
        f"{PYPROJECT} has {primary} primary and {supplemental} supplemental sources, and there is no poetry.lock. "
        "Poetry's order of several sources of each priority cannot be kept to without it.",
        "Run poetry lock, and commit poetry.lock; or give the sources of single packages the priority explicit.",
    )


def _rank(source: Mapping[str, Any]) -> int:
    priority = str(source.get("priority", "primary")).lower()
    # The switches of Poetry before 1.5.
    if source.get("secondary") is True:
        priority = "secondary"
    if priority not in _RANKS:
        raise ProjectFileInvalid(
            f"{PYPROJECT}: the source {source.get('name')} has the priority {priority!r}, which Poetry does not know.",
            "Write primary, supplemental or explicit.",
        )
    return _RANKS[priority]


def _index(source: Mapping[str, Any], env: Mapping[str, str]) -> PackageIndex:
    given = str(source.get("name", ""))
    url, username, password = without_login(str(source.get("url", "")))
    prefix = f"POETRY_HTTP_BASIC_{variable_name(given)}"
    return PackageIndex(
        uv_name(given),
        "" if is_public(url) or given.lower() == _PUBLIC else url,
        is_explicit=_rank(source) == _RANKS["explicit"],
        username=env.get(f"{prefix}_USERNAME") or username,
        password=env.get(f"{prefix}_PASSWORD") or password,
    )


def _pins(project: Project, conditions: Conditions) -> dict[str, str]:
    return {
        canonicalize_name(name): str(entry["source"])
        for name, entry in poetry_entries(project, conditions)
        if "source" in entry
    }
