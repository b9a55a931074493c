"""Reads the indexes of uv projects: ``[[tool.uv.index]]`` and ``index`` in ``[tool.uv.sources]``.

Reference: https://docs.astral.sh/uv/concepts/indexes/.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, subtable, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.index_rules import IndexRules, PackageIndex, is_public, uv_name, without_login
from python_buildpack.package_managers.source_options import uv_files_elsewhere
from python_buildpack.support.small_files import read_small

_CONFIG = "uv.toml"
_CURE = "Write each index as a table [[tool.uv.index]] with name and url."
_BY_VARIABLES = ("UV_INDEX", "UV_DEFAULT_INDEX")


def read_uv_rules(project: Project, env: Mapping[str, str]) -> IndexRules | None:
    """Return the indexes that the app declares for uv, in uv's order, with the default one last; None if it has none.

    uv reads its tables itself, so the pins here serve to check names. Raises IndexUnknown and ProjectFileInvalid.
    """
    declared = tuple(_index(one, project.root) for one in _declared(project))
    sources = dict(_sources(project))
    if not declared and not sources:
        return None
    rules = IndexRules(PYPROJECT, (*declared, *_named_by_variables(env)))
    for package, names in sources.items():
        for name in names:
            rules.named(name, package)
    return rules


def names_default_index(project: Project) -> bool:
    """Return whether uv's tables name a default index that is not the public one. Raises ProjectFileInvalid."""
    return any(one.get("default") is True and not is_public(str(one.get("url", ""))) for one in _declared(project))


def uv_settings(project: Project, env: Mapping[str, str]) -> Iterator[str]:
    """Yield ``[tool.uv]`` and the text of each other file with settings that uv reads."""
    yield repr(subtable(read_toml(project, PYPROJECT), "tool", "uv"))
    yield project.text(_CONFIG) or ""
    yield from map(read_small, uv_files_elsewhere(project, env, is_discovered=True))


def _declared(project: Project) -> list[dict[str, Any]]:
    own = tables(pyproject_table(project, "tool", "uv"), PYPROJECT, "index", _CURE)
    config = read_toml(project, _CONFIG)
    if config is None:
        return own
    # A uv.toml replaces the table, but for [tool.uv.sources]: uv looks for the names of indexes in pyproject.toml.
    named = ({**one, "explicit": True, "default": False} for one in own if "name" in one)
    return [*tables(config, _CONFIG, "index", _CURE), *named]


def _index(table: Mapping[str, Any], root: Path) -> PackageIndex:
    url, username, password = without_login(str(table.get("url", "")))
    is_flat = table.get("format") == "flat"
    return PackageIndex(
        uv_name(str(table.get("name") or f"from-{url}")),
        url if "://" in url else str((root / url).resolve()),
        is_explicit=table.get("explicit") is True,
        is_flat=is_flat,
        username=username,
        password=password,
    )


def _sources(project: Project) -> Iterator[tuple[str, list[str]]]:
    """Yield each package with the names of the indexes that ``[tool.uv.sources]`` has for it."""
    for package, value in pyproject_table(project, "tool", "uv", "sources").items():
        listed = value if isinstance(value, list) else [value]
        if names := [str(one["index"]) for one in listed if isinstance(one, dict) and "index" in one]:
            yield canonicalize_name(package), names


def _named_by_variables(env: Mapping[str, str]) -> Iterator[PackageIndex]:
    for variable in _BY_VARIABLES:
        for word in env.get(variable, "").split():
            name, separator, url = word.partition("=")
            if separator and "://" not in name:
                yield PackageIndex(name, without_login(url)[0])
