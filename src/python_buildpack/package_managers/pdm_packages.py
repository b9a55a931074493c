"""What a pdm.lock says is to be installed, by the rules of PDM, without PDM. Pure.

With the strategy ``inherit_metadata``, the default, each package has its groups and marker: PDM chooses from the lock
alone. Source: the code of the version in ``tools/pins/pdm.txt``; the rules are held by
``python -m devkit.locks``, which installs random projects by both.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from cnb.frozen import replace
from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, strings, subtable, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.index_for_uv import PUBLIC
from python_buildpack.package_managers.index_of_pdm import read_pdm_rules
from python_buildpack.package_managers.index_rules import PackageIndex
from python_buildpack.package_managers.lock_markers import Target, holds
from python_buildpack.package_managers.locked_list import (
    LockedDistribution,
    LockedList,
    Unsupported,
    exact_version,
    local_place,
    refuse_variables,
    sha256_of,
)
from python_buildpack.package_managers.pdm_lock import LOCK, matches_for_older_pdm
from python_buildpack.package_managers.variables_in_files import VariableUnset

_VERSIONS = re.compile(r"4\.(?:4|5)(?:\.[01])?")
_INHERITED, _EVERYWHERE, _URLS = "inherit_metadata", "cross_platform", "static_urls"
_HARMLESS = re.compile(
    r"PDM_(?:CACHE_DIR|LOG_DIR|CHECK_UPDATE|IGNORE_SAVED_PYTHON|NON_INTERACTIVE|PYPI_CA_CERTS|REQUEST_TIMEOUT|"
    r"INSTALL_PARALLEL|PYTHON|PYTHON_VERSION|USE_VENV|VENV_.+|IN_ENV|NO_LOCK|FROZEN_LOCKFILE|AUTO_GLOBAL|"
    r"GLOBAL_PROJECT.*|IGNORE_ACTIVE_VENV)"
)
"""Variables that do not change what is installed, or that the buildpack sets itself."""
_KEYS = frozenset({
    *("name", "version", "extras", "requires_python", "groups", "marker", "files", "dependencies", "summary"),
    *("path", "editable"),
})  # fmt: skip
_SOURCE_KEYS = frozenset({"name", "url", "verify_ssl", "username", "password", "type"})
_SETTINGS = ("options", "plugins", "workspace", "ignore_package_warnings")
_PLUGINS = ".pdm-plugins"


def read_pdm_lock(project: Project, env: Mapping[str, str], python: str, choices: Choices) -> LockedList:
    """Return what pdm.lock says is to be installed, the project itself included. Raises Unsupported."""
    lock = read_toml(project, LOCK) or {}
    _check_settings(project, env)
    _check_lock(project, lock, python)
    chosen = frozenset(canonicalize_name(name) for name in ("default", *choices.groups, *choices.extras))
    known = {canonicalize_name(name) for name in strings(subtable(lock, "metadata").get("groups"))}
    if unknown := sorted(chosen - known):
        raise Unsupported(f"{LOCK} has no group {unknown[0]}")
    index, *others = _indexes(project, env)
    packages = tables(lock, LOCK, "package", "Run pdm lock to write it again.")
    wanted = (one for one in packages if _is_wanted(one, chosen, Target(python)))
    found = (*_merged(_distribution(project, one, python) for one in wanted), *_itself(project))
    if others and any(one.is_directory for one in found):
        raise Unsupported("projects of the app are built, and several sources have what their builds require")
    return LockedList(found, index, may_build=not others, beside=tuple(others))


def pdm_digest(project: Project) -> str:
    """Return the digest of all in pyproject.toml that PDM makes a lock from. Raises Unsupported."""
    declared, own = pyproject_table(project, "project"), pyproject_table(project, "tool", "pdm")
    content = {
        "sources": own.get("source", []),
        "dependencies": declared.get("dependencies", []),
        "dev-dependencies": _development(project, own),
        "optional-dependencies": declared.get("optional-dependencies", {}),
        "requires-python": declared.get("requires-python", ""),
        "resolution": own.get("resolution", {}),
    }
    try:
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    except (TypeError, ValueError) as error:
        raise Unsupported(f"{PYPROJECT} has a value that a lock cannot be made from: {error}") from error


def _development(project: Project, own: dict[str, Any]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for name, needs in pyproject_table(project, "dependency-groups").items():
        groups[canonicalize_name(name)] = _listed(name, needs)
    for name, needs in subtable(own, "dev-dependencies").items():
        key = canonicalize_name(name)
        groups[key] = [*groups.get(key, []), *_listed(name, needs)]
    return groups


def _listed(name: str, needs: object) -> list[Any]:
    if not isinstance(needs, list):
        raise Unsupported(f"the group {name} in {PYPROJECT} is no list")
    return needs


def _check_settings(project: Project, env: Mapping[str, str]) -> None:
    """Raise Unsupported for what may make PDM install something else than the lock says."""
    refuse_variables(env, "PDM_", _HARMLESS)
    own = pyproject_table(project, "tool", "pdm")
    settings = [key for key in _SETTINGS if key in own]
    hooks = [name for name in subtable(own, "scripts") if name.startswith(("pre_", "post_"))]
    files = [name for name in ("pdm.toml", _PLUGINS) if project.has(name)]
    found = (*(f"[tool.pdm] has {one}" for one in (*settings, *hooks)), *(f"the app has {one}" for one in files))
    if found:
        raise Unsupported(found[0])
    if "project" not in (read_toml(project, PYPROJECT) or {}):
        raise Unsupported(f"{PYPROJECT} has no [project]")
    if "excludes" in subtable(own, "resolution"):
        raise Unsupported("[tool.pdm.resolution] has excludes")


def _check_lock(project: Project, lock: Mapping[str, Any], python: str) -> None:
    metadata = subtable(dict(lock), "metadata")
    version, strategies = str(metadata.get("lock_version")), strings(metadata.get("strategy"))
    if not _VERSIONS.fullmatch(version) or "lock_inputs" in metadata:
        raise Unsupported(f"{LOCK} has the version {version}")
    if _INHERITED not in strategies or _URLS in strategies:
        raise Unsupported(f"{LOCK} was made by the strategies {', '.join(strategies) or 'of an older PDM'}")
    recorded = metadata.get("content_hash")
    if recorded != f"sha256:{pdm_digest(project)}" and not matches_for_older_pdm(project):
        raise Unsupported(f"{LOCK} does not fit {PYPROJECT}")
    targets = metadata.get("targets")
    is_old = targets is None and _EVERYWHERE in strategies and metadata.get(_EVERYWHERE) is not False
    if not is_old and not any(_is_for(one, python) for one in (targets if isinstance(targets, list) else ())):
        raise Unsupported(f"{LOCK} was made for certain platforms")


def _is_for(target: object, python: str) -> bool:
    """Return whether a target of the lock is for every platform, and for this Python."""
    return (
        isinstance(target, dict) and target.keys() == {"requires_python"} and _allows(target["requires_python"], python)
    )


def _allows(requires: object, python: str) -> bool:
    try:
        return SpecifierSet(str(requires)).contains(python)
    except ValueError:
        # Not only InvalidSpecifier: a number of thousands of digits raises another ValueError.
        return False


def _indexes(project: Project, env: Mapping[str, str]) -> tuple[PackageIndex, ...]:
    """Return the indexes that PDM searches for every package."""
    listed = tables(pyproject_table(project, "tool", "pdm"), PYPROJECT, "source", "Write each source as a table.")
    if any(one.keys() - _SOURCE_KEYS or one.get("verify_ssl", True) is not True for one in listed):
        raise Unsupported("a source in [tool.pdm] is for some packages only, or trusted without certificates")
    try:
        rules = read_pdm_rules(project, env)
    except VariableUnset as error:
        raise Unsupported("a source in [tool.pdm] has a variable that is not set") from error
    if rules is None:
        return (PackageIndex("pypi", PUBLIC),)
    found = tuple(one if one.url else replace(one, url=PUBLIC) for one in rules.indexes)
    if any(one.is_flat or not one.url.startswith(("https://", "http://")) for one in found):
        raise Unsupported("a source in [tool.pdm] is no index on a server")
    if len({one.name.lower() for one in found}) != len(found):
        raise Unsupported("two sources in [tool.pdm] have nearly the same name")
    return found


def _is_wanted(package: Mapping[str, Any], chosen: frozenset[str], target: Target) -> bool:
    groups, marker = package.get("groups"), package.get("marker", "")
    if not isinstance(groups, list) or not groups or not isinstance(marker, str):
        raise Unsupported(f"{LOCK} says nothing of the groups of {package.get('name')}")
    # The marker is read in any case, so that one which is unclear is found.
    does_hold = holds(marker, target)
    return does_hold and not chosen.isdisjoint(canonicalize_name(str(name)) for name in groups)


def _distribution(project: Project, package: Mapping[str, Any], python: str) -> LockedDistribution:
    name = canonicalize_name(str(package.get("name", "")))
    if other := sorted(package.keys() - _KEYS):
        raise Unsupported(f"{name} has {other[0]}")
    if not _allows(package.get("requires_python", ""), python):
        raise Unsupported(f"{name} is for Python {package.get('requires_python')}")
    if "path" in package:
        path, is_directory = local_place(project, str(package["path"]), name)
        hashes = () if is_directory else sha256_of(package.get("files"), name)
        is_editable = package.get("editable") is True
        return LockedDistribution(name, hashes=hashes, place=path, is_directory=is_directory, is_editable=is_editable)
    version = exact_version(str(package.get("version", "")), name)
    return LockedDistribution(name, version, sha256_of(package.get("files"), name))


def _merged(found: Iterator[LockedDistribution]) -> tuple[LockedDistribution, ...]:
    """Return each distribution once: a lock has one entry for a package, and one for it with extras."""
    by_name: dict[str, LockedDistribution] = {}
    for one in found:
        if by_name.setdefault(one.name, one) != one:
            raise Unsupported(f"two locked versions of {one.name} apply to this Python")
    return tuple(by_name.values())


def _itself(project: Project) -> tuple[LockedDistribution, ...]:
    """Return the project itself, if PDM installs it."""
    own, declared = pyproject_table(project, "tool", "pdm"), pyproject_table(project, "project")
    name = declared.get("name")
    kind = own.get("package-type")
    is_installed = kind == "library" if kind is not None else own.get("distribution", True)
    if not name or is_installed is False:
        return ()
    if is_installed is not True or not isinstance(name, str):
        raise Unsupported("[tool.pdm] does not say clearly whether the project is installed")
    if not pyproject_table(project, "build-system").get("build-backend"):
        raise Unsupported("the project itself is installed, and names no build backend")
    return (LockedDistribution(canonicalize_name(name), place=".", is_directory=True, is_editable=True),)
