"""Reads the texts of an app: manifests in UTF-8; requirements also in UTF-16 and, like sources, as they declare it."""

import re
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.support.small_files import LeadsOut, read_bounded

MAX_MANIFEST_BYTES = 4 * 1024 * 1024
"""The largest size of a manifest or lock file; no person or tool writes a larger one for an app."""
MAX_SOURCE_BYTES = 256 * 1024
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(rb"(?:[ \t\f]*(?:#[^\r\n]*)?\r?\n)?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")


@frozen
class Unreadable:
    """Why a file's text could not be read; it becomes an error only if the file is needed."""

    reason: str
    cure: str


LEADS_OUT = Unreadable(
    "is a link that leads out of the app", "Put the file itself there: the build image's files are not the app's."
)


def read_manifest(path: Path, upload: Path) -> str | Unreadable:
    """Return the text of a manifest, lock file or requirements file, with LF at line ends and no byte order mark.

    A link that leads out of what was uploaded is not followed.
    """
    try:
        raw = read_bounded(path, MAX_MANIFEST_BYTES, upload)
    except LeadsOut:
        return LEADS_OUT
    except OSError as error:
        return Unreadable(
            f"cannot be read: {error.strerror}", "Check that the file exists and may be read by everyone."
        )
    if raw is None:
        limit = MAX_MANIFEST_BYTES // 2**20
        return Unreadable(f"is larger than {limit} MB or not a regular file", "Replace it with a text file.")
    if _is_for_pip(path.name) and raw.startswith(_UTF_16_MARKS):
        return _decode_utf_16(raw)
    return decode_source(raw) if _is_for_pip(path.name) else decode(raw)


def _is_for_pip(name: str) -> bool:
    """Return whether a file may contain requirements.

    pip and uv also read them in UTF-16, which PowerShell writes, and pip in the encoding that a comment declares.
    """
    return name.lower().endswith((".txt", ".in", ".pip")) and name != "runtime.txt"


def _decode_utf_16(raw: bytes) -> str | Unreadable:
    try:
        return raw.decode("utf-16").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return Unreadable("begins with the mark of UTF-16 but is not valid UTF-16", "Save it as UTF-8.")


def decode(raw: bytes) -> str | Unreadable:
    """Return the text of a manifest's bytes in UTF-8, with or without a byte order mark; Unreadable for all others."""
    if _is_utf_16(raw):
        return Unreadable("is encoded as UTF-16 (Windows PowerShell's > writes that)", "Save it as UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Unreadable(f"is not valid UTF-8: byte 0x{raw[error.start]:02x} in line {line}", "Save it as UTF-8.")
    if "\0" in text:
        return Unreadable("holds NUL bytes, so it is not a text file", "Replace it with a text file in UTF-8.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_utf_16(raw: bytes) -> bool:
    """Return whether the bytes have UTF-16's mark, or every second byte of the first line is NUL (Latin letters)."""
    line = raw[: raw.find(b"\n") & ~1] if b"\n" in raw else raw
    halves = (line[0::2], line[1::2])
    return raw.startswith(_UTF_16_MARKS) or any(half and not any(half) for half in halves)


def decode_source(raw: bytes) -> str | Unreadable:
    """Return the text of a Python source's bytes: in UTF-8, or in the encoding that it declares (PEP 263)."""
    text = decode(raw)
    declared = _ENCODING.match(raw)
    if isinstance(text, str) or declared is None or b"\0" in raw:
        return text
    try:
        return raw.decode(declared[1].decode()).replace("\r\n", "\n")
    except (LookupError, ValueError):
        return text


def read_source(path: Path, upload: Path) -> str | Unreadable | None:
    """Return the text of a Python source; None if it is too large, not a regular file, or cannot be opened."""
    try:
        raw = read_bounded(path, MAX_SOURCE_BYTES, upload)
    except LeadsOut:
        return LEADS_OUT
    except OSError:
        return None
    return None if raw is None else decode_source(raw)
