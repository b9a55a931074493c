"""Finds out which archive of a lock file was installed, if that is certain.

A lock lists the digests of all archives that an installer may choose from, and no installer records its choice. The
compatibility tags in an installed wheel identify its archive among the wheels of a release. A hashed requirement is
used only if it has a single digest. File names and digests look the same in all locks (uv, Poetry, PDM, pylock.toml),
so one regular expression finds them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from cnb.frozen import field, frozen
from python_buildpack.sbom.bill import FromIndex
from python_buildpack.sbom.distributions import Distribution

_WHEEL = re.compile(
    # Both repetitions are limited, because a lock with one long line would take minutes otherwise.
    r"(?<![A-Za-z0-9_.%+-])([A-Za-z0-9_.%+-]+\.whl)\"[^{}\n]{0,600}?"
    r"(?:\{ ?sha256 = \"|hash = \"sha256:)([0-9a-f]{64})\""
)
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])? *== *([^\s;]+)([^\n]*)", re.MULTILINE)
_HASH = re.compile(r"--hash=([a-z0-9]+):([0-9a-f]+)")


@frozen
class Lock:
    """The digests in an app's lock or hashed requirements."""

    wheels: Mapping[NormalizedName, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Pairs of file name and SHA-256 of wheels, by the distribution's normalised name."""
    pins: Mapping[NormalizedName, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Pairs of version and SHA-256 of requirements with exactly one hash, by normalised name."""


def parse_lock(text: str) -> Lock:
    """Return the digests in the text of a lock or requirements file of any kind."""
    wheels: dict[NormalizedName, list[tuple[str, str]]] = {}
    for file, digest in _WHEEL.findall(text):
        name = unquote(file)
        wheels.setdefault(canonicalize_name(name.partition("-")[0]), []).append((name, digest))
    pins: dict[NormalizedName, list[tuple[str, str]]] = {}
    for name, version, rest in _PINNED.findall(text.replace("\\\n", " ")):
        hashes = _HASH.findall(rest)
        if len(hashes) == 1 and hashes[0][0] == "sha256":
            pins.setdefault(canonicalize_name(name), []).append((version, hashes[0][1]))
    return Lock(wheels, pins)


def locked_hashes(lock: Lock, distribution: Distribution) -> Mapping[str, str]:
    """Return the SHA-256 of the archive that the distribution was installed from; empty if that is not certain."""
    if distribution.origin != FromIndex():
        return {}
    found = {digest for version, digest in _candidates(lock, distribution) if _is_same(version, distribution.version)}
    return {"sha256": found.pop()} if len(found) == 1 else {}


def _candidates(lock: Lock, distribution: Distribution) -> Iterator[tuple[str, str]]:
    yield from lock.pins.get(distribution.key, ())
    for file, digest in lock.wheels.get(distribution.key, ()):
        try:
            _, version, _, tags = parse_wheel_filename(file)
        except ValueError:
            continue
        if {str(tag) for tag in tags} == set(distribution.tags):
            yield str(version), digest


def _is_same(locked: str, installed: str) -> bool:
    try:
        return Version(locked) == Version(installed)
    except ValueError:
        return False
