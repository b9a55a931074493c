"""Makes a mirror: decides which installations, and repacks those whose archive is missing or out of date."""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnb.errors import BuildpackError
from devkit.inventory.builds import ARCHITECTURES, Build
from devkit.mirror.archive import archive_name, read_sha256, write_archive
from devkit.mirror.bytecode import add_bytecode
from devkit.mirror.plan import fingerprint, plan_copies
from devkit.mirror.prefixes import Prefix, discover_prefixes
from devkit.mirror.repack import stage_prefix
from devkit.mirror.store import (
    STAGE_PREFIX,
    Record,
    locked,
    read_record,
    remove_other_builds,
    write_inventory,
    write_record,
)
from devkit.paths import kept
from python_buildpack.installed.bytecode import COMPILER

RECIPE = "19800103"
"""Stands where upstream has a release day; the day counts the revisions of our recipe, the year shows what it is."""


class NoPythonToMirror(BuildpackError):
    """This machine has no Python that can be repacked, or none of the version asked for."""

    code = "no-python-to-mirror"
    title = "No such Python on this machine"


@dataclass(frozen=True, slots=True)
class Mirrored:
    """One archive of a mirror."""

    row: Build
    archive: Path
    seconds: float | None
    """How long it took to make; None when it was there already."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A directory of archives with an inventory that has them as relative URLs."""

    directory: Path
    inventory: Path
    archives: tuple[Mirrored, ...]
    """Those that were asked for; the inventory may list more."""


def make_mirror(
    directory: Path | None = None, prefixes: Sequence[Prefix] | None = None, versions: Sequence[str] = ()
) -> Mirror:
    """Repack this machine's Pythons, or ``prefixes``, into ``directory``, and write its inventory.toml.

    Without a directory the mirror is the one that all checkouts of this machine's user share.
    ``versions`` (``3.13``, ``3.13.0``) selects some of them. An archive is made again only when what it was made from
    has changed; several processes may call this at the same time. Raises NoPythonToMirror and what
    ``devkit.mirror.repack.stage_prefix`` raises.
    """
    if directory is None:
        directory = kept() / "mirror"
    if prefixes is None:
        prefixes = discover_prefixes(os.environ, Path.home())
    chosen = select_prefixes(prefixes, versions)
    with locked(directory):
        archives = tuple(_provide(prefix, directory) for prefix in chosen)
        return Mirror(directory, write_inventory(directory), archives)


def select_prefixes(prefixes: Sequence[Prefix], versions: Sequence[str]) -> tuple[Prefix, ...]:
    """Return the prefixes of these versions, or all of them. Raises NoPythonToMirror for a version that none has."""
    has = ", ".join(f"{prefix.version}{'t' if prefix.freethreaded else ''}" for prefix in prefixes) or "none"
    for version in versions:
        if not any(_matches(prefix, version) for prefix in prefixes):
            raise NoPythonToMirror(
                f"Python {version} is asked for; this machine has {has}.",
                f"Install it (pyenv install {version}, say), or ask for another.",
            )
    if not prefixes:
        raise NoPythonToMirror(
            "Neither pyenv nor PATH has a CPython from 3.9 on.", "Install one: apt-get install python3, say."
        )
    return tuple(
        prefix for prefix in prefixes if not versions or any(_matches(prefix, version) for version in versions)
    )


def _matches(prefix: Prefix, version: str) -> bool:
    return version in {prefix.version, prefix.minor}


def _provide(prefix: Prefix, directory: Path) -> Mirrored:
    """Return the archive of one installation, made now unless it is up to date."""
    started = time.monotonic()
    archive = directory / archive_name(prefix.version, RECIPE, prefix.machine, prefix.variant)
    sources = [copy.source for copy in plan_copies(prefix)]
    record = read_record(archive)
    if record is not None and record.fingerprint == _fingerprint(sources, record.libraries):
        return Mirrored(record.row, archive, None)
    with tempfile.TemporaryDirectory(prefix=STAGE_PREFIX, dir=directory) as stage:
        libraries = stage_prefix(prefix, Path(stage, "python"))
        add_bytecode(Path(stage, "python"), prefix.name)
        row = _row(prefix, archive.name, write_archive(Path(stage, "python"), archive))
    write_record(archive, Record(fingerprint=_fingerprint(sources, libraries), libraries=libraries, row=row))
    remove_other_builds(archive, row)
    return Mirrored(row, archive, time.monotonic() - started)


def _fingerprint(sources: Sequence[Path], libraries: Sequence[Path]) -> str | None:
    try:
        return fingerprint([*sources, *libraries], f"{RECIPE} {read_sha256(COMPILER)}")
    except OSError:
        return None


def _row(prefix: Prefix, url: str, sha256: str) -> Build:
    return Build(
        version=prefix.version,
        build=RECIPE,
        os="linux",
        arch=ARCHITECTURES[prefix.machine],
        libc="gnu",
        variant=prefix.variant,
        # A plus sign needs no escape in a URL, and without one the same text is right as a file name too.
        url=url,
        sha256=sha256,
    )
