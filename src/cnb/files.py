"""Writes files atomically, and explains why one could not be written.

A build that is killed leaves no incomplete file.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnb.errors import BuildpackError

READABLE = 0o644
EXECUTABLE = 0o755
"""Modes are set explicitly, whatever the umask: the run image has another user, and equal builds give equal layers."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""EFBIG is the error of a limit on file size (``ulimit -f``, some container runtimes). The explanation is the same."""
_FULL_IN_WORDS = ("No space left on device", "Disk quota exceeded", "File too large")
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class FileNotWritten(BuildpackError):
    """The build could not write or remove a file in a directory that the platform gave it.

    The disk or the volume is read-only, or the user that runs the build may not write there.
    """

    code = "file-not-written"
    title = "A file could not be written"


class DiskFull(FileNotWritten):
    """There is no space left where the build writes, or a quota or the limit on file size is reached."""

    code = "disk-full"
    title = "The disk is full"
    remedies = ("memory",)

    def __init__(self, where: Path | str) -> None:
        super().__init__(
            f"There is no space left to write {where}.",
            "Free space on the machine that builds (docker system prune removes what old builds left), or give the "
            "build more disk space.",
        )


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn an OSError in the block into DiskFull or another FileNotWritten, which names ``path``."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(path) from error
        what = f"{path} could not be written or removed: {error.strerror or error}."
        raise FileNotWritten(what, _cure(error.errno)) from error


@contextmanager
def explained_when_full(where: Path) -> Iterator[None]:
    """Turn an OSError in the block that means a full disk into DiskFull; other errors are not changed."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(where) from error
        raise


def shows_full_disk(output: str) -> bool:
    """Return whether a tool's output names a full disk as the reason for its failure."""
    return any(words in output for words in _FULL_IN_WORDS)


def _cure(number: int | None) -> str:
    if number in _FORBIDDEN:
        return (
            "Let the user that runs the build (CNB_USER_ID of the builder) write there: check the owner and the mode "
            "of the mounted volumes, and that none is read-only."
        )
    return "Build once more with a cleared cache (pack build --clear-cache)."


def write_file(path: Path, content: str | bytes, mode: int = READABLE) -> None:
    """Write ``content`` to ``path`` atomically, replacing what was there. Raises FileNotWritten.

    Text is written in UTF-8, without a change of line ends; surrogateescape characters become the original bytes.
    """
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    # In the same directory, because only a rename within one file system is atomic. Not named *.toml, because the
    # lifecycle takes every *.toml in the layers directory for a layer.
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
