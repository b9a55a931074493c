"""Writes files whole or not at all, so that a build killed at any moment leaves none that is cut off."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnb.errors import BuildpackError

READABLE = 0o644
EXECUTABLE = 0o755
"""Modes are set, not left to the umask: the run image's user is another one, and equal builds give equal layers."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


class FileNotWritten(BuildpackError):
    """The build could not write or remove a file where the platform told it to.

    The disk or the volume is full, read-only, or belongs to another user than the one who builds.
    """

    code = "file-not-written"
    title = "A file could not be written"


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn an OSError of the block, which changes ``path``, into FileNotWritten."""
    try:
        yield
    except OSError as error:
        what = f"{path} could not be written or removed: {error.strerror or error}."
        raise FileNotWritten(what, _cure(error.errno)) from error


def _cure(number: int | None) -> str:
    if number in _FULL:
        return "Give the build more disk space (docker system df shows what takes it), then build again."
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
