"""The wheels that uv and pip have built in this build, in their caches.

uv keeps a wheel that it built below ``sdists-v*/<origin>``, beside two files about it
(https://docs.astral.sh/uv/concepts/cache/). While it builds, the code of packages can write into the cache, so only
those wheels are taken that the installer said it was building.
"""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

from cnb.frozen import frozen
from cnb.trees import make_directory, remove

_ORIGINS = {"pypi": 0, "index": 1}
"""Origins with a directory for each name, and how deep that is."""
_LOCAL = ("path", "editable")
_OTHERS = ("url", "git", *_LOCAL)
_METADATA = "metadata.msgpack"
_ABOUT = (_METADATA, "revision.http", "revision.rev")
_SOURCE = "src"
"""The unpacked source, which may contain wheels of its own."""


@frozen
class _Built:
    """A wheel in the cache, and uv's files about it, all as paths in the cache."""

    name: str
    files: tuple[Path, ...]
    is_local: bool


def take_wheels(cache: Path, names: Collection[str], directories: Collection[str], scratch: Path) -> bool:
    """Replace uv's cache by a new one that has only the wheels of what was built; return whether all were there.

    ``names`` are the normalised names of what was built from source, ``directories`` those of projects that were built
    where they are. If one is missing, nothing is changed. No program may run meanwhile. Raises FileNotWritten.
    """
    found = [one for one in _built(cache) if one.name in names or (one.is_local and one.name in directories)]
    if not {*names, *directories} <= {one.name for one in found}:
        return False
    paths = [path for one in found for path in one.files]
    _replace(cache, [*paths, *_about_commits(cache, paths)], scratch / "cache-of-builds")
    return True


def _about_commits(cache: Path, paths: list[Path]) -> Iterator[Path]:
    """Yield uv's metadata of the same commits, which it has once more for an address that does not name the commit."""
    for bucket in cache.glob("sdists-v*/git"):
        inside = bucket.relative_to(cache)
        commits = {path.parts[3] for path in paths if path.is_relative_to(inside)}
        for folder in (found for commit in sorted(commits) for found in bucket.glob(f"*/{commit}")):
            if _is_plain(folder / _METADATA) and not (folder.is_symlink() or folder.parent.is_symlink()):
                yield (folder / _METADATA).relative_to(cache)


def take_wheels_of_pip(cache: Path, names: Collection[str], scratch: Path) -> bool:
    """Do the same with pip's cache, where wheels are in ``wheels/``, with the file ``origin.json`` about each.

    pip keeps no wheel of a directory of the app.
    """
    found = {
        path: name
        for folder, _, files in os.walk(cache / "wheels")
        for file in files
        if _is_plain(path := Path(folder, file)) and (name := _name(path)) in names
    }
    if (cache / "wheels").is_symlink() or not set(names) <= set(found.values()):
        return False
    beside = {origin for path in found if _is_plain(origin := path.with_name("origin.json"))}
    _replace(cache, [path.relative_to(cache) for path in (*found, *beside)], scratch / "cache-of-builds")
    return True


def _replace(cache: Path, paths: list[Path], taken: Path) -> None:
    """Let a cache have these files only."""
    remove(taken)
    make_directory(taken)
    for path in paths:
        make_directory((taken / path).parent)
        if not os.path.lexists(taken / path):
            (cache / path).rename(taken / path)
    remove(cache)
    taken.rename(cache)


def _built(cache: Path) -> Iterator[_Built]:
    for origin in (*_ORIGINS, *_OTHERS):
        for bucket in cache.glob(f"sdists-v*/{origin}"):
            if not _is_inside(bucket, cache):
                continue
            for folder, directories, files in os.walk(bucket):
                directories[:] = [name for name in directories if name != _SOURCE]
                for file in files:
                    wheel = Path(folder, file)
                    if (name := _name(wheel)) and _is_plain(wheel) and _is_of(name, wheel.relative_to(bucket), origin):
                        yield _Built(name, tuple(_files(wheel, bucket, cache)), origin in _LOCAL)


def _name(wheel: Path) -> str | None:
    if wheel.suffix != ".whl":
        return None
    try:
        return parse_wheel_filename(wheel.name)[0]
    except ValueError:
        return None


def _is_of(name: str, inside: Path, origin: str) -> bool:
    """Say whether a wheel is in the directory of its own name, where there is one for each name."""
    depth = _ORIGINS.get(origin)
    return depth is None or (len(inside.parts) > depth and canonicalize_name(inside.parts[depth]) == name)


def _files(wheel: Path, bucket: Path, cache: Path) -> Iterator[Path]:
    yield wheel.relative_to(cache)
    for folder in wheel.parents:
        if folder == bucket:
            return
        yield from (path.relative_to(cache) for name in _ABOUT if _is_plain(path := folder / name))


def _is_inside(folder: Path, cache: Path) -> bool:
    """Say whether no link leads to another place on the way to a directory of the cache."""
    return not any(path.is_symlink() for path in (folder, folder.parent, cache)) and folder.is_dir()


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
