"""Where the bytes of a download go: they are counted and hashed on the way, and can be dropped to begin again."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cnb.files import explained_when_full


class Sink:
    """What has arrived so far of one file, and the tag by which a server knows it again."""

    def __init__(self, file: BinaryIO, where: Path) -> None:
        """Take an empty ``file``, open for writing; ``where`` is what to call it when the disk is full."""
        self._file = file
        self._where = where
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.etag: str | None = None

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what has arrived, in hexadecimal digits."""
        return self._sha256.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Add a piece. Raises DiskFull."""
        with explained_when_full(self._where):
            self._file.write(chunk)
        self._sha256.update(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Drop what has arrived: it does not belong to what comes now."""
        self._file.seek(0)
        self._file.truncate()
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.etag = None

    def flush(self) -> None:
        """Hand everything to the operating system. Raises DiskFull."""
        with explained_when_full(self._where):
            self._file.flush()


@contextmanager
def partial_file(destination: Path) -> Iterator[tuple[Sink, Path]]:
    """Yield a sink and the temporary path beside ``destination`` that it fills; on leaving, that path is gone."""
    path = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    # Around all of it: closing the file may be what fails.
    with explained_when_full(destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("wb") as file:
                yield Sink(file, destination), path
        finally:
            path.unlink(missing_ok=True)
