"""A full disk, told as what it is wherever it strikes."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnb.errors import BuildpackError

# EFBIG is what a limit on the size of files gives (ulimit -f, some container runtimes): for the user the same thing.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SPACE_MESSAGES = ("No space left on device", "Disk quota exceeded", "File too large")


class DiskFull(BuildpackError):
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
def explained_when_full(where: Path) -> Iterator[None]:
    """Turn the operating system's ways of saying that a disk is full into DiskFull; let everything else pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(where) from error
        raise


def shows_full_disk(output: str) -> bool:
    """Say whether a tool's output gives a full disk as the reason of its failure."""
    return any(message in output for message in _SPACE_MESSAGES)
