"""Writes files whole or not at all, and explains why one could not be written.

A build that is killed at any moment leaves no file that is cut off.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnb.errors import BuildpackError

READABLE = 0o644
EXECUTABLE = 0o755
"""Modes are set, not left to the umask: the run image's user is another one, and equal builds give equal layers."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""EFBIG is what a limit on the size of files gives (``ulimit -f``, some container runtimes): for the user the same."""
_FULL_IN_WORDS = ("No space left on device", "Disk quota exceeded", "File too large")
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class FileNotWritten(BuildpackError):
    """The build could not write or remove a file where the platform asked for it.

    The disk or the volume is read-only, or belongs to another user than the one who builds.
    """

    code = "file-not-written"
    title = "A file could not be written"


class DiskFull(FileNotWritten):
    """There is no space left where the build writes, or the quota or the largest size of a file is reached."""

    code = "disk-full"
    title = "The disk is full"

    def __init__(self, where: Path | str) -> None:
        super().__init__(
            f"There is no space left to write {where}.",
            "Make room on the machine that builds (docker system prune removes what old builds left), or give the "
            "build more disk.",
        )


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn an OSError of the block, which changes ``path``, into DiskFull or another FileNotWritten."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(path) from error
        what = f"{path} could not be written or removed: {error.strerror or error}."
        raise FileNotWritten(what, _cure(error.errno)) from error


@contextmanager
def explained_when_full(where: Path) -> Iterator[None]:
    """Turn an OSError of the block that means a full disk into DiskFull; let everything else pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(where) from error
        raise


def shows_full_disk(output: str) -> bool:
    """Say whether a tool's output gives a full disk as the reason of its failure."""
    return any(words in output for words in _FULL_IN_WORDS)


def _cure(number: int | None) -> str:
    if number in _FORBIDDEN:
        return (
            "Let the user who builds (CNB_USER_ID of the builder) write there: check the owner and the mode of the "
            "mounted volumes, and that none is read-only."
        )
    return "Build once more with a cleared cache (pack build --clear-cache)."


def write_file(path: Path, content: str | bytes, mode: int = READABLE) -> None:
    """Put ``content`` at ``path`` in one step, replacing what was there. Raises FileNotWritten.

    Text is written as it is, in UTF-8 (bytes smuggled in by surrogateescape come out again).
    """
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    # Beside its destination, because only a rename within a file system is atomic; and with an ending that the
    # lifecycle does not look for, because it takes every *.toml in the directory of layers for a layer.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with explaining(path):
        try:
            with temporary.open("wb") as file:
                file.write(data)
            temporary.chmod(mode)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
