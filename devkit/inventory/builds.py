"""One build of CPython as python-build-standalone publishes it, and the two kinds of feed that list such builds."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from packaging.version import Version
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cnb.errors import BuildpackError

ARCHITECTURES: Mapping[str, str] = {"x86_64": "amd64", "aarch64": "arm64"}
"""Upstream's names of the processors that the buildpack targets, with the names that the CNB specification uses."""

VARIANTS = ("default", "freethreaded")
OLDEST_MINOR = (3, 9)


class InterpreterFeedUnreadable(BuildpackError):
    """The list of interpreter builds is not in one of the two forms that ``./dev refresh inventory`` knows."""

    code = "interpreter-feed-unreadable"
    title = "The list of interpreter builds cannot be read"


@dataclass(frozen=True, slots=True)
class Build:
    """A row of the inventory; its fields and their order are those of an ``[[interpreters]]`` table."""

    version: str
    build: str
    """The day of the upstream release that holds it, as YYYYMMDD."""
    os: str
    arch: str
    """``amd64`` or ``arm64``."""
    libc: str
    variant: str
    """``default`` or ``freethreaded``."""
    url: str
    sha256: str

    @property
    def minor(self) -> str:
        """The version without its patch number: ``3.13``."""
        return self.version.rpartition(".")[0]

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What an inventory may hold once only."""
        return (self.version, self.variant, self.os, self.arch, self.libc)


class _Row(BaseModel):
    """A row of our own snapshot of upstream's builds."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    implementation: str
    version: str
    variant: str | None
    os: str
    arch: str
    libc: str
    url: str
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")]
    build: str | None


class _UvArch(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    family: str
    variant: str | None = None


class _UvEntry(BaseModel):
    """An entry of uv's ``download-metadata.json``, which maps names such as ``cpython-3.13.1-linux-x86_64-gnu``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    arch: _UvArch
    os: str
    libc: str
    major: int
    minor: int
    patch: int
    prerelease: str | None
    url: str
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    variant: str | None
    build: str | None = None

    def row(self) -> _Row:
        """Return it in our snapshot's form, where a processor variant (x86_64_v3) is a processor of its own."""
        return _Row(
            implementation=self.name,
            version=f"{self.major}.{self.minor}.{self.patch}{self.prerelease or ''}",
            variant=self.variant,
            os=self.os,
            arch="_".join(part for part in (self.arch.family, self.arch.variant) if part),
            libc=self.libc,
            url=self.url,
            sha256=self.sha256,
            build=self.build,
        )


_SNAPSHOT = TypeAdapter(tuple[_Row, ...])
_UV_INDEX = TypeAdapter(dict[str, _UvEntry])


def parse_feed(text: str | bytes, name: str) -> tuple[Build, ...]:
    """Return the builds that belong in an inventory, newest first, from our snapshot or from uv's index.

    Taken are final releases of CPython from 3.9 on, for glibc on amd64 and arm64, optimised, with and without the GIL.
    Left out are debug builds; prereleases, also where a minor has no final release yet, because a version range must
    never choose one; and rows without a digest, because nothing unverified is ever installed.
    Raises InterpreterFeedUnreadable, which calls the feed by ``name``.
    """
    try:
        document = json.loads(text)
        if isinstance(document, dict):
            rows = tuple(entry.row() for entry in _UV_INDEX.validate_python(document).values())
        else:
            rows = _SNAPSHOT.validate_python(document)
    except (ValueError, ValidationError) as error:
        first = str(error).partition("\n")[0]
        raise InterpreterFeedUnreadable(
            f"{name} is neither the snapshot's list of rows nor uv's map of downloads: {first}",
            "Give the snapshot pbs-linux.json, or uv's download-metadata.json, with --from.",
        ) from error
    builds = newest_builds(_as_build(row) for row in rows if _is_wanted(row))
    if not builds:
        raise InterpreterFeedUnreadable(
            f"{name} lists no final CPython release for Linux.",
            "Check that it is the list of python-build-standalone's downloads and not another one.",
        )
    return builds


def newest_builds(builds: Iterable[Build]) -> tuple[Build, ...]:
    """Keep the newest build of each key, and sort: newest version first, then by variant and processor."""
    chosen: dict[tuple[str, ...], Build] = {}
    for build in builds:
        known = chosen.get(build.key)
        if known is None or known.build < build.build:
            chosen[build.key] = build
    by_name = sorted(chosen.values(), key=lambda build: (build.variant, build.arch, build.libc))
    return tuple(sorted(by_name, key=lambda build: Version(build.version), reverse=True))


def _is_wanted(row: _Row) -> bool:
    if (row.implementation, row.os, row.libc) != ("cpython", "linux", "gnu") or row.arch not in ARCHITECTURES:
        return False
    if (row.variant or "default") not in VARIANTS or row.sha256 is None or row.build is None:
        return False
    version = Version(row.version)
    return not version.is_prerelease and version.release[:2] >= OLDEST_MINOR


def _as_build(row: _Row) -> Build:
    return Build(
        version=row.version,
        build=row.build or "",
        os=row.os,
        arch=ARCHITECTURES[row.arch],
        libc=row.libc,
        variant=row.variant or "default",
        url=row.url,
        sha256=row.sha256 or "",
    )
