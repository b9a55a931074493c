"""What a lock says is to be installed here, independent of the tool that wrote it. Pure.

A manager turns its lock into a LockedList, or says by Unsupported why only its own tool can install it.
``lock_installer.py`` installs the list by uv.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping

from packaging.version import Version

from cnb.frozen import frozen
from python_buildpack.app.documents import PROJECT_FILES
from python_buildpack.app.project import Project
from python_buildpack.package_managers.index_rules import PackageIndex

_PARTS_WITH_BUILD_NUMBER = 5
"""Hyphens in the name of a wheel: name, version, build number, Python, ABI, platform."""


class Unsupported(Exception):
    """The lock, the project or the environment has something that uv might install in another way.

    It is no error of a build: the manager's own tool installs instead. The text says what, and continues the sentence
    "Poetry itself installs, because".
    """


def refuse_variables(env: Mapping[str, str], prefix: str, harmless: re.Pattern[str]) -> None:
    """Raise Unsupported for a variable of the tool, by its prefix, that is not harmless: uv does not read it."""
    variables = sorted(name for name in env if name.startswith(prefix) and not harmless.fullmatch(name))
    if variables:
        raise Unsupported(f"{variables[0]} is set")


@frozen
class LockedDistribution:
    """One distribution that is to be installed; its markers, groups and extras have been evaluated."""

    name: str
    """The normalised name."""
    version: str = ""
    """Its exact version; empty if it is built from a directory, which decides that."""
    hashes: tuple[str, ...] = ()
    """``sha256:…`` of each file that may be installed. A directory has none."""
    index: PackageIndex | None = None
    """The only index that it may come from; None if ``place`` says where it is, or if all indexes may have it."""
    place: str = ""
    """The path of a file or a directory, relative to the app, or the URL of a file."""
    is_directory: bool = False
    is_editable: bool = False

    @property
    def requirement(self) -> str:
        """The requirement on an exact version, with its hashes, as a line of a requirements file."""
        return " ".join((f"{self.name}=={self.version}", *(f"--hash={one}" for one in self.hashes)))


@frozen
class LockedList:
    """All distributions that are to be installed, besides the project itself."""

    distributions: tuple[LockedDistribution, ...]
    general: PackageIndex
    """The index from which the requirements of builds come."""
    may_build: bool = True
    """Whether uv would build from the same requirements as the tool does; False where several indexes have them."""
    beside: tuple[PackageIndex, ...] = ()
    """More indexes that are searched for what is bound to none: a package is known by its hashes only."""

    @property
    def bound(self) -> tuple[LockedDistribution, ...]:
        """Those that come from another index than the general one."""
        return tuple(one for one in self.distributions if one.index is not None and one.index != self.general)


def check_once(distributions: Iterable[LockedDistribution]) -> tuple[LockedDistribution, ...]:
    """Return the distributions. Raises Unsupported if a name is there twice."""
    found: dict[str, LockedDistribution] = {}
    for one in distributions:
        if one.name in found:
            raise Unsupported(f"two locked versions of {one.name} apply to this Python")
        found[one.name] = one
    return tuple(found.values())


def exact_version(text: str, name: str) -> str:
    """Return a version in its normal form. Raises Unsupported if it is none."""
    try:
        return str(Version(text))
    except ValueError as error:
        # Not only InvalidVersion: a number of thousands of digits raises another ValueError.
        raise Unsupported(f"the version of {name} is {text}") from error


def local_place(project: Project, path: str, name: str) -> tuple[str, bool]:
    """Return the path of a directory or a wheel of the app, and whether it is a directory.

    Raises Unsupported if it is not there, or is something else: the tool's own error says so.
    """
    plain = posixpath.normpath(path)
    if any(posixpath.normpath(posixpath.join(plain, file)) in project.files for file in PROJECT_FILES):
        return plain, True
    if plain in project.files and plain.endswith(".whl"):
        return plain, False
    raise Unsupported(f"{name} comes from {plain}, where the app has no project and no wheel")


def sha256_of(files: object, name: str) -> tuple[str, ...]:
    """Return the hashes in a lock's list of files. Raises Unsupported if a file has none, or one of another kind."""
    listed = files if isinstance(files, list) else []
    hashes = tuple(str(one.get("hash", "")) if isinstance(one, Mapping) else "" for one in listed)
    if not hashes or not all(one.startswith("sha256:") for one in hashes):
        raise Unsupported(f"the lock has no sha256 of every file of {name}")
    if any(_has_build_number(one) for one in listed):
        raise Unsupported(f"a wheel of {name} has a build number, by which tools choose in different ways")
    return tuple(dict.fromkeys(hashes))


def _has_build_number(file: Mapping[str, object]) -> bool:
    name = str(file.get("file", ""))
    return name.endswith(".whl") and name.count("-") == _PARTS_WITH_BUILD_NUMBER
