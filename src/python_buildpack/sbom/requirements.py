"""Finds the dependencies between installed distributions: Requires-Dist, evaluated for the installed interpreter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from python_buildpack.sbom.distributions import Distribution

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def marker_environment(python: Version, arch: str) -> dict[str, str]:
    """Return the values of environment markers (PEP 508) for CPython on Linux; ``arch`` is CNB's name of the CPU."""
    return {
        "implementation_name": "cpython",
        "implementation_version": str(python),
        "os_name": "posix",
        "platform_machine": _MACHINES.get(arch, arch),
        "platform_python_implementation": "CPython",
        # The kernel of the machine that will run the image is not known.
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": str(python),
        "python_version": f"{python.major}.{python.minor}",
        "sys_platform": "linux",
    }


@dataclass(slots=True)
class _Node:
    """A distribution while its installed extras are being found."""

    requirements: tuple[Requirement, ...]
    known_extras: frozenset[str]
    extras: set[str] = field(default_factory=set)
    """The extras that an installed distribution requires, or of which all requirements are installed."""


def dependencies(
    distributions: Sequence[Distribution], environment: Mapping[str, str]
) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
    """Return, by normalised name, the installed distributions that each one depends on, sorted.

    No installer records the extras. So the requirements of an extra are included if an installed distribution requires
    the extra, or if all of them are installed.
    """
    versions = {distribution.key: distribution.version for distribution in distributions}
    nodes = {
        distribution.key: _Node(tuple(_parsed(distribution)), frozenset(map(canonicalize_name, distribution.extras)))
        for distribution in distributions
    }
    for node in nodes.values():
        node.extras |= _complete_extras(node, versions, environment)
    _spread_extras(nodes, environment)
    return {
        key: tuple(sorted({canonicalize_name(r.name) for r in _active(node, environment)} & nodes.keys() - {key}))
        for key, node in nodes.items()
    }


def _parsed(distribution: Distribution) -> Iterator[Requirement]:
    for line in distribution.requires:
        try:
            yield Requirement(line)
        except (ValueError, RecursionError):
            # Metadata from before PEP 508, which installers skip or refuse.
            continue


def _complete_extras(node: _Node, versions: Mapping[NormalizedName, str], environment: Mapping[str, str]) -> set[str]:
    """Return the extras of which every requirement is installed."""
    always = _applying(node.requirements, environment, "")
    found = set()
    for extra in node.known_extras:
        added = [r for r in _applying(node.requirements, environment, extra) if r not in always]
        if added and all(_is_met(requirement, versions) for requirement in added):
            found.add(extra)
    return found


def _spread_extras(nodes: Mapping[NormalizedName, _Node], environment: Mapping[str, str]) -> None:
    """Add the extras that installed distributions require of each other, until no new one is found."""
    changed = True
    while changed:
        changed = False
        for node in nodes.values():
            for requirement in _active(node, environment):
                target = nodes.get(canonicalize_name(requirement.name))
                wanted = {canonicalize_name(extra) for extra in requirement.extras}
                if target is not None and not wanted <= target.extras:
                    target.extras |= wanted
                    changed = True


def _active(node: _Node, environment: Mapping[str, str]) -> list[Requirement]:
    return [r for extra in ("", *sorted(node.extras)) for r in _applying(node.requirements, environment, extra)]


def _applying(requirements: Sequence[Requirement], environment: Mapping[str, str], extra: str) -> list[Requirement]:
    return [requirement for requirement in requirements if _applies(requirement, {**environment, "extra": extra})]


def _applies(requirement: Requirement, environment: Mapping[str, str]) -> bool:
    try:
        return requirement.marker is None or requirement.marker.evaluate(dict(environment))
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError):
        return False


def _is_met(requirement: Requirement, versions: Mapping[NormalizedName, str]) -> bool:
    version = versions.get(canonicalize_name(requirement.name))
    try:
        return version is not None and requirement.specifier.contains(version, prereleases=True)
    except ValueError:
        # A number of thousands of digits, which Python does not convert.
        return False
