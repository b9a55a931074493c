"""A tree of files kept as one file of the cache layer: the lifecycle handles one large file far faster than thousands.

tar with zstd at level 3: a sixth smaller than at level 1, for each build restores it and caches it again.
"""

import io
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cnb.files import explained_when_full
from cnb.frozen import frozen
from python_buildpack.support.zstandard import open_to_read, open_to_write

_CHUNK = 1 << 20
_BYTECODE = "__pycache__"
_NAME = ".stored-as"


@frozen
class Restored:
    """The tree is back in its place."""

    files: int
    """How many files and links it has."""


@frozen
class NotStored:
    """There is no such archive, or it was damaged and is removed; nothing else was touched."""


def store_tree(root: Path, archive: Path) -> None:
    """Write all that is below ``root`` to ``archive``, except for bytecode. Raises DiskFull."""
    with _replacing(archive) as tar:
        tar.add(root, ".", filter=_without_bytecode)


def store_entries(root: Path, paths: Iterable[str], archive: Path) -> None:
    """Write these entries, relative to ``root``, to ``archive``; of a directory, not what is in it. Raises DiskFull."""
    with _replacing(archive) as tar:
        for path in paths:
            tar.add(root / path, path, recursive=False, filter=_without_time)


def store_trees(archives: Mapping[Path, Path]) -> None:
    """Write several trees, given their archives by their roots, two at a time. Raises DiskFull."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds store nothing

    with ThreadPoolExecutor(max_workers=2) as threads:
        list(threads.map(store_tree, archives, archives.values()))


def restore_tree(archive: Path, root: Path) -> Restored | NotStored:
    """Put what ``archive`` holds where it was below ``root``, in place of what is there. Raises DiskFull.

    An archive that is damaged, or another's, is removed: whoever finds one there may take it for whole.
    """
    restored = _restore(archive, root) if _is_whole(archive) else NotStored()
    if isinstance(restored, NotStored):
        archive.unlink(missing_ok=True)
    return restored


def restore_trees(archives: Mapping[Path, Path]) -> bool:
    """Put back several trees, given their archives by their roots, and say whether all are there. Raises DiskFull.

    Two at a time, for most of it is the system's work: files are made, and memory is had for them.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most builds put nothing back

    with ThreadPoolExecutor(max_workers=2) as threads:
        return NotStored() not in list(threads.map(restore_tree, archives.values(), archives))


def _restore(archive: Path, root: Path) -> Restored | NotStored:
    files = 0
    with explained_when_full(root), open_to_read(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        entries = iter(tar)
        if not _is_name(tar, next(entries, None), archive):
            return NotStored()
        for entry in entries:
            _place(tar, entry, str(root))
            files += not entry.isdir()
    return Restored(files)


def _place(tar: tarfile.TarFile, entry: tarfile.TarInfo, root: str) -> None:
    """Write one entry, in place of what is there; a link is replaced, not followed.

    Whoever builds owns it, and it is as new as after an installation: collectstatic compares times. The archive is our
    own, so the filters against hostile ones, which refuse an environment's links to its interpreter, have no work here.
    """
    path = f"{root}/{entry.name}"
    if entry.isdir():
        os.makedirs(path, exist_ok=True)  # noqa: PTH103 - thousands of paths, for which strings do
        return
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - as above
    if entry.issym():
        os.symlink(entry.linkname, path)  # noqa: PTH211 - as above
        return
    if entry.islnk():
        os.link(f"{root}/{entry.linkname}", path)
        return
    content = tar.extractfile(entry)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, entry.mode)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        if content is not None:
            shutil.copyfileobj(content, file, _CHUNK)


@contextmanager
def _replacing(archive: Path) -> Iterator[tarfile.TarFile]:
    """Yield a tar to write; the archive is there, whole, only if nothing went wrong."""
    partial = archive.with_name(f"{archive.name}.part")
    with explained_when_full(archive):
        with open_to_write(partial, level=3) as stream, _tar_writer(stream) as tar:
            _sign(tar, archive)
            yield tar
        partial.rename(archive)


def _sign(tar: tarfile.TarFile, archive: Path) -> None:
    """Write the archive's name, which holds its key, as the first entry: a file that took another's place is found."""
    name = os.fsencode(archive.name)
    entry = tarfile.TarInfo(_NAME)
    entry.size = len(name)
    tar.addfile(entry, io.BytesIO(name))


def _is_name(tar: tarfile.TarFile, entry: tarfile.TarInfo | None, archive: Path) -> bool:
    content = tar.extractfile(entry) if entry is not None and entry.name == _NAME else None
    return content is not None and content.read() == os.fsencode(archive.name)


def _without_bytecode(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if entry.name.rpartition("/")[2] == _BYTECODE else _without_time(entry)


def _without_time(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    # A time with fractions of a second takes a header of its own, which is most of the work of reading it again.
    entry.mtime = 0
    return entry


def _is_whole(archive: Path) -> bool:
    """Read all of it, for the checksum comes last: what is damaged must not be half unpacked over the app."""
    try:
        with open_to_read(archive) as stream:
            while stream.read(_CHUNK):
                pass
    except (OSError, EOFError):
        return False
    except Exception as error:
        # By name, for the class is in another module from 3.14 on.
        if type(error).__name__ == "ZstdError":
            return False
        raise
    return True


def _tar_writer(stream: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="w|", format=tarfile.GNU_FORMAT, errors="surrogateescape")
