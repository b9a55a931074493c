"""The exact versions in requirement lines."""

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from python_buildpack.package_managers.requirement_files import RequirementLine, without_options


def read_pins(lines: Iterable[RequirementLine]) -> dict[str, Version]:
    """Return name → version of the lines that allow one version only. Pure."""
    return pins_in(line.text for line in lines)


def pins_in(requirements: Iterable[str]) -> dict[str, Version]:
    """Return name → version of the requirements that allow one version only, whatever their markers. Pure.

    Ranges and what is not a requirement (options, paths, URLs) are skipped.
    """
    pins: dict[str, Version] = {}
    for text in requirements:
        try:
            requirement = Requirement(without_options(text))
            (specifier,) = requirement.specifier
            if specifier.operator in {"==", "==="} and requirement.url is None:
                pins[canonicalize_name(requirement.name)] = Version(specifier.version)
        except (InvalidRequirement, InvalidVersion, ValueError, RecursionError):
            continue
    return pins
