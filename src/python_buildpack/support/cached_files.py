"""Files of the cache layer, known by the digest that was taken of their bytes when the buildpack wrote them.

The code that a build runs can write into the cache layer, too. So the digests are not in the cache: they are in the
layer's metadata, which the buildpack writes at the end of a build. A file is read only if it has its digest.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from cnb.frozen import field, frozen
from cnb.trees import remove

if TYPE_CHECKING:
    import io


def _silent(line: str) -> None:
    del line


class HashingWriter:
    """A stream that computes the sha256 of all that is written to it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write the bytes, and return how many."""
        self._hash.update(data)
        return self._stream.write(data)

    def flush(self) -> None:
        """Pass on what the stream has in memory."""
        self._stream.flush()

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, in hexadecimal."""
        return self._hash.hexdigest()


@frozen
class CachedFile:
    """One file of the cache."""

    path: Path
    digests: MutableMapping[str, str] = field(default_factory=dict)
    """The sha256 of each file of the cache, by name. All files of a cache have the same mapping."""
    report: Callable[[str], None] = _silent
    """Called with a line for the log when the file is thrown away."""

    def exists(self) -> bool:
        """Return whether there is a file that was written; its content is not looked at."""
        return self.path.name in self.digests and self.path.is_file() and not self.path.is_symlink()

    @contextmanager
    def opened(self) -> Iterator[BinaryIO | None]:
        """Yield the file, opened to be read; None if it is absent or not what was written, and then it is removed.

        It is opened once, so that what was verified is what is read. Raises OSError and FileNotWritten.
        """
        file = open_regular(self.path)
        if file is None:
            if os.path.lexists(self.path):
                self.discard("it is not a file that can be read")
            yield None
            return
        with file:
            if self._fits(file):
                yield file
                return
        self.discard("it is not what the last build wrote" if self.path.name in self.digests else "nobody wrote it")
        yield None

    @contextmanager
    def written(self) -> Iterator[HashingWriter]:
        """Yield a stream; after the block, unless by an error, what was written to it replaces the file."""
        partial = self.path.with_name(f"{self.path.name}.part")
        remove(partial)
        try:
            with partial.open("xb") as file:
                writer = HashingWriter(file)
                yield writer
            if self.path.is_dir() and not self.path.is_symlink():
                remove(self.path)
            partial.replace(self.path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        self.digests[self.path.name] = writer.sha256

    def read(self) -> bytes | None:
        """Return the content; None as in ``opened``."""
        with self.opened() as file:
            return None if file is None else file.read()

    def write(self, content: bytes) -> None:
        """Replace the content."""
        with self.written() as stream:
            stream.write(content)

    def discard(self, reason: str) -> None:
        """Remove the file, and say so in the log. Raises FileNotWritten."""
        self.report(f"Removed from the cache: {self.path.name}, because {reason}")
        self.remove()

    def remove(self) -> None:
        """Remove whatever is there. Raises FileNotWritten."""
        self.digests.pop(self.path.name, None)
        remove(self.path)

    def _fits(self, file: BinaryIO) -> bool:
        recorded = self.digests.get(self.path.name)
        if recorded is None or digest_of(file) != recorded:
            return False
        file.seek(0)
        return True


def open_regular(path: Path) -> BinaryIO | None:
    """Open a regular file to read it; None if there is none that can be read. A link is not followed (open(2))."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    # Asked before: a directory can be opened, but a file object of it cannot be made.
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    return None


def digest_of(file: BinaryIO) -> str:
    """Return the sha256 of all that can be read, in hexadecimal."""
    return hashlib.file_digest(cast("io.BufferedReader", file), "sha256").hexdigest()
