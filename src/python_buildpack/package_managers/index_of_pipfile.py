"""Reads the indexes of Pipenv: ``[[source]]`` and ``index`` in a Pipfile, and the same in Pipfile.lock.

Pipenv looks for a package on the source that its ``index`` names, and for all others on the first source.
Reference: https://pipenv.pypa.io/en/latest/indexes.html.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from cnb.frozen import replace
from python_buildpack.app.documents import table
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
from python_buildpack.package_managers.pipfile import FILE, LOCK, read_pipfile, read_pipfile_lock
from python_buildpack.package_managers.variables_in_files import fill_in

_ADDRESS = re.compile(r"^[ \t]*\"?(?:url|name)\"?\s*[=:].*$", re.MULTILINE)


def read_pipfile_rules(project: Project, categories: Iterable[str], env: Mapping[str, str]) -> IndexRules | None:
    """Return the rules of a Pipfile for the packages of ``categories``; None if it has no source.

    Raises IndexUnknown, VariableUnset, ProjectFileInvalid.
    """
    document = read_pipfile(project)
    pins = _pins(table(document, FILE, category) for category in categories)
    indexes = _indexes(document.get("source"), project.text(FILE) or "", FILE, env)
    if not table(document, FILE, "pipenv").get("install_search_all_sources"):
        indexes = tuple(replace(one, is_explicit=number > 0) for number, one in enumerate(indexes))
    return _checked(IndexRules(FILE, indexes, pins, BEST_MATCH))


def read_pipfile_lock_rules(project: Project, sections: Iterable[str], env: Mapping[str, str]) -> IndexRules | None:
    """Return the rules of Pipfile.lock for the packages of ``sections``; None if it has no source.

    The lock names no index for dependencies of dependencies: these are looked for on all sources, by their hashes.
    Raises IndexUnknown, VariableUnset.
    """
    document = read_pipfile_lock(project)
    meta = document.get("_meta")
    sources = meta.get("sources") if isinstance(meta, dict) else None
    listed = (document.get(section) for section in sections)
    pins = _pins(one for one in listed if isinstance(one, dict))
    return _checked(IndexRules(LOCK, _indexes(sources, project.text(LOCK) or "", LOCK, env), pins, FIRST_MATCH))


def pipfile_settings(project: Project, env: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a Pipfile that name its sources."""
    del env
    yield from _ADDRESS.findall(project.text(FILE) or "")


def _checked(rules: IndexRules) -> IndexRules | None:
    for package, name in rules.pins.items():
        rules.named(name, package)
    return rules if rules.indexes else None


def _indexes(sources: object, text: str, file: str, env: Mapping[str, str]) -> tuple[PackageIndex, ...]:
    listed = sources if isinstance(sources, list) else []
    named = [one for one in listed if isinstance(one, dict) and isinstance(one.get("url"), str)]
    return tuple(_index(one, text, file, env) for one in named)


def _index(source: Mapping[str, Any], text: str, file: str, env: Mapping[str, str]) -> PackageIndex:
    url, username, password = without_login(fill_in(source["url"], env, file, text))
    name = uv_name(str(source.get("name") or url))
    return PackageIndex(name, "" if is_public(url) else url, username=username, password=password)


def _pins(listed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {
        canonicalize_name(name): details["index"]
        for packages in listed
        for name, details in packages.items()
        if isinstance(details, dict) and isinstance(details.get("index"), str)
    }
