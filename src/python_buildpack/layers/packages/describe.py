"""Describes a virtual environment, from the RECORD files (PEP 376) of its distributions and from ELF headers."""

import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from python_buildpack.installed.dist_info import (
    DIST_INFO,
    DirectUrl,
    DistInfo,
    UnreadableDirectUrl,
    read_dist_infos,
    site_packages,
)
from python_buildpack.installed.elf.dynamic import read_run_path
from python_buildpack.layers.packages.description import Description, Distribution

_BYTECODE = "__pycache__"
_ORIGINS = ("$ORIGIN", "${ORIGIN}")


def read_description(venv: Path) -> Description:
    """Return what is installed."""
    site = site_packages(venv)
    distributions: dict[str, Distribution] = {}
    owned: set[str] = set()
    for info in read_dist_infos(site):
        if info.name not in distributions:
            distributions[info.name] = _describe(site, info, site.relative_to(venv).as_posix())
            owned.update(listed_files(info))
    tops = sorted({top for found in distributions.values() for top in found.tops})
    return Description(
        tuple(distributions.values()), frozenset(_library_folders(venv)), frozenset(_unowned(site, tops, owned))
    )


def listed_files(info: DistInfo) -> tuple[str, ...]:
    """Return the paths that a distribution lists, relative to site-packages, without bytecode; maybe none."""
    return tuple(posixpath.normpath(entry.path) for entry in info.record() if f"{_BYTECODE}/" not in entry.path)


def top_of(path: str) -> str | None:
    """Return the entry of site-packages that moves into a layer together with this file; None if it has to stay.

    Modules in a single file stay: Python looks for their bytecode beside the link. Metadata stays because tools search
    for it, and files outside of site-packages stay because they are known by their paths.
    """
    first, slash, _ = path.partition("/")
    if first in {"..", "", _BYTECODE} or first.endswith((DIST_INFO, ".data")):
        return None
    return first if slash or first.endswith(".so") else None


def _describe(site: Path, info: DistInfo, inside: str) -> Distribution:
    paths = listed_files(info)
    moving = {path: top for path in paths if (top := top_of(path)) is not None}
    sizes: Counter[str] = Counter()
    for path, top in moving.items():
        sizes[top] += _size(f"{site}/{path}")
    found = [target for path in moving if ".so" in path for target in _targets(site, path)]
    within, outside = _sorted_out(found, inside)
    fixed = _fixed(info, paths)
    return Distribution(info.name, info.version, dict(sorted(sizes.items())), within, outside, fixed)


def _fixed(info: DistInfo, paths: Sequence[str]) -> str:
    """Return why a distribution has to stay where it is."""
    if not paths:
        return "it does not list its files"
    if any(path.endswith(".pth") and "/" not in path for path in paths):
        return "it changes where Python looks for modules (.pth)"
    match info.direct_url():
        case DirectUrl(is_directory=True) | UnreadableDirectUrl():
            return "its origin is a directory, or is not known"
        case _:
            return ""


def _targets(site: Path, path: str) -> Iterator[str]:
    """Yield the folders in which a library looks for other libraries (RUNPATH), relative to site-packages."""
    if not os.path.isfile(site / path):  # noqa: PTH113 - false, not an error, for a name that is too long
        return
    for entry in read_run_path(site / path):
        for origin in _ORIGINS:
            if entry.startswith(origin):
                yield posixpath.normpath(f"{posixpath.dirname(path)}/.{entry.removeprefix(origin)}")


def _sorted_out(targets: Iterable[str], inside: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the entries of site-packages among the targets; and the folders beside it, relative to the environment."""
    within: set[str] = set()
    outside: set[str] = set()
    for target in targets:
        first = PurePosixPath(target).parts[0] if target != "." else ".."
        if first != "..":
            within.add(first)
            continue
        folder = posixpath.normpath(posixpath.join(inside, target))
        if not folder.startswith(".."):
            outside.add(folder)
    return frozenset(within), frozenset(outside)


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except (OSError, ValueError):
        # A ValueError for a name with a NUL in it.
        return 0


def _library_folders(venv: Path) -> Iterator[str]:
    for folder, directories, files in os.walk(venv):
        if folder.endswith("/site-packages"):
            directories.clear()
        if any(name.startswith("lib") and ".so" in name for name in files):
            yield Path(folder).relative_to(venv).as_posix()


def _unowned(site: Path, tops: Iterable[str], owned: set[str]) -> Iterator[str]:
    """Yield the entries of site-packages with files that no distribution lists: their owner is unknown."""
    for top in tops:
        if any(path not in owned for path in _files(site, top)) or os.path.islink(site / top):  # noqa: PTH114 - as below
            yield top


def _files(site: Path, top: str) -> Iterator[str]:
    """Yield the paths of the files below an entry of site-packages, relative to it."""
    if not os.path.isdir(site / top):  # noqa: PTH112 - false, not an error, for a name that is too long
        return
    for folder, directories, files in os.walk(site / top):
        if _BYTECODE in directories:
            directories.remove(_BYTECODE)
        inside = folder.removeprefix(f"{site}/")
        yield from (f"{inside}/{name}" for name in files)
