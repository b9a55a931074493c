"""Reads small configuration files in any usual encoding, up to a limit of size."""

import codecs
from pathlib import Path

LARGEST = 1 << 20
"""In bytes; a larger file is not read."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_small(path: Path) -> str:
    """Return the text of a file; empty if it is not a regular file, too large or not readable."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError):
        return ""
    return decode(raw) if len(raw) <= LARGEST else ""


def decode(raw: bytes) -> str:
    """Return the text of bytes in UTF-8, or in UTF-16, which Windows PowerShell writes, without the byte order mark.

    Never fails: other bytes become surrogates or replacement characters.
    """
    if raw.startswith(_UTF_16):
        return raw.decode("utf-16", errors="replace")
    return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="surrogateescape")
