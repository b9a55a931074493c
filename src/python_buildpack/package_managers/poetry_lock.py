"""What a poetry.lock says is to be installed, by the rules of Poetry, without Poetry. Pure.

Since lock version 2.1, each package has its groups and markers, so that Poetry chooses from the lock alone; older ones
have to be resolved. Source: the code of the version in ``tools/pins/poetry.txt``; the rules are held by
``python -m devkit.locks``, which installs random projects by both.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from cnb.frozen import frozen
from python_buildpack.app.documents import PYPROJECT, pyproject_table, read_toml, subtable, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.choices import Choices
from python_buildpack.package_managers.lock_markers import Target, holds
from python_buildpack.package_managers.locked import POETRY_LOCK as LOCK
from python_buildpack.package_managers.locked_list import (
    LockedDistribution,
    LockedList,
    Unsupported,
    check_once,
    exact_version,
    local_place,
    sha256_of,
)
from python_buildpack.package_managers.poetry_constraints import NotAConstraint, parse_constraint
from python_buildpack.package_managers.poetry_sources import Sources, read_sources

_VERSION = "2.1"
_NEVER = "<empty>"
"""Poetry's marker of what no platform needs."""
_LEGACY_KEYS = ("dependencies", "source", "extras", "dev-dependencies")
_PROJECT_KEYS = ("requires-python", "dependencies", "optional-dependencies")
_WRITER = re.compile(r"Poetry (?P<version>[0-9][0-9.]{0,20})")
_WITHOUT_GROUPS = Version("2.3.0")
"""Poetry before this one left [dependency-groups] out of the digest of pyproject.toml."""


@frozen
class Wanted:
    """What is to be installed of a lock: for which Python, with which groups and extras."""

    python_version: str
    choices: Choices

    @property
    def groups(self) -> frozenset[str]:
        """The normalised names of the groups, that of the app's own dependencies included."""
        return frozenset({"main", *(canonicalize_name(name) for name in self.choices.groups)})

    @property
    def target(self) -> Target:
        """What markers are evaluated for."""
        return Target(self.python_version, frozenset(canonicalize_name(name) for name in self.choices.extras))


def read_poetry_lock(project: Project, env: Mapping[str, str], wanted: Wanted) -> LockedList:
    """Return what poetry.lock says is to be installed. Raises Unsupported."""
    lock = read_toml(project, LOCK) or {}
    _check_lock(project, lock)
    _check_choices(project, lock, wanted)
    sources = read_sources(project, env)
    packages = tables(lock, LOCK, "package", "Run poetry lock to write the file again.")
    chosen = (package for package in packages if _is_wanted(package, wanted))
    found = check_once(_distribution(project, package, sources, wanted.python_version) for package in chosen)
    general = sources.general
    if any(one.is_directory for one in found):
        _check_builds(project, LockedList(found, general[0], may_build=len(general) == 1))
    return LockedList(found, general[0], may_build=len(general) == 1)


def content_hash(document: Mapping[str, Any], *, with_groups: bool = True) -> str:
    """Return the digest of all in pyproject.toml that Poetry makes a lock from. Raises Unsupported."""
    project = subtable(dict(document), "project")
    poetry = subtable(dict(document), "tool", "poetry")
    groups = subtable(dict(document), "dependency-groups") if with_groups else {}
    standard = {key: project[key] for key in _PROJECT_KEYS if key in project}
    # Keys of Poetry 1 count as null where they are missing, unless the project uses the standard's tables.
    legacy = {} if standard or groups else dict.fromkeys(_LEGACY_KEYS)
    own = {**legacy, **{key: poetry[key] for key in (*_LEGACY_KEYS, "group") if key in poetry}}
    relevant: dict[str, Any] = {
        **({"project": standard} if standard else {}),
        **({"dependency-groups": groups} if groups else {}),
    }
    content = {**relevant, "tool": {"poetry": own}} if relevant else own
    try:
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    except (TypeError, ValueError) as error:
        raise Unsupported(f"{PYPROJECT} has a value that a lock cannot be made from: {error}") from error


def _check_lock(project: Project, lock: Mapping[str, Any]) -> None:
    metadata = subtable(dict(lock), "metadata")
    if metadata.get("lock-version") != _VERSION:
        raise Unsupported(
            f"{LOCK} has the version {metadata.get('lock-version')}; from {_VERSION} on, a lock says itself which "
            "packages a group needs (poetry lock writes it again)"
        )
    document = read_toml(project, PYPROJECT) or {}
    recorded = metadata.get("content-hash")
    if not any(recorded == own for own in _digests(document, (project.text(LOCK) or "").partition("\n")[0])):
        raise Unsupported(f"{LOCK} does not fit {PYPROJECT}")


def _digests(document: Mapping[str, Any], first_line: str) -> Iterator[str]:
    yield content_hash(document)
    writer = _WRITER.search(first_line)
    try:
        is_older = writer is not None and Version(writer["version"]) < _WITHOUT_GROUPS
    except ValueError:
        return
    if is_older:
        yield content_hash(document, with_groups=False)


def _check_choices(project: Project, lock: dict[str, Any], wanted: Wanted) -> None:
    """Raise Unsupported for a group or an extra that Poetry would not know: its own error names all that there are."""
    poetry = pyproject_table(project, "tool", "poetry")
    names = (*subtable(poetry, "group"), *pyproject_table(project, "dependency-groups"))
    groups = {canonicalize_name(name) for name in names} | ({"dev"} if "dev-dependencies" in poetry else set())
    extras = {canonicalize_name(name) for name in subtable(lock, "extras")}
    unknown = sorted((wanted.groups - {"main"} - groups) | (wanted.target.extras - extras))
    if unknown:
        raise Unsupported(f"{', '.join(unknown)} is no group and no extra of the project")
    requires = subtable(poetry, "dependencies").get("python", "*")
    check_python(requires, "python in [tool.poetry.dependencies]", wanted.python_version)


def check_python(constraint: object, where: str, version: str) -> None:
    """Raise Unsupported unless a constraint of Poetry allows this version of Python."""
    try:
        alternatives = parse_constraint(constraint) if isinstance(constraint, str) else ()
    except NotAConstraint as error:
        raise Unsupported(f"{where} is {constraint}") from error
    if not any(one.contains(version, prereleases=True) for one in alternatives):
        raise Unsupported(f"{where} is {constraint}")


def _is_wanted(package: dict[str, Any], wanted: Wanted) -> bool:
    """Return whether a package is needed by one of the groups, with that group's markers."""
    listed, markers = package.get("groups"), package.get("markers", "")
    if not isinstance(listed, list) or not isinstance(markers, str | dict):
        raise Unsupported(f"{LOCK} says nothing of the groups or markers of {package.get('name')}")
    names = {str(group): canonicalize_name(str(group)) for group in listed}
    own = [group for group, name in names.items() if name in wanted.groups]
    texts = [markers if isinstance(markers, str) else str(markers.get(group, "")) for group in own]
    # All are read, so that one which is unclear is found.
    values = [text != _NEVER and holds(text, wanted.target) for text in texts]
    return any(values)


def _distribution(project: Project, package: dict[str, Any], sources: Sources, python: str) -> LockedDistribution:
    given, version = package.get("name"), package.get("version")
    if not isinstance(given, str) or not isinstance(version, str):
        raise Unsupported(f"{LOCK} has a package without name or version")
    name = canonicalize_name(given)
    check_python(package.get("python-versions", "*"), f"the Python of {name}", python)
    source = subtable(package, "source")
    match source.get("type"):
        case None:
            hashes = sha256_of(package.get("files"), name)
            return LockedDistribution(name, exact_version(version, name), hashes, sources.default)
        case "legacy":
            index = sources.named(str(source.get("reference", "")), name)
            return LockedDistribution(name, exact_version(version, name), sha256_of(package.get("files"), name), index)
        case "directory" | "file":
            path, is_directory = _inside(project, source, name)
            hashes = () if is_directory else sha256_of(package.get("files"), name)
            is_editable = package.get("develop") is True
            return LockedDistribution(
                name, hashes=hashes, place=path, is_directory=is_directory, is_editable=is_editable
            )
        case kind:
            raise Unsupported(f"{name} comes from a source of the kind {kind}")


def _inside(project: Project, source: dict[str, Any], name: str) -> tuple[str, bool]:
    if "subdirectory" in source:
        raise Unsupported(f"{name} is in a subdirectory of its source")
    return local_place(project, str(source.get("url", "")), name)


def _check_builds(project: Project, locked: LockedList) -> None:
    """Raise Unsupported if a project in a directory might be built otherwise than by Poetry."""
    if not locked.may_build:
        raise Unsupported("projects of the app are built, and several sources have what their builds require")
    if locked.bound:
        raise Unsupported("projects of the app are built, and some packages are bound to a source")
    if pyproject_table(project, "tool", "poetry").get("build-constraints"):
        raise Unsupported(f"{PYPROJECT} has build-constraints")
