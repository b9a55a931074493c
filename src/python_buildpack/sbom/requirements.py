"""Which installed distribution needs which other one: Requires-Dist, evaluated for the installed interpreter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from python_buildpack.sbom.distributions import Distribution

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def marker_environment(python: Version, arch: str) -> dict[str, str]:
    """Return the environment that markers are evaluated in (PEP 508) for a CPython on Linux; ``arch`` is CNB's word."""
    return {
        "implementation_name": "cpython",
        "implementation_version": str(python),
        "os_name": "posix",
        "platform_machine": _MACHINES.get(arch, arch),
        "platform_python_implementation": "CPython",
        # The kernel's version is that of whoever runs the image.
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": str(python),
        "python_version": f"{python.major}.{python.minor}",
        "sys_platform": "linux",
    }


@dataclass(slots=True)
class _Node:
    """What is known of a distribution while the extras are being found."""

    requirements: tuple[Requirement, ...]
    known_extras: frozenset[str]
    extras: set[str] = field(default_factory=set)
    """Those that are wanted by what is installed, or of which all is installed."""


def dependencies(
    distributions: Sequence[Distribution], environment: Mapping[str, str]
) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
    """Return, by normalised name, the installed distributions that each one depends on, sorted.

    What an extra asks for counts if an installed distribution asks for the extra, or if all of it is installed: no
    installer records which extras it was given.
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
        except (InvalidRequirement, RecursionError):
            # Metadata from before PEP 508; installers skip or refuse it, and there is no edge to draw.
            continue


def _complete_extras(node: _Node, versions: Mapping[NormalizedName, str], environment: Mapping[str, str]) -> set[str]:
    """Return the extras of which every requirement is met by what is installed."""
    always = _applying(node.requirements, environment, "")
    found = set()
    for extra in node.known_extras:
        added = [r for r in _applying(node.requirements, environment, extra) if r not in always]
        if added and all(_is_met(requirement, versions) for requirement in added):
            found.add(extra)
    return found


def _spread_extras(nodes: Mapping[NormalizedName, _Node], environment: Mapping[str, str]) -> None:
    """Note the extras that installed distributions ask of each other, until nothing new is found."""
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
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def _is_met(requirement: Requirement, versions: Mapping[NormalizedName, str]) -> bool:
    version = versions.get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version, prereleases=True)
