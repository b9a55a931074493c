"""Lines of requirements that certainly no installer takes as they are meant, found before anything is downloaded.

Only mistakes whose meaning is known: everything else is left to the installer, which reads more forms than PEP 508 has.
"""

import re
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from cnb.errors import BuildpackError
from python_buildpack.package_managers.requirement_files import (
    RequirementFiles,
    RequirementLine,
    requirement_name,
    without_options,
)
from python_buildpack.support.odd_characters import names_of_odd

_CONFLICT = re.compile(r"<{7} .*|={7}|>{7} .*|\|{7} .*")
"""What git leaves where two versions of a file could not be merged."""
_SINGLE = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*(?:\[[\w,. -]*\])?)\s*=\s*(?P<version>\d[\w.*+!]*)\s*(?:;.*)?")
_ITEM = re.compile(r"-\s+(?P<meant>[A-Za-z0-9].*)")
"""An item of a list in YAML, copied from an environment of Conda's: pip takes it for an option, and passes it over."""
_MOST = 10


def check_lines(files: RequirementFiles, *, is_overridden: bool = False) -> None:
    """Raise RequirementsInvalid for lines that are no requirements, RequirementsUnsatisfiable for two pins of one.

    Where an override (``is_overridden``) may replace what they pin, two pins are left to the installer.

    Two constraints may contradict each other: that matters only if something requires the distribution.
    """
    mistakes = list(_mistakes(files.lines))
    if mistakes:
        raise _invalid(mistakes)
    if is_overridden:
        return
    pins: dict[str, tuple[Version, RequirementLine]] = {}
    for line in sorted(files.lines, key=lambda line: line.file in files.constraints):
        if (pin := _pin(line.text)) is not None:
            name, version = pin
            is_required = line.file not in files.constraints
            earlier, at = pins.setdefault(name, (version, line)) if is_required else pins.get(name, (version, line))
            if earlier != version:
                raise _contradiction(name, f"{at.file}, line {at.number}", f"{line.file}, line {line.number}")


def _invalid(mistakes: list[tuple[RequirementLine, str, str]]) -> BuildpackError:
    from python_buildpack.package_managers.failures.errors import RequirementsInvalid  # noqa: PLC0415 - on failure only

    named = "; ".join(f"{line.file}, line {line.number}, {what}" for line, what, _ in mistakes[:_MOST])
    more = f"; and {len(mistakes) - _MOST} more" if len(mistakes) > _MOST else ""
    return RequirementsInvalid(f"{named}{more}.", "\n".join(dict.fromkeys(cure for _, _, cure in mistakes[:_MOST])))


def _contradiction(name: str, first: str, second: str) -> BuildpackError:
    from python_buildpack.package_managers.failures.errors import RequirementsUnsatisfiable  # noqa: PLC0415 - as above

    return RequirementsUnsatisfiable(
        f"{second}, pins {name} to another version than {first}.", f"Remove one of the two lines for {name}."
    )


def _mistakes(lines: tuple[RequirementLine, ...]) -> Iterator[tuple[RequirementLine, str, str]]:
    for line in lines:
        if _CONFLICT.fullmatch(line.text):
            yield line, "is a mark of a conflict in git", "Choose between the two versions, and remove git's marks."
        elif names := _odd_in(line.text):
            yield line, f"has a character that is not what it looks like: {names}", "Type the line again."
        elif (item := _ITEM.fullmatch(line.text)) and requirement_name(item["meant"]):
            yield line, "is an item of a list as YAML has it", "Remove the hyphens: pip would pass these lines over."
        elif single := _SINGLE.fullmatch(line.text):
            right = f"{single['name']}=={single['version']}"
            yield line, "has one = where two belong", f"Write:\n    {right}"


def _odd_in(text: str) -> str:
    """Return the names of characters that end an installation; in options, paths and addresses, all may be meant.

    uv takes every space of Unicode for one; pip does not, and says so.
    """
    if text.isascii() or text.startswith("-") or "/" in text:
        return ""
    plain = "".join(" " if letter.isspace() else letter for letter in text)
    try:
        Requirement(without_options(plain))
    except (ValueError, RecursionError):
        return names_of_odd(plain)
    return ""


def _pin(text: str) -> tuple[str, Version] | None:
    """Return the name and the version of an exact pin without a marker, None for everything else."""
    try:
        requirement = Requirement(without_options(text)) if "==" in text else None
        specifiers = list(requirement.specifier) if requirement and not requirement.marker else []
        if requirement is None or [one.operator for one in specifiers] != ["=="] or "*" in specifiers[0].version:
            return None
        # A pin without a local version takes all local versions.
        return canonicalize_name(requirement.name), Version(Version(specifiers[0].version).public)
    except (ValueError, RecursionError):
        return None
