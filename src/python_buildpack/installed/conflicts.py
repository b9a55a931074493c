"""Finds installed distributions whose requirements are not met, from their metadata alone (PyPA, "Core metadata").

No interpreter is started: one that has the packages runs the code in their ``.pth`` files.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from python_buildpack.installed.dist_info import DistInfo, read_dist_infos

_EXTRA = "extra"
"""A word of the markers of requirements that belong to an extra: nothing records which extras were asked for."""


def find_conflicts(site: Path, python_version: str) -> tuple[str, ...]:
    """Return a sentence for each requirement that no installed distribution meets, sorted by name.

    ``python_version`` is the full version of the app's Python. What cannot be parsed is left out.
    """
    found = {info.name: info for info in read_dist_infos(site)}
    versions: dict[str, Version | None] = {name: _version(info.version) for name, info in found.items()}
    environment = _environment(python_version)
    return tuple(
        f"The package {info.name} requires {sentence}"
        for info in found.values()
        for sentence in (*_wrong_python(info, python_version), *_unmet(info, versions, environment))
    )


def _unmet(info: DistInfo, versions: Mapping[str, Version | None], environment: dict[str, str]) -> Iterator[str]:
    for needed in _requirements(info.fields().get("requires-dist", ())):
        if not _applies(needed, environment):
            continue
        name = canonicalize_name(needed.name)
        if name not in versions:
            yield f"{_without_marker(needed)}, which is not installed"
            continue
        version = versions[name]
        if needed.url is None and version is not None and not _contains(needed.specifier, version):
            yield f"{_without_marker(needed)}, but {version} is installed"


def _contains(specifier: SpecifierSet, version: Version | str) -> bool:
    try:
        return specifier.contains(version, prereleases=True)
    except ValueError:
        # A number of thousands of digits, which Python does not convert.
        return True


def _applies(needed: Requirement, environment: dict[str, str]) -> bool:
    try:
        return needed.marker is None or needed.marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError):
        # ``python_version ~= "3"``: uv takes no notice of a comparison without meaning.
        return True


def _requirements(lines: Iterable[str]) -> Iterator[Requirement]:
    for line in lines:
        if _EXTRA in line.partition(";")[2]:
            continue
        try:
            yield Requirement(line)
        except ValueError:
            continue


def _wrong_python(info: DistInfo, python_version: str) -> Iterator[str]:
    for wanted in info.fields().get("requires-python", ()):
        try:
            is_met = _contains(SpecifierSet(wanted), python_version)
        except ValueError:
            continue
        if not is_met:
            yield f"Python {wanted}, but this is {python_version}"


def _environment(python_version: str) -> dict[str, str]:
    """Return the values of markers (PEP 508) for another CPython on this machine."""
    minor = ".".join(python_version.split(".")[:2])
    ours = {name: str(value) for name, value in default_environment().items()}
    versions = {
        "python_version": minor,
        "python_full_version": python_version,
        "implementation_version": python_version,
    }
    return {**ours, **versions, _EXTRA: ""}


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:
        return None


def _without_marker(needed: Requirement) -> str:
    return str(needed).partition(";")[0].strip()
