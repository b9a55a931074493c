"""Finds out from a lock file, which lists all files, whether its pins have wheels for a Python version. Pure."""

from collections.abc import Iterable, Mapping
from itertools import chain

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from python_buildpack.package_managers.interface import Trial

_MACHINES: Mapping[str, str] = {"amd64": "x86_64", "arm64": "aarch64"}
_ANY = "any"
_PLACEHOLDER = "here"


def lock_trial(wheels: Mapping[str, tuple[str, ...]], arch: str) -> Trial:
    """Return a trial with the files that a lock lists of each distribution, for Linux with glibc on ``arch``."""
    machine = _MACHINES.get(arch, arch)

    def trial(pins: Mapping[str, Version], minor: str) -> str | None:
        fitting = _fitting(minor)
        return next((name for name in pins if not _has_wheel(wheels.get(name, ()), fitting, machine)), None)

    return trial


def _fitting(minor: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of interpreter and ABI tags that a minor version supports (PEP 425)."""
    version, interpreter = Version(minor).release[:2], f"cp{minor.replace('.', '')}"
    # The ABI tags of CPython before 3.8 end in "m".
    own = cpython_tags(version, abis=[interpreter, f"{interpreter}m"], platforms=[_PLACEHOLDER])
    tags = chain(own, compatible_tags(version, interpreter=interpreter, platforms=[_PLACEHOLDER]))
    return frozenset((tag.interpreter, tag.abi) for tag in tags)


def _has_wheel(files: Iterable[str], fitting: frozenset[tuple[str, str]], machine: str) -> bool:
    tags = (tag for file in files for tag in _tags(file))
    return any((tag.interpreter, tag.abi) in fitting and _is_for(tag.platform, machine) for tag in tags)


def _tags(file: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(file)[3]
    except ValueError:
        return frozenset()


def _is_for(platform: str, machine: str) -> bool:
    return platform == _ANY or (platform.startswith(("manylinux", "linux")) and platform.endswith(machine))
