"""Reads files of other people that are small if they are what they are called, in whichever encoding they are."""

import codecs
from pathlib import Path

LARGEST = 1 << 20
"""Bytes; what is larger is no configuration."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_small(path: Path) -> str:
    """Return the text of a file, or nothing where it is no regular file, is too large or may not be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError):
        return ""
    return decode(raw) if len(raw) <= LARGEST else ""


def decode(raw: bytes) -> str:
    """Return the text without its byte order mark; Windows PowerShell writes UTF-16. Never fails."""
    if raw.startswith(_UTF_16):
        return raw.decode("utf-16", errors="replace")
    return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="surrogateescape")
