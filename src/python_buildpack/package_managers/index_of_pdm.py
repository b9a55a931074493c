"""Reads the indexes of PDM: ``[[tool.pdm.source]]`` with ``include_packages`` and ``exclude_packages``.

Reference: https://pdm-project.org/en/latest/usage/config/#configure-the-package-indexes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, subtable, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.index_rules import (
    BEST_MATCH,
    FIRST_MATCH,
    IndexRules,
    PackageIndex,
    is_public,
    uv_name,
    without_login,
)
from python_buildpack.package_managers.variables_in_files import fill_in

_PUBLIC = "pypi"
_CURE = "Write each source as a table [[tool.pdm.source]] with name and url."


def read_pdm_rules(project: Project, env: Mapping[str, str]) -> IndexRules | None:
    """Return the sources of a PDM project, in PDM's order; None if it has none.

    Raises VariableUnset and ProjectFileInvalid.
    """
    settings = pyproject_table(project, "tool", "pdm")
    listed = tables(settings, PYPROJECT, "source", _CURE)
    if not listed:
        return None
    indexes = [_index(one, project, env) for one in listed]
    if not any(one.get("name") == _PUBLIC for one in listed) and not env.get("PDM_IGNORE_STORED_INDEX"):
        url, username, password = without_login(env.get("PDM_PYPI_URL", ""))
        indexes.insert(0, PackageIndex(_PUBLIC, "" if is_public(url) else url, username=username, password=password))
    in_order = pyproject_table(project, "tool", "pdm", "resolution").get("respect-source-order") is True
    return IndexRules(PYPROJECT, tuple(indexes), strategy=FIRST_MATCH if in_order else BEST_MATCH)


def pdm_settings(project: Project, env: Mapping[str, str]) -> Iterator[str]:
    """Yield ``[[tool.pdm.source]]``."""
    del env
    yield repr(subtable(read_toml(project, PYPROJECT), "tool", "pdm").get("source"))


def _index(source: Mapping[str, Any], project: Project, env: Mapping[str, str]) -> PackageIndex:
    variables = {**env, "PROJECT_ROOT": str(project.root).lstrip("/")}
    text = project.text(PYPROJECT) or ""
    url, username, password = without_login(fill_in(str(source.get("url", "")), variables, PYPROJECT, text))
    return PackageIndex(
        uv_name(str(source.get("name", ""))),
        "" if is_public(url) else url,
        is_flat=source.get("type") == "find_links",
        username=_filled(source, "username", variables, text) or username,
        password=_filled(source, "password", variables, text) or password,
        includes=_patterns(source.get("include_packages")),
        excludes=_patterns(source.get("exclude_packages")),
    )


def _filled(source: Mapping[str, Any], key: str, env: Mapping[str, str], text: str) -> str:
    return fill_in(str(source.get(key, "")), env, PYPROJECT, text)


def _patterns(value: object) -> tuple[str, ...]:
    """Return the patterns in the notation of normalised names."""
    listed = value if isinstance(value, list) else []
    return tuple(re.sub(r"[-_.]+", "-", str(one)).lower() for one in listed)
