"""Removes files of the app's packages that images do not need (BP_PYTHON_SLIM)."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cnb.files import explained_when_full
from cnb.frozen import frozen
from python_buildpack.installed.dist_info import METADATA, DistInfo, RecordEntry, read_dist_infos
from python_buildpack.installed.file_kinds import DESCRIPTIONS, SYMBOLS, FileKind
from python_buildpack.support.tree_size import megabytes

_LIBRARY = re.compile(r"\.so(\.[0-9.]+)?$")


@frozen
class Saved:
    """What was removed."""

    files: int
    bytes_by_kind: Mapping[str, int]

    @property
    def size(self) -> int:
        """The number of removed bytes."""
        return sum(self.bytes_by_kind.values())

    def __str__(self) -> str:
        """Return one line for the log."""
        kinds = ", ".join(f"{name} {megabytes(size)}" for name, size in self.bytes_by_kind.items())
        return f"{megabytes(self.size)} in {self.files} files ({kinds})"


def slim(venv: Path, site: Path, kinds: Iterable[FileKind]) -> Saved:
    """Remove from every distribution in ``site`` the files of these kinds that its RECORD lists.

    RECORD is changed accordingly. Files that no RECORD lists are kept, and so are files outside of ``venv``, the
    environment of ``site``, because a RECORD may be wrong or malicious. Raises DiskFull.
    """
    kinds = tuple(kinds)
    files, sizes = 0, Counter[str]()
    with explained_when_full(site):
        for info in read_dist_infos(site) if kinds else ():
            for kind, size in _slim_distribution(venv, site, info, kinds):
                files += 1
                sizes[kind.name] += size
    return Saved(files, {kind.name: sizes[kind.name] for kind in kinds if sizes[kind.name]})


def _slim_distribution(
    venv: Path, site: Path, info: DistInfo, kinds: tuple[FileKind, ...]
) -> Iterator[tuple[FileKind, int]]:
    entries = info.record()
    kinds = tuple(_unused(kinds, site, entries))
    kept: list[RecordEntry] = []
    for entry in entries:
        kind = _kind_of(entry.path, kinds)
        path = _own_file(entry.path, venv, site) if kind else None
        taken = _take(kind, path) if kind and path else None
        if kind is None or path is None or taken is None:
            kept.append(entry)
            continue
        yield kind, taken
        if kind is SYMBOLS:
            kept.append(RecordEntry.of(entry.path, path))
        else:
            _remove_empty(path.parent, site)
    info.change_record(lambda _: kept)
    if DESCRIPTIONS in kinds and (saved := _drop_description(info, kept)) > 0:
        yield DESCRIPTIONS, saved


def _kind_of(name: str, kinds: Iterable[FileKind]) -> FileKind | None:
    kind = next((kind for kind in kinds if kind.has(name)), None)
    return SYMBOLS if kind is None and SYMBOLS in kinds and _LIBRARY.search(name) else kind


def _own_file(name: str, venv: Path, site: Path) -> Path | None:
    """Return the file with this path in RECORD, if it exists and is in the environment."""
    path = Path(os.path.normpath(site / name))
    return path if path.is_relative_to(venv) and path.is_file() and not path.is_symlink() else None


def _take(kind: FileKind, path: Path) -> int | None:
    """Remove a file, or the symbols of a library. Return the number of saved bytes, or None if the file is kept."""
    if kind is SYMBOLS:
        from python_buildpack.installed.elf.symbols import remove_symbols  # noqa: PLC0415 - most builds install nothing

        return remove_symbols(path) or None
    if kind.made_into and not path.with_suffix(kind.made_into).is_file():
        return None
    size = path.stat().st_size
    path.unlink()
    return size


def _unused(kinds: Iterable[FileKind], site: Path, entries: Iterable[RecordEntry]) -> Iterator[FileKind]:
    """Yield the kinds, except those that code of the distribution uses, as astropy uses its tests in a test runner."""
    perhaps = {kind.name: (kind, kind.used_by) for kind in kinds if kind.used_by}
    own = [entry.path for entry in entries if entry.path.endswith(".py")] if perhaps else []
    used: set[str] = set()
    for path in own:
        source = (site / path).read_bytes() if (site / path).is_file() else b""
        used |= {name for name, (kind, use) in perhaps.items() if not kind.has(path) and use.search(source)}
    return (kind for kind in kinds if kind.name not in used)


def _drop_description(info: DistInfo, entries: Iterable[RecordEntry]) -> int:
    """Shorten METADATA to its fields, if RECORD lists it; return the number of saved bytes."""
    path = info.folder / METADATA
    shortened = info.without_description()
    if shortened is None or f"{info.folder.name}/{METADATA}" not in {entry.path for entry in entries}:
        return 0
    size = path.stat().st_size
    info.write(METADATA, shortened)
    return size - len(shortened)


def _remove_empty(folder: Path, site: Path) -> None:
    while folder != site and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
