"""The tables at the beginning of an ELF file (System V ABI, "Object Files"): 64 bit, little-endian."""

import struct
from typing import NamedTuple

MAGIC_64_LITTLE = b"\x7fELF\x02\x01"
HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SEGMENT = struct.Struct("<IIQQQQQQ")
PT_LOAD, PT_DYNAMIC = 1, 2


class Header(NamedTuple):
    """The ELF header, as ``HEADER`` unpacks it."""

    ident: bytes
    kind: int
    machine: int
    version: int
    entry: int
    segments_at: int
    sections_at: int
    flags: int
    size: int
    segment_size: int
    segment_count: int
    section_size: int
    section_count: int
    names_index: int


class Segment(NamedTuple):
    """A row of the program header table, as ``SEGMENT`` unpacks it: a segment's places in the file and in memory."""

    kind: int
    flags: int
    offset: int
    address: int
    physical: int
    size: int
    memory: int
    align: int

    @property
    def end(self) -> int:
        """The offset in the file at which it ends."""
        return self.offset + self.size
