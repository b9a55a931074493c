"""Distributions that a build made from source: their code ran, and could change what this build wrote until then.

What is kept for later builds (compiled wheels, heavy distributions) is therefore kept together with the pins of all of
them. A build that no longer requires one of them as it was makes anew what was written beside it.
"""

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from python_buildpack.package_managers.lock_pins import read_pins
from python_buildpack.support.digests import digest

UNKNOWN = "?"
"""Stands for a distribution whose name was not found out."""

_BUILT_BY_UV = re.compile(r"^ +Built (?P<name>[\w.-]+)(?:==\S+| @ (?P<url>\S+))\s*$", re.MULTILINE)
_BUILT_BY_PIP = re.compile(r"^ *Building (?:wheel|editable) for (?P<name>[\w.-]+) \(", re.MULTILINE)
_ARCHIVE = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz")


def read_built(output: str) -> frozenset[str]:
    """Return the normalised names of what uv or pip has built from source, according to its output.

    Directories are left out: they are the app's own code, which runs in all its builds.
    """
    by_uv = (match["name"] for match in _BUILT_BY_UV.finditer(output) if not _is_directory(match["url"] or ""))
    by_pip = (match["name"] for match in _BUILT_BY_PIP.finditer(output))
    return frozenset(canonicalize_name(name) for name in (*by_uv, *by_pip))


def read_built_directories(output: str) -> frozenset[str]:
    """Return the normalised names of the projects that uv has built where they are, according to its output."""
    found = (match["name"] for match in _BUILT_BY_UV.finditer(output) if _is_directory(match["url"] or ""))
    return frozenset(canonicalize_name(name) for name in found)


def pins_of(names: Iterable[str], text: str) -> dict[str, str]:
    """Return what a resolution says about each name; "" for one that it does not name."""
    pins: dict[str, str] = {**read_pins(text)}
    return {name: pins.get(name, "") for name in names}


def listing(pins: dict[str, str]) -> str:
    """Return the pins as lines, which ``are_unchanged`` reads."""
    return "".join(f"{name} {digest(pin) if pin else UNKNOWN}\n" for name, pin in sorted(pins.items()))


def merged_listing(before: str, now: str) -> str:
    """Return one listing of both; pins of ``now`` have precedence."""
    lines = {line.partition(" ")[0]: line for line in (*before.splitlines(), *now.splitlines())}
    return "".join(f"{lines[name]}\n" for name in sorted(lines))


def changed_names(listed: str, text: str) -> tuple[str, ...]:
    """Return the names in a listing that a resolution does not have with the same pin."""
    before = dict(line.split(" ", 1) for line in listed.splitlines() if " " in line)
    now = pins_of(before, text)
    return tuple(name for name, pin in before.items() if not now[name] or digest(now[name]) != pin)


def _is_directory(url: str) -> bool:
    return url.startswith("file:") and not url.partition("#")[0].endswith(_ARCHIVE)
