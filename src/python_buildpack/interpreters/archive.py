"""Unpacks an interpreter's archive: whatever is in it, nothing is written outside the directory that was named.

The digest is what makes an archive trusted (see install.py). The checks here are for inventories of one's own, and
because the ``data`` filter of tarfile has had holes before.
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

# The versions of Debian 12 and other checkouts' machines; the package's own interpreter is newer.
if sys.version_info >= (3, 11, 4):
    import tarfile
else:
    from backports import tarfile  # type: ignore[attr-defined,no-redef] # installed for those versions only

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20
_TOP = "python"
_FULL = "install"
"""Upstream's full archives have the tree one level further down, beside the object files."""
_PREFIX_DIRECTORIES = frozenset({"bin", "include", "lib", "share"})
_CONTRADICTIONS = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})
"""What the operating system says to entries that get in each other's way."""

_UNSET: Any = None
"""What tarfile takes for "leave it as it is"; the types of its arguments do not say so."""

MAX_BYTES = 2 * 2**30
"""Upstream's largest tree is a quarter of this."""
MAX_ENTRIES = 100_000


class ArchiveUnsafe(BuildpackError):
    """An interpreter's archive would write outside its directory, or holds what no interpreter has."""

    code = "archive-unsafe"
    title = "The archive of the interpreter is not safe to unpack"

    def __init__(self, archive: str, why: str) -> None:
        super().__init__(
            f"{archive}: {why}.",
            "Use an archive of python-build-standalone, or one made like it. Nothing of this one was kept.",
        )


class ArchiveCorrupt(BuildpackError):
    """An interpreter's archive is cut off, damaged, or not an archive of an interpreter."""

    code = "archive-corrupt"
    title = "The archive of the interpreter cannot be unpacked"

    def __init__(self, archive: str, why: str) -> None:
        super().__init__(
            f"{archive}: {why}.",
            "Clear the build cache and build again. If it is an archive of your own, check how it was made: a tar.gz "
            "or tar.zst laid out as python-build-standalone's, with everything below python/.",
        )


def unpack(archive: Path, destination: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Unpack ``archive`` (tar.gz or tar.zst) so that ``destination`` has its bin, lib, include and share.

    Every directory and every program gets mode 0755, every other file 0644, whatever the archive and the umask say.
    Raises ArchiveUnsafe, ArchiveCorrupt and DiskFull; what is in ``destination`` is then of no use.
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
        # To the end, so that the checksum behind the last byte is looked at too.
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
        # By name, for the class is in another module from 3.14 on and is not worth an import for every tar.gz.
        if type(error).__name__ == "ZstdError":
            raise ArchiveCorrupt(archive, _why(error)) from error
        raise


def _why(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


class _Tar(tarfile.TarFile):
    """Writes files in a thread, while the next ones are decompressed: to make a file takes longer than its content.

    Whatever needs a file to be there waits for it. One thread, so that the archive's order is kept.
    """

    _AT_ONCE = 1 << 20
    """Bytes of a file above which it is written piece by piece, and not from memory."""
    _AHEAD = 32
    """Files that may wait in memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the base class has them
        super().__init__(*args, **kwargs)
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._unwritten: deque[Future[None]] = deque()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the thread too, and drop what it has not begun: whoever tidies up must be the only one at work.

        The base class does not close an archive that is left by an exception.
        """
        self._thread.shutdown(cancel_futures=True)
        super().__exit__(kind, error, trace)

    def finish(self) -> None:
        """Wait until all files are written. Raises the OSError of the first that could not be."""
        while self._unwritten:
            self._unwritten.popleft().result()

    def makefile(self, tarinfo: tarfile.TarInfo, targetpath: Any) -> None:  # noqa: ANN401 - as above
        """Write a file now or soon, with the permissions it is to have."""
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
        """Make a link; the target of a hard link has to be there."""
        self.finish()
        super().makelink(tarinfo, targetpath)

    def chown(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as above
        """Leave the owner: whoever unpacks."""

    def chmod(self, tarinfo: tarfile.TarInfo, targetpath: Any) -> None:  # noqa: ANN401 - as above
        """Leave files as ``makefile`` makes them."""
        if not tarinfo.isfile():
            super().chmod(tarinfo, targetpath)


def _write(path: str, content: bytes, mode: int) -> None:
    # Four calls, after each of which this thread waits for the other; an object of io makes eight.
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
    """A stream that ends with an error where a decompression bomb would not end."""

    archive: str
    stream: IO[bytes]
    left: int

    def read(self, size: int) -> bytes:
        chunk = self.stream.read(size)
        self.left -= len(chunk)
        if self.left < 0:
            raise ArchiveUnsafe(self.archive, "it unpacks to more than any interpreter has")
        return chunk


@dataclass(slots=True)
class _Entries:
    """Decides about each entry of one archive: refused, skipped, or written where and how."""

    archive: str
    count: int = 0
    links: set[PurePosixPath] = field(default_factory=set)
    """The symbolic links so far. Nothing may be written through one, however harmless it looks."""

    def check(self, entry: tarfile.TarInfo, destination: str) -> tarfile.TarInfo | None:
        """Return the entry as it is to be written, or None. Raises ArchiveUnsafe and tarfile.FilterError."""
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
        # What is no link stays where its name says, as was seen above; asking again would be a tenth of the unpacking.
        return tarfile.data_filter(entry, destination) if entry.issym() or entry.islnk() else entry

    def _place(self, name: str) -> PurePosixPath | None:
        """Return where an entry belongs below the destination, or None for the directories above."""
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ArchiveUnsafe(self.archive, f"{name} leads out of the archive")
        if path.parts[:1] != (_TOP,):
            raise ArchiveCorrupt(self.archive, f"{name} is not below python/, where everything should be")
        inside = path.parts[2:] if path.parts[1:2] == (_FULL,) else path.parts[1:]
        return PurePosixPath(*inside) if inside else None

    def _normalised(self, entry: tarfile.TarInfo, path: PurePosixPath) -> tarfile.TarInfo:
        # Without an owner, who is whoever unpacks it. Without a time: the lifecycle sets its own, and it costs a system
        # call for each file.
        entry = entry.replace(
            name=str(path), mtime=_UNSET, uid=_UNSET, gid=_UNSET, uname=_UNSET, gname=_UNSET, deep=False
        )
        if entry.islnk():
            # Another name of a file that has its mode already.
            return entry.replace(linkname=str(self._place(entry.linkname)), mode=_UNSET, deep=False)
        return entry.replace(mode=0o755 if entry.isdir() or entry.mode & 0o100 else 0o644, deep=False)
