"""Where Poetry itself would look for the packages of a lock, and whether its settings leave that to uv. Pure.

Unlike ``index_of_poetry.py``, which serves projects without a lock, no mirror of the platform takes the place of the
public index here: Poetry knows of none, and a lock says where its packages are from.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cnb.frozen import frozen
from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, subtable, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.index_for_uv import PUBLIC
from python_buildpack.package_managers.index_rules import PackageIndex, uv_name, variable_name, without_login
from python_buildpack.package_managers.locked_list import Unsupported, refuse_variables

CONFIGURATION = "poetry.toml"

_PYPI = "pypi"
_RANKS = {"primary": 0, "supplemental": 1, "explicit": 2}
_CURE = "Write each source as a table [[tool.poetry.source]] with name and url."
_HARMLESS = re.compile(
    r"POETRY_(?:HTTP_BASIC_.+|VIRTUALENVS_.+|PYPI_TOKEN_.+|CACHE_DIR|KEYRING_ENABLED|SYSTEM_GIT_CLIENT|"
    r"REQUESTS_MAX_RETRIES|INSTALLER_PARALLEL|INSTALLER_MAX_WORKERS|VERSION|HOME|NO_INTERACTION)"
)
"""Variables that do not change what is installed, or that uv gets too (the logins)."""
_HARMLESS_TABLES = frozenset({"virtualenvs", "cache-dir", "requests"})


@frozen
class Sources:
    """The sources of a project, in the order in which Poetry searches them."""

    indexes: tuple[tuple[int, PackageIndex], ...]

    @property
    def general(self) -> tuple[PackageIndex, ...]:
        """Those that are searched for what names none, which are the requirements of builds."""
        return tuple(index for rank, index in self.indexes if rank < _RANKS["explicit"])

    @property
    def default(self) -> PackageIndex:
        """The one of locked packages that name none."""
        public = (index for _, index in self.indexes if index.name == _PYPI)
        return next(public, self.general[0])

    def named(self, name: str, package: str) -> PackageIndex:
        """Return the source of this name. Raises Unsupported, which names the package, if there is none."""
        for _, index in self.indexes:
            if index.name == uv_name(name).lower():
                return index
        raise Unsupported(f"{package} comes from the source {name}, which {PYPROJECT} does not have")


def poetry_settings(project: Project, env: Mapping[str, str]) -> Iterator[str]:
    """Yield ``[[tool.poetry.source]]``, and the text of the file with Poetry's own settings of this app."""
    del env
    yield repr(subtable(read_toml(project, PYPROJECT), "tool", "poetry").get("source"))
    yield project.text(CONFIGURATION) or ""


def read_sources(project: Project, env: Mapping[str, str]) -> Sources:
    """Return the sources of a Poetry project. Raises Unsupported."""
    _check_settings(project, env)
    listed = tables(pyproject_table(project, "tool", "poetry"), PYPROJECT, "source", _CURE)
    found = [_source(one, env) for one in listed]
    names = [index.name for _, index in found]
    if len(set(names)) != len(names):
        raise Unsupported(f"{PYPROJECT} has two sources with nearly the same name")
    if _PYPI not in names and all(rank != _RANKS["primary"] for rank, _ in found):
        found.append((_RANKS["primary"], PackageIndex(_PYPI, PUBLIC)))
    found.sort(key=lambda pair: pair[0])
    sources = Sources(tuple(found))
    if not sources.general:
        raise Unsupported(f"{PYPROJECT} has explicit sources only")
    return sources


def _check_settings(project: Project, env: Mapping[str, str]) -> None:
    refuse_variables(env, "POETRY_", _HARMLESS)
    tables_set = sorted((read_toml(project, CONFIGURATION) or {}).keys() - _HARMLESS_TABLES)
    if tables_set:
        raise Unsupported(f"{CONFIGURATION} sets {tables_set[0]}")


def _source(source: Mapping[str, Any], env: Mapping[str, str]) -> tuple[int, PackageIndex]:
    given, text = source.get("name"), source.get("url")
    rank = _RANKS.get(str(source.get("priority", "primary")).lower())
    if not isinstance(given, str) or not given or rank is None or source.keys() - {"name", "url", "priority"}:
        raise Unsupported(f"a source in {PYPROJECT} has something else than name, url and priority")
    if given.lower() == _PYPI and text is None:
        return rank, PackageIndex(_PYPI, PUBLIC)
    url, username, password = without_login(str(text))
    if given.lower() == _PYPI or not url.startswith(("https://", "http://")) or url.endswith((".htm", ".html")):
        raise Unsupported(f"the source {given} in {PYPROJECT} is no index with pages for each package")
    prefix = f"POETRY_HTTP_BASIC_{variable_name(given)}"
    return rank, PackageIndex(
        uv_name(given).lower(),
        url,
        username=env.get(f"{prefix}_USERNAME") or username,
        password=env.get(f"{prefix}_PASSWORD") or password,
    )
