"""Reads which shared libraries an ELF file needs (System V ABI, "Dynamic Linking"): 64 bit, little-endian."""

import mmap
import struct
from collections.abc import Container, Iterator
from itertools import islice
from pathlib import Path

from python_buildpack.installed.elf.tables import (
    HEADER,
    MAGIC_64_LITTLE,
    PT_DYNAMIC,
    PT_LOAD,
    SEGMENT,
    Header,
    Segment,
)

_ENTRY = struct.Struct("<qQ")
_DT_NEEDED, _DT_STRTAB, _DT_RPATH, _DT_RUNPATH = 1, 5, 15, 29
_MAX_SEGMENTS = 256
_MAX_ENTRIES = 4096
_MAX_STRING = 16 * 1024
"""These limits are far above what linkers write. A malicious file could claim 65,535 tables of its own length."""


def read_needed(path: Path) -> tuple[str, ...]:
    """Return the names of the libraries that the file needs (DT_NEEDED); empty for a damaged file or another format."""
    return _read_strings(path, {_DT_NEEDED})


def read_run_path(path: Path) -> tuple[str, ...]:
    """Return the folders in which the loader looks for the file's libraries (DT_RPATH, DT_RUNPATH)."""
    return tuple(folder for text in _read_strings(path, {_DT_RPATH, _DT_RUNPATH}) for folder in text.split(":"))


def _read_strings(path: Path, tags: Container[int]) -> tuple[str, ...]:
    with path.open("rb") as file:
        if not file.read(len(MAGIC_64_LITTLE)).startswith(MAGIC_64_LITTLE):
            return ()
        # Mapped, not read: a library may have a gigabyte, and only a few pages of it are needed.
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                return tuple(_strings(content, tags))
            except (struct.error, ValueError, IndexError, OverflowError):
                return ()


def _strings(content: mmap.mmap, tags: Container[int]) -> Iterator[str]:
    segments = list(islice(_segments(content), _MAX_SEGMENTS))
    dynamic = next((segment for segment in segments if segment.kind == PT_DYNAMIC), None)
    entries = list(islice(_entries(content, dynamic), _MAX_ENTRIES)) if dynamic else []
    strings = next((value for tag, value in entries if tag == _DT_STRTAB), None)
    if strings is None:
        return
    start = _file_offset(strings, segments)
    for tag, value in entries:
        if tag in tags:
            yield _string(content, start + value)


def _string(content: mmap.mmap, start: int) -> str:
    end = content.find(b"\0", start, start + _MAX_STRING)
    if end < 0:
        raise ValueError(f"the text at {start:#x} has no end")
    return content[start:end].decode("ascii")


def _segments(content: mmap.mmap) -> Iterator[Segment]:
    header = Header(*HEADER.unpack_from(content))
    for number in range(header.segment_count):
        yield Segment(*SEGMENT.unpack_from(content, header.segments_at + number * header.segment_size))


def _entries(content: mmap.mmap, dynamic: Segment) -> Iterator[tuple[int, int]]:
    for position in range(dynamic.offset, dynamic.offset + dynamic.size, _ENTRY.size):
        tag, value = _ENTRY.unpack_from(content, position)
        if tag == 0:
            return
        yield tag, value


def _file_offset(address: int, segments: list[Segment]) -> int:
    for segment in segments:
        if segment.kind == PT_LOAD and segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    raise ValueError(f"address {address:#x} is in no segment")
