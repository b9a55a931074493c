"""The exact versions in requirement lines."""

from collections.abc import Iterable, Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.package_managers.pinned import Pinned
from python_buildpack.package_managers.requirement_files import RequirementLine, without_options


def read_pins(lines: Iterable[RequirementLine], *, sources: tuple[str, ...] = ()) -> Pinned:
    """Return the pins in lines of requirements files, whose distributions are also at ``sources``. Pure."""
    return Pinned.of(_pins(line.text for line in lines), sources=sources)


def pins_in(requirements: Iterable[str]) -> Pinned:
    """Return the requirements that allow one version only. Pure.

    Ranges and what is not a requirement (options, paths, URLs) are skipped.
    """
    return Pinned.of(_pins(requirements))


def _pins(requirements: Iterable[str]) -> Iterator[tuple[str, Version, str]]:
    for text in requirements:
        try:
            requirement = Requirement(without_options(text))
            (specifier,) = requirement.specifier
            if specifier.operator in {"==", "==="} and requirement.url is None:
                version = Version(specifier.version)
                yield canonicalize_name(requirement.name), version, str(requirement.marker or "")
        except (ValueError, RecursionError):
            continue
