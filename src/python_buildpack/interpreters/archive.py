"""Unpacks an interpreter's archive safely: nothing is written outside of the given directory.

The digest of an archive is checked before (see install.py). The checks here protect against archives of a user's own
inventory, and against bugs in the ``data`` filter of tarfile (PEP 706), which has had some.
"""

import errno
import gzip
import os
import sys
import tarfile
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Any, cast

from cnb.errors import BuildpackError
from cnb.files import explained_when_full
from python_buildpack.support.zstandard import open_to_read

# Older versions, such as Debian 12's, occur only in a checkout; the package's own interpreter is newer.
if sys.version_info >= (3, 11, 4):
    import tarfile
else:
    from backports import tarfile  # type: ignore[attr-defined,no-redef] # installed for those versions only

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20
_TOP = "python"
_FULL = "install"
"""Upstream's full archives have the tree in this directory, beside the object files."""
_PREFIX_DIRECTORIES = frozenset({"bin", "include", "lib", "share"})
_CONTRADICTIONS = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})
"""Errors of the operating system for entries that contradict each other, as a file and a directory of the same name."""

_UNSET: Any = None
"""In tarfile, None leaves an attribute unset, which its type hints do not allow."""

MAX_BYTES = 2 * 2**30
"""The limit for the unpacked size; upstream's largest tree has a quarter of this."""
MAX_ENTRIES = 100_000


class ArchiveUnsafe(BuildpackError):
    """An interpreter's archive would write outside of its directory, or contains what no interpreter has."""

    code = "archive-unsafe"
    title = "The archive of the interpreter is not safe to unpack"

    def __init__(self, archive: str, why: str) -> None:
        super().__init__(
            f"{archive}: {why}.",
            "Use an archive of python-build-standalone, or one made like it. Nothing of this one was kept.",
        )


class ArchiveCorrupt(BuildpackError):
    """An interpreter's archive is incomplete, damaged, or not an archive of an interpreter."""

    code = "archive-corrupt"
    title = "The archive of the interpreter cannot be unpacked"

    def __init__(self, archive: str, why: str) -> None:
        super().__init__(
            f"{archive}: {why}.",
            "Clear the build cache and build again. If it is your own archive, check its format: a tar.gz or tar.zst "
            "with the layout of python-build-standalone, in which everything is below python/.",
        )


def unpack(archive: Path, destination: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Unpack bin, lib, include and share of ``archive`` (tar.gz or tar.zst) into ``destination``.

    Every directory and every program gets mode 0755, every other file 0644, whatever the archive and the umask.
    Raises ArchiveUnsafe, ArchiveCorrupt and DiskFull; the content of ``destination`` is then incomplete.
    """
    with (
        explained_when_full(destination),
        _explained_when_damaged(archive.name),
        archive.open("rb") as raw,
        _decompress(archive.name, raw) as plain,
    ):
        stream = _Bounded(archive.name, plain, max_bytes)
        with _Tar.open(fileobj=cast("IO[bytes]", stream), mode="r|", errorlevel=2) as tar:
            tar.extractall(destination, filter=_Entries(archive.name).check)  # noqa: S202 # each entry is checked
            tar.finish()
        # Read to the end, so that the checksum after the last byte is verified too.
        while stream.read(_CHUNK):
            tar.finish()
    if not (destination / "bin").is_dir():
        raise ArchiveCorrupt(archive.name, "there is no python/bin in it")
    for directory, _, _ in os.walk(destination):
        Path(directory).chmod(0o755)


def _decompress(archive: str, raw: IO[bytes]) -> IO[bytes]:
    magic = raw.read(len(_ZSTD))
    raw.seek(0)
    if magic.startswith(_GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    if magic == _ZSTD:
        return open_to_read(raw)
    raise ArchiveCorrupt(archive, "it is neither a tar.gz nor a tar.zst")


@contextmanager
def _explained_when_damaged(archive: str) -> Iterator[None]:
    try:
        yield
    except tarfile.FilterError as error:
        raise ArchiveUnsafe(archive, str(error)) from error
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        raise ArchiveCorrupt(archive, _why(error)) from error
    except KeyError as error:
        raise ArchiveCorrupt(archive, "it has a hard link to a file that is not in it") from error
    except OSError as error:
        if error.errno in _CONTRADICTIONS:
            raise ArchiveUnsafe(archive, f"its entries contradict each other ({error.strerror})") from error
        raise
    except Exception as error:
        # By name: the class is in another module from 3.14 on, and importing it would cost time for every tar.gz.
        if type(error).__name__ == "ZstdError":
            raise ArchiveCorrupt(archive, _why(error)) from error
        raise


def _why(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


class _Tar(tarfile.TarFile):
    """Writes small files in a thread while the next ones are decompressed: to create a file is slower than to fill it.

    Every step that needs a written file waits for the thread. There is only one thread, to keep the archive's order.
    """

    _AT_ONCE = 1 << 20
    """The size in bytes above which a file is written in chunks, and not from memory."""
    _AHEAD = 32
    """How many files may wait in memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the base class has them
        super().__init__(*args, **kwargs)
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._unwritten: deque[Future[None]] = deque()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the thread and drop the files that it has not begun, so that nothing is written after the block.

        The base class does not close the archive after an exception.
        """
        self._thread.shutdown(cancel_futures=True)
        super().__exit__(kind, error, trace)

    def finish(self) -> None:
        """Wait until all files are written. Raises the OSError of the first that could not be."""
        while self._unwritten:
            self._unwritten.popleft().result()

    def makefile(self, tarinfo: tarfile.TarInfo, targetpath: Any) -> None:  # noqa: ANN401 - as above
        """Write a file with its final permissions, now or later in the thread."""
        stream = cast("IO[bytes]", self.fileobj)
        if tarinfo.size > self._AT_ONCE:
            self.finish()
            super().makefile(tarinfo, targetpath)
            Path(targetpath).chmod(tarinfo.mode)
            return
        stream.seek(tarinfo.offset_data)
        content = stream.read(tarinfo.size)
        if len(content) < tarinfo.size:
            raise tarfile.ReadError("unexpected end of data")
        if len(self._unwritten) == self._AHEAD:
            self._unwritten.popleft().result()
        self._unwritten.append(self._thread.submit(_write, targetpath, content, tarinfo.mode))

    def makelink(self, tarinfo: tarfile.TarInfo, targetpath: Any) -> None:  # noqa: ANN401 - as above
        """Make a link after all waiting files are written: the target of a hard link must exist."""
        self.finish()
        super().makelink(tarinfo, targetpath)

    def chown(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as above
        """Do nothing: the owner is the user that unpacks."""

    def chmod(self, tarinfo: tarfile.TarInfo, targetpath: Any) -> None:  # noqa: ANN401 - as above
        """Change the mode of directories and links only: ``makefile`` sets that of files."""
        if not tarinfo.isfile():
            super().chmod(tarinfo, targetpath)


def _write(path: str, content: bytes, mode: int) -> None:
    # Four system calls, each of which releases and takes the GIL; a file object would make eight.
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, mode)
    try:
        os.fchmod(descriptor, mode)
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


@dataclass(slots=True)
class _Bounded:
    """A stream that raises ArchiveUnsafe after ``left`` bytes, as a protection against decompression bombs."""

    archive: str
    stream: IO[bytes]
    left: int

    def read(self, size: int) -> bytes:
        chunk = self.stream.read(size)
        self.left -= len(chunk)
        if self.left < 0:
            raise ArchiveUnsafe(self.archive, "it unpacks to more bytes than any interpreter has")
        return chunk


@dataclass(slots=True)
class _Entries:
    """Decides for each entry of an archive whether it is refused, skipped, or written, and where."""

    archive: str
    count: int = 0
    links: set[PurePosixPath] = field(default_factory=set)
    """The symbolic links so far. No entry may be written through one."""

    def check(self, entry: tarfile.TarInfo, destination: str) -> tarfile.TarInfo | None:
        """Return the entry with its final name and mode, or None to skip it.

        Raises ArchiveUnsafe, ArchiveCorrupt and tarfile.FilterError.
        """
        self.count += 1
        if self.count > MAX_ENTRIES:
            raise ArchiveUnsafe(self.archive, f"it has more than {MAX_ENTRIES} entries")
        if entry.issparse() or not (entry.isfile() or entry.isdir() or entry.issym() or entry.islnk()):
            raise ArchiveUnsafe(self.archive, f"{entry.name} is a device, a pipe or a file with holes")
        path = self._place(entry.name)
        if path is None or path.parts[0] not in _PREFIX_DIRECTORIES:
            return None
        if not self.links.isdisjoint((path, *path.parents)):
            raise ArchiveUnsafe(self.archive, f"{entry.name} would be written through a symbolic link")
        if entry.islnk() and self._place(entry.linkname) in self.links:
            raise ArchiveUnsafe(self.archive, f"{entry.name} is another name of a symbolic link")
        if entry.issym():
            self.links.add(path)
        entry = self._normalised(entry, path)
        # The checks above are enough for entries that are not links; data_filter would take a tenth of the time.
        return tarfile.data_filter(entry, destination) if entry.issym() or entry.islnk() else entry

    def _place(self, name: str) -> PurePosixPath | None:
        """Return the path of an entry relative to the destination, or None for the directories above it."""
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ArchiveUnsafe(self.archive, f"{name} is outside of the archive")
        if path.parts[:1] != (_TOP,):
            raise ArchiveCorrupt(self.archive, f"{name} is not below python/, where everything should be")
        inside = path.parts[2:] if path.parts[1:2] == (_FULL,) else path.parts[1:]
        return PurePosixPath(*inside) if inside else None

    def _normalised(self, entry: tarfile.TarInfo, path: PurePosixPath) -> tarfile.TarInfo:
        # Without an owner: it is the user that unpacks. Without a time: the lifecycle sets its own, and setting it
        # costs a system call for each file.
        entry = entry.replace(
            name=str(path), mtime=_UNSET, uid=_UNSET, gid=_UNSET, uname=_UNSET, gname=_UNSET, deep=False
        )
        if entry.islnk():
            # A hard link to a file whose mode is already set.
            return entry.replace(linkname=str(self._place(entry.linkname)), mode=_UNSET, deep=False)
        return entry.replace(mode=0o755 if entry.isdir() or entry.mode & 0o100 else 0o644, deep=False)
