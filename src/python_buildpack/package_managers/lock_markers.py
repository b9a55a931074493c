"""Evaluates the environment markers of a lock for the app's Python, where all tools agree on what they mean. Pure.

Poetry, PDM and uv differ in rare markers: ``in`` with several values, the release of a kernel, pre-releases of Python.
Only what means the same to all of them is evaluated: the version of Python compared with a number, and names compared
with ``==`` and ``!=`` (https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers).
"""

import platform
import re
from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from cnb.frozen import field, frozen
from python_buildpack.package_managers.locked_list import Unsupported

_TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<word>and|or)\b|"
    r"(?P<name>[a-z_]+)\s*(?P<operator>[=!<>]=|[<>])\s*(?P<quote>[\"'])(?P<value>[^\"']*)(?P=quote))\s*"
)
_RELEASE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){1,2}")
_MINOR = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")
_MAX_DEPTH = 40


@frozen
class Target:
    """What markers are evaluated for: CPython on Linux, on this machine's architecture."""

    python_version: str
    """The full version, such as 3.13.2."""
    extras: frozenset[str] = field(default_factory=frozenset)
    """The normalised names of the extras that are chosen."""

    @property
    def names(self) -> dict[str, str]:
        """The values of the variables that are compared as text."""
        return {
            "os_name": "posix",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "platform_machine": platform.machine(),
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
        }


def holds(marker: str, target: Target) -> bool:
    """Return whether a marker holds. Raises Unsupported."""
    if not marker.strip():
        return True
    tokens = list(_tokens(marker))
    value = _any(tokens, target, 0)
    if tokens:
        raise Unsupported(f"the marker {marker} cannot be read")
    return value


def _tokens(marker: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(marker):
        match = _TOKEN.match(marker, position)
        if match is None:
            raise Unsupported(f"the marker {marker} is not one that all tools understand alike")
        yield match
        position = match.end()


def _any(tokens: list[re.Match[str]], target: Target, depth: int) -> bool:
    value = _all(tokens, target, depth)
    while tokens and tokens[0]["word"] == "or":
        tokens.pop(0)
        # Both sides are read in any case, so that what is unclear is found.
        value = _all(tokens, target, depth) or value
    return value


def _all(tokens: list[re.Match[str]], target: Target, depth: int) -> bool:
    value = _one(tokens, target, depth)
    while tokens and tokens[0]["word"] == "and":
        tokens.pop(0)
        value = _one(tokens, target, depth) and value
    return value


def _one(tokens: list[re.Match[str]], target: Target, depth: int) -> bool:
    if not tokens or depth > _MAX_DEPTH:
        raise Unsupported("a marker ends too early, or has too many brackets")
    token = tokens.pop(0)
    if token["name"]:
        return _compared(token["name"], token["operator"], token["value"], target)
    if token["bracket"] != "(":
        raise Unsupported(f"a marker has {token[0].strip()} where a comparison should be")
    value = _any(tokens, target, depth + 1)
    if not tokens or tokens.pop(0)["bracket"] != ")":
        raise Unsupported("a marker has a bracket that is not closed")
    return value


def _compared(name: str, operator: str, value: str, target: Target) -> bool:
    is_equality = operator in {"==", "!="}
    if name == "extra" and is_equality:
        return (canonicalize_name(value) in target.extras) == (operator == "==")
    if name in {"python_version", "python_full_version"}:
        return _compared_version(name, operator, value, target.python_version)
    known = target.names.get(name)
    if known is None or not is_equality:
        raise Unsupported(f'the marker {name} {operator} "{value}" does not mean the same to all tools')
    return (known == value) == (operator == "==")


def _compared_version(name: str, operator: str, value: str, python: str) -> bool:
    pattern = _MINOR if name == "python_version" else _RELEASE
    if not pattern.fullmatch(value) or not _RELEASE.fullmatch(python):
        raise Unsupported(f'the marker {name} {operator} "{value}" does not mean the same to all tools')
    own = ".".join(python.split(".")[:2]) if name == "python_version" else python
    return SpecifierSet(f"{operator}{value}").contains(own)
