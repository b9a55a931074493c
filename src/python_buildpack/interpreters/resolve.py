"""Chooses the build that meets a requested Python version, and explains it if there is none. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import assert_never

from cnb.errors import BuildpackError
from python_buildpack.interpreters.inventory import Interpreter, Inventory, Libc
from python_buildpack.interpreters.request import Exact, Minor, Range, VersionRequest, is_wanted

_NEAREST = 3
_MINOR_PINNED = re.compile(r"(?:^|(?<=[\s,|]))((?:==?\s*)?([0-9]+\.[0-9]+))\s*(?:,|\||$)")
"""``==3.12``, or ``3.12`` in Poetry's notation."""


_FIRST_VERSION = re.compile(r"(?<![\w.])([0-9]+)(?:\.([0-9]+))?")
_PYTHON_2 = 2
_LOST_ZERO = (3, 1)


class PythonVersionUnknown(BuildpackError):
    """The app requests a Python version that has no build: it is too old, too new, or was skipped upstream."""

    code = "python-version-unknown"
    title = "There is no such Python version"


class PythonVersionUnsatisfiable(BuildpackError):
    """The app requests a range of Python versions that contains no available version."""

    code = "python-version-unsatisfiable"
    title = "No Python version is in the range"


class PythonNotForPlatform(BuildpackError):
    """The Python version exists, but not for the architecture that the image is built for, or not free-threaded."""

    code = "python-not-for-platform"
    title = "This Python version does not exist for the platform"


def resolve(request: VersionRequest, inventory: Inventory, arch: str, *, libc: Libc = "gnu") -> Interpreter:
    """Return the build that meets ``request`` on linux and ``arch`` (amd64 or arm64).

    A minor version gives its newest patch release. A range gives the default minor version if it allows that, else the
    newest version that it allows. Builds in an offline package take precedence. A pre-release is chosen only if it is
    named. Raises PythonVersionUnknown, PythonVersionUnsatisfiable and PythonNotForPlatform.
    """
    fitting = [
        interpreter
        for interpreter in inventory.interpreters
        if (interpreter.arch, interpreter.libc, interpreter.variant) == (arch, libc, request.variant)
    ]
    chosen = _best(fitting, request, inventory)
    if chosen is not None:
        return chosen
    if _best(inventory.interpreters, request, inventory) is not None:
        raise _not_for_platform(request, fitting, arch)
    match request.wanted:
        case Range():
            raise _unsatisfiable(request, fitting)
        case Minor(major, minor):
            raise _unknown(request, fitting, (major, minor), 0)
        case Exact(version):
            # Not version.release: 3a1 has one number only.
            raise _unknown(request, fitting, (version.major, version.minor), version.micro)
        case other:
            assert_never(other)


def _best(interpreters: Iterable[Interpreter], request: VersionRequest, inventory: Inventory) -> Interpreter | None:
    allowed = [interpreter for interpreter in interpreters if is_wanted(request.wanted, interpreter.version)]
    allowed = [interpreter for interpreter in allowed if interpreter in inventory.included] or allowed
    preferred = [interpreter for interpreter in allowed if interpreter.minor == inventory.default]
    # The newest build of a version: it contains the newest OpenSSL and SQLite.
    return max(preferred or allowed, key=lambda found: (found.version, found.build), default=None)


def _not_for_platform(request: VersionRequest, fitting: Sequence[Interpreter], arch: str) -> PythonNotForPlatform:
    kind = "free-threaded builds" if request.variant == "freethreaded" else "builds"
    available = _minors(fitting)
    cure = "Build for another architecture."
    if request.variant == "freethreaded":
        cure = f"Use {request.text.removesuffix('t').removesuffix('+freethreaded')}, the usual build."
    return PythonNotForPlatform(
        f"{request.origin} asks for Python {request.text}, of which there is no such build for linux on {arch}. "
        f"The {kind} for {arch} are of: {available or 'no version at all'}.",
        request.change("Write one of these in {}.") if available else cure,
    )


def _unsatisfiable(request: VersionRequest, fitting: Sequence[Interpreter]) -> PythonVersionUnsatisfiable:
    minor = _MINOR_PINNED.search(request.text)
    pinned = f" ({minor[1]} means {minor[2]}.0 and nothing else; any {minor[2]} is {minor[1]}.*.)" if minor else ""
    from python_buildpack.interpreters.rewrite import with_all_patches  # noqa: PLC0415 - only for errors

    wider = with_all_patches(request.text)
    instead = f"write {wider} there, or widen" if wider != request.text and minor else "widen"
    return PythonVersionUnsatisfiable(
        f"{request.origin} allows {request.text}, and no available version is in that range. "
        f"There are: {_minors(fitting)}.{pinned}{_why_not(request.text, fitting)}",
        request.change(f"{instead.capitalize()} the range in {{}} so that it allows one of these."),
    )


def _unknown(
    request: VersionRequest, fitting: Sequence[Interpreter], pair: tuple[int, ...], patch: int
) -> PythonVersionUnknown:
    siblings = sorted({found.version for found in fitting if found.version.release[:2] == pair}, reverse=True)
    finals = [version for version in siblings if not version.is_prerelease]
    name = ".".join(map(str, pair))
    asked = request.text if "python" in request.text.lower() else f"Python {request.text}"
    what = f"{request.origin} asks for {asked}, and there is no build of it."
    if finals:
        near = ", ".join(map(str, sorted(sorted(finals, key=lambda found: abs(found.micro - patch))[:_NEAREST])))
        return PythonVersionUnknown(
            f"{what} The newest {name} is {finals[0]}; the nearest versions are: {near}.",
            request.change(f"Write {name} in {{}} to get the newest patch release, or name one that exists."),
        )
    if siblings:
        return PythonVersionUnknown(
            f"{what} {name} exists only as the pre-release {siblings[0]}.",
            request.change(f"Write {siblings[0]} in {{}} to use it; else one of {_minors(fitting)}."),
        )
    return PythonVersionUnknown(
        f"{what}{_why_not(name, fitting)} There are: {_minors(fitting)}.",
        request.change(f"Write {_instead(pair, fitting)} in {{}}, or another of these."),
    )


def _why_not(text: str, fitting: Iterable[Interpreter]) -> str:
    """Return a sentence about the version that ``text`` begins with, with a space before it; empty if there is none."""
    found = _FIRST_VERSION.search(text)
    if found is None:
        return ""
    pair = (int(found[1]), int(found[2] or 0))
    if pair[0] == _PYTHON_2:
        return " Python 2 has had no fixes since 2020 and is not supported."
    if found[0] == "3.1":
        return " 3.10 becomes 3.1 where it is written as a number, without quotes."
    releases = {one.version.release[:2] for one in fitting if not one.version.is_prerelease}
    if found[2] and releases and pair > max(releases):
        return f" {found[0]} is newer than every release of Python that this buildpack knows."
    if found[2] and releases and pair < min(releases):
        return f" Python {found[0]} no longer gets any fixes, and is too old for this buildpack."
    return ""


def _instead(pair: tuple[int, ...], fitting: Iterable[Interpreter]) -> str:
    """Return the minor version that is nearest to one of which there is no build."""
    if pair == _LOST_ZERO:
        return "3.10"
    releases = {one.version.release[:2] for one in fitting if not one.version.is_prerelease}
    nearest = min(releases, key=lambda one: abs(one[1] - pair[1]) if one[0] == pair[0] else -one[1], default=pair)
    return ".".join(map(str, nearest))


def _minors(interpreters: Iterable[Interpreter]) -> str:
    """Return the minor versions that have a final release, newest first."""
    releases = {found.version.release[:2] for found in interpreters if not found.version.is_prerelease}
    return ", ".join(f"{major}.{number}" for major, number in sorted(releases, reverse=True))
