"""Writes and reads the tar files of the cache: files, directories and links, their names and modes, and nothing else.

The standard library's tarfile takes four times as long for files of a few kilobytes, of which an environment has
thousands. The format is GNU's (https://www.gnu.org/software/tar/manual/html_node/Standard.html), so tar can read them:
a name of more than 100 bytes is an entry of its own (``L``, and ``K`` for the target of a link) before its file.
"""

import os
import stat
from collections.abc import Iterator
from typing import IO, Protocol

from cnb.frozen import frozen

_BLOCK = 512
_CHUNK = 1 << 20
_NAME = 100
"""The bytes that a header has for a name."""
_LONG_NAME = b"././@LongLink"
_MOST = 8**11
"""A header has eleven octal digits for a size; a bigger one is binary."""

FILE, HARD_LINK, SYMBOLIC_LINK, DIRECTORY = b"0", b"1", b"2", b"5"
_NAME_FOLLOWS, _TARGET_FOLLOWS = b"L", b"K"


class Stream(Protocol):
    """What an archive is written to."""

    def write(self, data: bytes, /) -> int:
        """Write the bytes, and return how many."""


@frozen
class Entry:
    """One file, directory or link of an archive."""

    name: str
    kind: bytes
    mode: int
    size: int
    target: str
    """Where a link leads."""


class Damaged(Exception):
    """The bytes are no archive that was written here."""


class Writer:
    """Writes one archive. Two names of one file become a file and a link."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._linked: dict[tuple[int, int], str] = {}

    def add(self, path: str, name: str) -> None:
        """Add what is at ``path``, as ``name``: a directory without its content. Raises OSError."""
        status = os.lstat(path)
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISLNK(status.st_mode):
            self._head(name, SYMBOLIC_LINK, 0o777, target=os.readlink(path))  # noqa: PTH115 - thousands of paths
        elif stat.S_ISDIR(status.st_mode):
            self._head(name, DIRECTORY, mode)
        elif stat.S_ISREG(status.st_mode):
            key = (status.st_dev, status.st_ino)
            first = self._linked.setdefault(key, name) if status.st_nlink > 1 else name
            if first != name:
                self._head(name, HARD_LINK, mode, target=first)
            else:
                self._file(path, name, mode)

    def end(self) -> None:
        """Write the end of the archive."""
        self._stream.write(bytes(2 * _BLOCK))

    def _file(self, path: str, name: str, mode: int) -> None:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            size = os.fstat(file.fileno()).st_size
            if size <= _CHUNK:
                # It may have changed its size since.
                content = file.read(_CHUNK + 1) if size else b""
                self._head(name, FILE, mode, len(content))
                self._stream.write(content + bytes(-len(content) % _BLOCK))
                return
            self._head(name, FILE, mode, size)
            left = size
            while left and (chunk := file.read(min(left, _CHUNK))):
                self._stream.write(chunk)
                left -= len(chunk)
            self._stream.write(bytes(left + -size % _BLOCK))

    def _head(self, name: str, kind: bytes, mode: int, size: int = 0, target: str = "") -> None:
        raw, link = os.fsencode(name), os.fsencode(target)
        for long, follows in ((link, _TARGET_FOLLOWS), (raw, _NAME_FOLLOWS)):
            if len(long) > _NAME:
                text = long + b"\0"
                self._stream.write(_header(_LONG_NAME, follows, 0, len(text), b""))
                self._stream.write(text + bytes(-len(text) % _BLOCK))
        self._stream.write(_header(raw[:_NAME], kind, mode, size, link[:_NAME]))


def _header(name: bytes, kind: bytes, mode: int, size: int, link: bytes) -> bytes:
    digits = b"%011o\0" % size if size < _MOST else b"\x80" + size.to_bytes(11, "big")
    # Owner, group and time are those of nobody and of no time.
    before = b"%b%b%07o\0%b%b%b" % (name, bytes(_NAME - len(name)), mode, b"0000000\0" * 2, digits, b"0" * 11 + b"\0")
    after = b"%b%b%b%b" % (kind, link, bytes(_NAME - len(link)), b"ustar  \0")
    checksum = sum(before) + 8 * 0x20 + sum(after)
    return b"%b%06o\0 %b" % (before, checksum, after) + bytes(_BLOCK - 148 - 8 - len(after))


class Reader:
    """Reads one archive, in its order."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = 0

    def entries(self) -> Iterator[Entry]:
        """Yield the entries; what of a file's content was not read is passed over. Raises Damaged."""
        names: dict[bytes, str] = {}
        while (block := self._whole(_BLOCK))[0]:
            kind = block[156:157]
            size = _number(block[124:136])
            self._left = size + -size % _BLOCK
            if kind in {_NAME_FOLLOWS, _TARGET_FOLLOWS}:
                names[kind] = os.fsdecode(self._whole(self._left)[:size].rstrip(b"\0"))
                self._left = 0
                continue
            name = names.pop(_NAME_FOLLOWS, None) or os.fsdecode(block[:_NAME].rstrip(b"\0"))
            target = names.pop(_TARGET_FOLLOWS, None) or os.fsdecode(block[157:257].rstrip(b"\0"))
            yield Entry(name, kind, _number(block[100:108]), size, target)
            while self._left:
                self._left -= len(self._whole(min(self._left, _CHUNK)))

    def content(self, entry: Entry) -> Iterator[bytes]:
        """Yield the content of the file that was yielded last."""
        left = entry.size
        while left:
            chunk = self._whole(min(left, _CHUNK))
            self._left -= len(chunk)
            left -= len(chunk)
            yield chunk

    def _whole(self, size: int) -> bytes:
        data = self._stream.read(size)
        while len(data) < size:
            more = self._stream.read(size - len(data))
            if not more:
                raise Damaged("it ends too early")
            data += more
        return data


def _number(field: bytes) -> int:
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    return int(field.rstrip(b" \0") or b"0", 8)
