"""Stores a tree of files as one archive in the cache layer: the lifecycle handles one large file faster than thousands.

The format is tar with zstd at level 3. It is a sixth smaller than at level 1, which matters because each build restores
the file and caches it again. An archive is unpacked only if it is byte for byte what was written: see cached_files.py.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cnb.files import explained_when_full
from cnb.frozen import frozen
from python_buildpack.support import plain_tar
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.zstandard import open_to_read, open_to_write

_BYTECODE = "__pycache__"
_GROUP_WRITES = 0o020
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC


@frozen
class Restored:
    """The tree was restored."""

    files: int
    """The number of its files and links."""


@frozen
class NotStored:
    """There is no such archive, or it was not what was written and has been removed; nothing was restored."""


class NameUnsafe(Exception):
    """An entry of an archive would be written outside of the directory that the archive is restored to."""


def store_tree(root: Path, archive: CachedFile) -> None:
    """Write everything below ``root``, except bytecode, to ``archive``. Raises DiskFull."""
    with _replacing(archive) as tar:
        for folder, directories, names in os.walk(root):
            if _BYTECODE in directories:
                directories.remove(_BYTECODE)
            inside = os.path.relpath(folder, root)
            links = [name for name in directories if os.path.islink(f"{folder}/{name}")]  # noqa: PTH114 - thousands
            tar.add(folder, inside)
            for name in sorted((*names, *links)):
                tar.add(f"{folder}/{name}", name if inside == "." else f"{inside}/{name}")
            directories.sort()


def store_entries(root: Path, paths: Iterable[str], archive: CachedFile) -> None:
    """Write these paths, relative to ``root``, to ``archive``; directories without their content. Raises DiskFull."""
    with _replacing(archive) as tar:
        for path in paths:
            tar.add(f"{root}/{path}", path)


def with_folders(paths: Iterable[str]) -> list[str]:
    """Return relative paths and those of all directories that contain them, in the order for ``store_entries``."""
    every = set(paths)
    for path in tuple(every):
        # Not by pathlib: thousands of files are in few directories.
        folder = path.rpartition("/")[0]
        while folder and folder not in every:
            every.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(every)


def store_trees(archives: Mapping[Path, CachedFile]) -> None:
    """Write several trees, given as archive by root, two at a time. Raises DiskFull."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds store nothing

    with ThreadPoolExecutor(max_workers=2) as threads:
        list(threads.map(store_tree, archives, archives.values()))


def _every(path: str) -> bool:
    del path
    return True


def restore_tree(archive: CachedFile, root: Path, is_wanted: Callable[[str], bool] = _every) -> Restored | NotStored:
    """Restore the tree in ``archive`` below ``root``, where existing files are replaced. Raises DiskFull.

    Only the entries whose paths are wanted are restored. An archive that is not what was written is removed,
    and nothing of it is restored. Raises NameUnsafe for one that was written with names that lead out of ``root``.
    """
    with archive.opened() as file:
        return NotStored() if file is None else _restore(file, root, is_wanted)


def restore_trees(archives: Mapping[Path, CachedFile]) -> bool:
    """Restore several trees, given as archive by root, and return whether all were restored. Raises DiskFull.

    Two at a time, because most of the time is spent in the operating system, which creates files and allocates memory.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds restore nothing

    with ThreadPoolExecutor(max_workers=2) as threads:
        return NotStored() not in list(threads.map(restore_tree, archives.values(), archives))


def _restore(file: BinaryIO, root: Path, is_wanted: Callable[[str], bool]) -> Restored:
    files = 0
    with explained_when_full(root), open_to_read(file) as stream:
        reader = plain_tar.Reader(stream)
        for entry in reader.entries():
            if is_wanted(entry.name):
                _place(reader, entry, str(root))
                files += entry.kind != plain_tar.DIRECTORY
    return Restored(files)


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/")


def _place(reader: plain_tar.Reader, entry: plain_tar.Entry, root: str) -> None:
    """Write one entry, and replace an existing file or link.

    Owner and time are those of a new file, as after an installation: collectstatic compares times. Links may lead
    anywhere, as an environment's links to its interpreter do: the buildpack itself has written the archive.
    """
    if _leads_out(entry.name) or (entry.kind == plain_tar.HARD_LINK and _leads_out(entry.target)):
        raise NameUnsafe(entry.name)
    path = f"{root}/{entry.name}"
    if entry.kind == plain_tar.DIRECTORY:
        os.makedirs(path, exist_ok=True)  # noqa: PTH103 - thousands of paths, and strings are faster
        if entry.mode & _GROUP_WRITES:
            os.chmod(path, entry.mode)  # noqa: PTH101 - as above
        return
    if entry.kind == plain_tar.FILE:
        _write(reader, entry, path)
        return
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - as above
    if entry.kind == plain_tar.SYMBOLIC_LINK:
        os.symlink(entry.target, path)  # noqa: PTH211 - as above
    else:
        os.link(f"{root}/{entry.target}", path)


def _write(reader: plain_tar.Reader, entry: plain_tar.Entry, path: str) -> None:
    try:
        descriptor = os.open(path, _NEW, entry.mode)
    except FileExistsError:
        os.unlink(path)  # noqa: PTH108 - as above
        descriptor = os.open(path, _NEW, entry.mode)
    try:
        if entry.mode & _GROUP_WRITES:
            # The umask has removed it.
            os.fchmod(descriptor, entry.mode)
        for chunk in reader.content(entry):
            written = os.write(descriptor, chunk)
            while written < len(chunk):
                written += os.write(descriptor, chunk[written:])
    finally:
        os.close(descriptor)


@contextmanager
def _replacing(archive: CachedFile) -> Iterator[plain_tar.Writer]:
    """Yield a tar file to write, which replaces ``archive`` only after the block has ended without an error."""
    with (
        explained_when_full(archive.path),
        archive.written() as file,
        open_to_write(file, level=3) as stream,
    ):
        tar = plain_tar.Writer(stream)
        yield tar
        tar.end()
