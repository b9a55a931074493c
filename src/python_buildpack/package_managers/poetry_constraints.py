"""Converts Poetry's version constraints (caret, tilde, wildcards, ``||`` for "or") to specifiers of PEP 440.

Grammar: https://python-poetry.org/docs/dependency-specification/#version-constraints.
"""

import re

from packaging.specifiers import SpecifierSet
from packaging.version import Version

_BETWEEN = re.compile(r"(?<=[\w*])\s*,\s*|(?<=[\w*])\s+(?=[\^~<>=!])")
_OR = re.compile(r"\s*\|\|?\s*")
_PART = re.compile(r"(?P<operator>\^|~=|~|===?|=|!=|<=?|>=?)?\s*v?(?P<version>[0-9][\w.*+-]*|\*)")
_MINOR_PARTS = 2
_MAX_CHARACTERS = 200
"""Longer texts are refused: Python cannot convert numbers of thousands of digits."""


class NotAConstraint(ValueError):
    """The text is not a version constraint of Poetry."""


def parse_constraint(text: str) -> tuple[SpecifierSet, ...]:
    """Return the alternatives of which one must match: PEP 440 has no "or". Raises NotAConstraint."""
    if len(text) > _MAX_CHARACTERS:
        raise NotAConstraint(text)
    return tuple(_parse_conjunction(part) for part in _OR.split(text.strip()))


def _parse_conjunction(text: str) -> SpecifierSet:
    words = [word for part in _BETWEEN.split(text.strip()) for word in _specifiers(part)]
    try:
        return SpecifierSet(",".join(words))
    except ValueError as error:
        raise NotAConstraint(text) from error


def _specifiers(part: str) -> tuple[str, ...]:
    found = _PART.fullmatch(part.strip())
    if found is None:
        raise NotAConstraint(part)
    operator, version = found["operator"] or "", found["version"]
    if version == "*":
        return ()
    try:
        match operator:
            case "^":
                return f">={version}", f"<{_after_caret(Version(version))}"
            case "~":
                return f">={version}", f"<{_after_tilde(Version(version))}"
            case "" | "=":
                return (f"=={version}",)
            case _:
                return (f"{operator}{version}",)
    except ValueError as error:
        raise NotAConstraint(part) from error


def _after_caret(version: Version) -> str:
    """Return the upper bound of ``^``: the leftmost number that is not zero is raised by one."""
    release = version.release
    position = next((index for index, part in enumerate(release) if part), len(release) - 1)
    return ".".join(map(str, (*release[:position], release[position] + 1)))


def _after_tilde(version: Version) -> str:
    """Return the upper bound of ``~``: the next minor version, or the next major one if only that is given."""
    kept = version.release[:_MINOR_PARTS]
    return ".".join(map(str, (*kept[:-1], kept[-1] + 1)))
