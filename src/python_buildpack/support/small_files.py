"""Reads files up to a limit of size, and small configuration files in any usual encoding."""

import codecs
import os
import stat
from pathlib import Path
from typing import BinaryIO

LARGEST = 1 << 20
"""In bytes; a larger file is not read."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_small(path: Path) -> str:
    """Return the text of a file; empty if it is not a regular file, too large or not readable."""
    try:
        raw = read_bounded(path, LARGEST)
    except (OSError, ValueError):
        # A ValueError for a name with a NUL in it.
        return ""
    return "" if raw is None else decode(raw)


class LeadsOut(OSError):
    """A link that leads out of the directory to which the reader is confined."""


def read_bounded(path: Path, limit: int, inside: Path | None = None) -> bytes | None:
    """Return the content, or None if it is not a regular file or is larger than ``limit`` bytes.

    Raises OSError, and LeadsOut for a link whose target is not in the directory ``inside``.
    """
    if inside is not None:
        _refuse_link(path, inside)
    with opened(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        raw = file.read(limit + 1)
    return raw if len(raw) <= limit else None


def opened(path: Path) -> BinaryIO:
    """Open a file to read it. With O_NONBLOCK, because opening a FIFO would block. Raises OSError."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def _refuse_link(path: Path, inside: Path) -> None:
    """Raise LeadsOut if a path is a link, and what it leads to is not in a directory."""
    try:
        os.readlink(path)  # noqa: PTH115 - hundreds of files, and most are no links
    except OSError:
        return
    # Also of a file that is not there: whether it exists is nobody's business.
    if not is_inside(path, inside):
        raise LeadsOut(path)


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path is in a directory, with all links followed; False for one that no file can have."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except (OSError, ValueError):
        # The name is too long, or has a NUL or half of a character in it.
        return False


def decode(raw: bytes) -> str:
    """Return the text of bytes in UTF-8, or in UTF-16, which Windows PowerShell writes, without the byte order mark.

    Never fails: other bytes become surrogates or replacement characters.
    """
    if raw.startswith(_UTF_16):
        return raw.decode("utf-16", errors="replace")
    return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="surrogateescape")
