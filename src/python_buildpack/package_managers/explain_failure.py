"""Explains a failed run of a tool with details that its output lacks: the line of a file, other suitable Pythons.

They are looked up after a failure only, where a second more does not matter.
"""

import re
from collections.abc import Iterator
from functools import partial

from packaging.utils import canonicalize_name
from packaging.version import Version

from cnb.errors import BuildpackError
from python_buildpack.app.documents import read_toml, tables
from python_buildpack.app.project import Project
from python_buildpack.package_managers.declared_at import declared_at, names_indexes
from python_buildpack.package_managers.failures.common import NAME_INDEX
from python_buildpack.package_managers.failures.errors import (
    LockOutOfDate,
    PackageBuildFailed,
    PackageNotForPython,
    PackageUnknown,
    PackageVersionMissing,
    RequirementsInvalid,
    WheelsFor,
)
from python_buildpack.package_managers.failures.explain import explain
from python_buildpack.package_managers.index_rules import is_public as is_public_index
from python_buildpack.package_managers.index_rules import without_login
from python_buildpack.package_managers.interface import InstallContext
from python_buildpack.package_managers.project_file import declared_names
from python_buildpack.ports.interfaces import Finished

_MAX_BYTES = 1_000_000
_POSITION = r"Couldn't parse requirement in `(?P<where>[^`]+)` at position (?P<position>\d+)"
_NAME = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)"
_VERSION = r"v?(?P<version>\d[A-Za-z0-9.!+]*?)"
_BLAMED = (
    # uv
    rf"only found wheels for `{_NAME}` \({_VERSION}\)",
    rf"Failed to (?:download and )?build `{_NAME}=={_VERSION}`",
    rf"\b{_NAME}=={_VERSION} (?:has no|depends on Python)",
    # pip
    rf"satisfies the requirement {_NAME}=={_VERSION}(?=[\s(]|$)",
    # Poetry
    rf"Unable to find installation candidates for {_NAME} \({_VERSION}\)",
    rf"Install(?:ing)? {_NAME} \({_VERSION}\)(?=[^\n]*(?:[Ff]ailed)|\s*\n\s*\n)",
    # PDM
    rf"(?:Install|add) {_NAME} {_VERSION} failed",
)
"""How tools name the version that they could not install. Not compiled at import: only a failure needs them."""
_MISSING = rf"(?:[Tt]here is no version of|No matching distribution found for) {_NAME}==".replace(" ", r"\s+")
"""How uv and pip name a version that the index does not have."""
_UNBUILT = (
    rf"(?:Failed building wheel for|\S Building wheel for(?=[^\n]* did not run successfully)) {_NAME}(?=[\s(:]|$)"
)
"""How pip names the package that it could not build; the version is in an earlier line."""
_BUILT = rf"Building wheel for {_NAME}(?=[\s(:]|$)"
"""How pip names each package that it builds: the last one failed, if none is said to have failed."""
_FETCHED = rf"(?:Downloading|Using cached) (?:\S*/)?{_NAME}-{_VERSION}(?:\.tar\.gz|\.zip)"
"""How pip names a source distribution that it fetched; the last one is what failed if reading its metadata failed."""
_MOST = 8
"""How many minor versions to look up, each of which takes a few tenths of a second; and names to show."""


def explain_failure(context: InstallContext, finished: Finished, file: str, tool: str = "uv") -> BuildpackError:
    """Return the error for a failed run of ``tool`` on ``file``, with the line or the Pythons that could be found."""
    declared = partial(declared_at, context.project, file)
    error = explain(finished, file, tool, context.env, withheld=context.withheld, declared=declared)
    is_public = not names_indexes(context.project, file)
    match error:
        case LockOutOfDate() if file.endswith(".lock"):
            return _with_lacking(context.project, error, file)
        case RequirementsInvalid():
            return _with_line(context, error, finished.output)
        case PackageNotForPython() | PackageBuildFailed() if is_public:
            return _with_pythons(context, error, finished.output)
        case PackageUnknown() if is_public and NAME_INDEX in error.cure:
            return _with_replaced_index(context, error)
        case PackageVersionMissing() if is_public:
            return _with_newest(context, error, finished.output)
        case _:
            return error


def _with_lacking(project: Project, error: LockOutOfDate, file: str) -> LockOutOfDate:
    """Return the error with what pyproject.toml requires and the lock does not have, if that is the difference."""
    try:
        packages = tables(read_toml(project, file) or {}, file, "package", "")
        locked = {canonicalize_name(str(package.get("name"))) for package in packages}
        lacking = sorted(declared_names(project) - locked)
    except BuildpackError:
        return error
    if not lacking:
        return error
    more = f" and {len(lacking) - _MOST} more" if len(lacking) > _MOST else ""
    return LockOutOfDate(f"{error.what} It has no {', '.join(lacking[:_MOST])}{more}.", error.cure)


def _with_replaced_index(context: InstallContext, error: PackageUnknown) -> PackageUnknown:
    """Return the error with the index that is searched in place of the public one, if there is one."""
    from python_buildpack.package_managers.index_for_uv import public_index  # noqa: PLC0415 - on failure only

    index = public_index(context.env)
    if is_public_index(index):
        return error
    address = without_login(index)[0]
    return PackageUnknown(
        f"{error.what} The public index is not searched, because {address} is in its place.",
        f"If {address} has packages of your own only, let it be searched besides the public index: by the entry extra "
        f"with the text true in its binding, or by PIP_EXTRA_INDEX_URL in place of PIP_INDEX_URL. {error.cure}",
    )


def _with_newest(context: InstallContext, error: PackageVersionMissing, output: str) -> PackageVersionMissing:
    """Return the error with the newest version that there is in place of the one that there is not."""
    missing = re.search(_MISSING, output)
    if missing is None:
        return error
    from python_buildpack.package_managers.index_trial import newest_version  # noqa: PLC0415 - on failure only

    name = canonicalize_name(missing["name"])
    minor = ".".join(context.python_version.split(".")[:2])
    newest = newest_version(name, minor, context.uv, context.env, context.runner)
    if newest is None:
        return error
    return PackageVersionMissing(f"{error.what} The newest one for Python {minor} is {newest}.", error.cure)


def _with_line(context: InstallContext, error: RequirementsInvalid, output: str) -> RequirementsInvalid:
    """Return the error with the line's number in place of uv's position in bytes."""
    found = re.search(_POSITION, output)
    path = context.project.root / found["where"] if found else None
    if found is None or path is None or not path.is_file():
        return error
    with path.open("rb") as file:
        before = file.read(_MAX_BYTES).removeprefix(b"\xef\xbb\xbf")[: int(found["position"])]
    where, number = found["where"], before.count(b"\n") + 1
    what = error.what.replace(f"{where} has a line that is", f"{where}, line {number}, is", 1)
    return RequirementsInvalid(what, error.cure)


def _with_pythons(
    context: InstallContext, error: PackageNotForPython | PackageBuildFailed, output: str
) -> BuildpackError:
    """Return the error with the available Python versions for which there is a wheel."""
    blamed = find_blamed(output)
    if blamed is None:
        return error
    from python_buildpack.package_managers.index_trial import minors_with_wheel, newest_version  # noqa: PLC0415 - on failure only

    name, version = blamed
    others = _other_minors(context)
    minors = minors_with_wheel({name: version}, others, context.uv, context.env, context.runner)
    if minors:
        found = type(error)(
            error.what, f"There is a wheel of {name} {version} for Python {_listed(minors)}. {error.cure}"
        )
        found.wheels_for = WheelsFor(f"{name} {version}", minors)
        return found
    minor = ".".join(map(str, Version(context.python_version).release[:2]))
    newest = newest_version(name, minor, context.uv, context.env, context.runner)
    if newest is None or Version(newest) == version:
        return error
    return type(error)(error.what, f"The newest version with a wheel for this Python is {name} {newest}. {error.cure}")


def find_blamed(output: str) -> tuple[str, Version] | None:
    """Return the name and version of the distribution that a tool could not install, by its output. Pure."""
    for pattern in _BLAMED:
        for match in re.finditer(pattern, output, re.MULTILINE):
            return _as_pin(match["name"], match["version"])
    built = next(re.finditer(_UNBUILT, output, re.MULTILINE), None) or _last(re.finditer(_BUILT, output, re.MULTILINE))
    fetched = [match for match in re.finditer(_FETCHED, output) if built is None or match["name"] == built["name"]]
    return _as_pin(fetched[-1]["name"], fetched[-1]["version"]) if fetched else None


def _last(matches: Iterator[re.Match[str]]) -> re.Match[str] | None:
    return next(iter(list(matches)[-1:]), None)


def _other_minors(context: InstallContext) -> list[str]:
    """Return the available minor versions except the app's own, the newest first."""
    available = {python.minor for python in context.pythons if not python.version.is_prerelease}
    own = Version(context.python_version).release[:2]
    others = (minor for minor in available if Version(minor).release[:2] != own)
    return sorted(others, key=Version, reverse=True)[:_MOST]


def _as_pin(name: str, version: str) -> tuple[str, Version] | None:
    try:
        return canonicalize_name(name), Version(version)
    except ValueError:
        return None


def _listed(minors: tuple[str, ...]) -> str:
    *most, last = sorted(minors, key=Version)
    return f"{', '.join(most)} and {last}" if most else last
