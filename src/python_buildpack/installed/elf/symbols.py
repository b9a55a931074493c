"""Removes symbol tables and debugging information from shared libraries: only linkers and debuggers read them.

The format is ELF (System V ABI, "Object Files"; 64 bit, little-endian). The loaded bytes are not changed, and neither
are the dynamic symbols. Segments move towards the start of the file, by multiples of their alignment, and the program
header and the section header get the new offsets. A file whose layout is not one of linkers or patchelf is not changed.
binutils' strip is not used: it is not in every build image, and damages some files that patchelf has changed.
"""

import mmap
import shutil
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cnb.frozen import frozen
from python_buildpack.installed.elf.tables import HEADER, MAGIC_64_LITTLE, PT_LOAD, SEGMENT, Header, Segment

LEAST = 4096
"""The fewest bytes to save: otherwise a library is not changed."""
LEAST_FRACTION = 64
"""The smallest fraction to save, 1/64 of the file: otherwise writing the library again is not worth the time."""

_SECTION = struct.Struct("<IIQQQQIIQQ")
_ET_DYN = 3
_PAGE = 4096
_SHT_NULL, _SHT_SYMTAB, _SHT_NOBITS, _SHT_SYMTAB_SHNDX = 0, 2, 8, 18
_SHF_ALLOC = 2
_TABLE_ALIGNMENT = 8
_DEBUGGING = (b".debug_", b".zdebug_", b".gdb_index", b".gnu.build.attributes")
"""Prefixes of the names of sections with debugging information."""
_LONGEST_NAME = max(map(len, _DEBUGGING))
_MOST_PADDING = 4096
"""How many zero bytes outside of all tables may be at the end of a file: more than linkers leave."""


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry_size: int

    @property
    def is_loaded(self) -> bool:
        return bool(self.flags & _SHF_ALLOC)

    @property
    def in_file(self) -> int:
        return 0 if self.kind in {_SHT_NULL, _SHT_NOBITS} else self.size


_NOTHING = _Section(*[0] * len(_Section._fields))


@frozen
class _Piece:
    """Bytes of the old file that are copied to ``target``, an offset in the new file."""

    offset: int
    size: int
    target: int

    @property
    def new_end(self) -> int:
        return self.target + self.size

    def moved(self, offset: int) -> int:
        return offset - self.offset + self.target


@frozen
class _Plan:
    """The new file: the pieces that are copied, the patches (offset, bytes) written over them, and the size."""

    pieces: tuple[_Piece, ...]
    patches: tuple[tuple[int, bytes], ...]
    size: int


class _Unusual(Exception):
    """The file has a layout that this module does not support."""


def remove_symbols(path: Path) -> int:
    """Replace the shared library at ``path`` by one without symbols, and return the number of saved bytes.

    Returns 0, without a change, if there is too little to save, or if the layout is not supported. Other hard links to
    the file are not changed. Raises OSError.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC_64_LITTLE)) != MAGIC_64_LITTLE:
            return 0
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                plan = _plan(content)
            except (_Unusual, struct.error, ValueError, IndexError, OverflowError):
                return 0
            saved = len(content) - plan.size
            if saved < LEAST or saved * LEAST_FRACTION < len(content):
                return 0
            _write(plan, content, path)
    return saved


def _write(plan: _Plan, content: mmap.mmap, path: Path) -> None:
    fresh = path.with_name(f".{path.name}.terrarium")
    try:
        with fresh.open("wb") as target, memoryview(content) as view:
            for piece in plan.pieces:
                target.seek(piece.target)
                with view[piece.offset : piece.offset + piece.size] as copied:
                    target.write(copied)
            for offset, patch in plan.patches:
                target.seek(offset)
                target.write(patch)
        shutil.copymode(path, fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _plan(content: mmap.mmap) -> _Plan:
    """Return the plan of the new file. Raises _Unusual, and the errors of reading damaged tables."""
    header = _read_header(content)
    segments = [Segment(*row) for row in _rows(content, SEGMENT, header.segments_at, header.segment_count)]
    sections = [_Section(*row) for row in _rows(content, _SECTION, header.sections_at, header.section_count)]
    _check_end(content, header, segments, sections)
    kept = _without_symbols(content, header, sections)

    loaded = tuple(_closed_up([segment for segment in segments if segment.kind == PT_LOAD]))
    rest = tuple(_appended([one for one in kept if one.in_file and not one.is_loaded], loaded[-1].new_end))
    table = b"".join(_SECTION.pack(*_moved_section(one, loaded, rest)) for one in kept)
    table_at = _aligned(max(piece.new_end for piece in loaded + rest), _TABLE_ALIGNMENT)
    segments_at = _piece_of(loaded, header.segments_at, header.segment_count * SEGMENT.size).moved(header.segments_at)
    moved = header._replace(segments_at=segments_at, sections_at=table_at)
    patches = (
        (0, HEADER.pack(*moved)),
        (segments_at, b"".join(SEGMENT.pack(*_moved_segment(one, loaded)) for one in segments)),
        (table_at, table),
    )
    return _Plan(loaded + rest, patches, table_at + len(table))


def _read_header(content: mmap.mmap) -> Header:
    header = Header(*HEADER.unpack_from(content))
    sizes = (header.segment_size, header.section_size)
    if header.kind != _ET_DYN or sizes != (SEGMENT.size, _SECTION.size):
        raise _Unusual("not a shared library")
    if not 0 < header.names_index < header.section_count:
        raise _Unusual("no names of sections")
    return header


def _rows(content: mmap.mmap, row: struct.Struct, start: int, count: int) -> Iterator[tuple[int, ...]]:
    return row.iter_unpack(content[start : start + count * row.size])


def _check_end(content: mmap.mmap, header: Header, segments: Sequence[Segment], sections: Sequence[_Section]) -> None:
    """Raise _Unusual for a file with data after the last segment or section, or one that is too short."""
    end = max(
        header.sections_at + header.section_count * _SECTION.size,
        *(segment.end for segment in segments),
        *(section.offset + section.in_file for section in sections),
    )
    padding = content[end : end + _MOST_PADDING]
    if end + len(padding) != len(content) or any(padding):
        raise _Unusual("data at the end that is in no table")


def _without_symbols(content: mmap.mmap, header: Header, sections: Sequence[_Section]) -> list[_Section]:
    """Return the sections, with an empty one in place of each removed one: others refer to sections by number."""
    names = sections[header.names_index].offset
    symbols = {index for index, one in enumerate(sections) if one.kind in {_SHT_SYMTAB, _SHT_SYMTAB_SHNDX}}
    texts = {sections[index].link for index in symbols} - {header.names_index}

    def is_dropped(index: int, section: _Section) -> bool:
        start = names + section.name
        is_debugging = content[start : start + _LONGEST_NAME].startswith(_DEBUGGING)
        return not section.is_loaded and (index in symbols | texts or is_debugging)

    dropped = {index for index, section in enumerate(sections) if is_dropped(index, section)}
    kept = [_NOTHING if index in dropped else section for index, section in enumerate(sections)]
    if any(section.link in dropped for section in kept):
        raise _Unusual("a kept section refers to a removed one")
    return kept


def _closed_up(segments: Iterable[Segment]) -> Iterator[_Piece]:
    """Yield the new places of the loaded segments: as near to the start as possible, in the same order."""
    end = 0
    for segment in sorted(segments, key=lambda one: one.offset):
        step = max(segment.align, _PAGE)
        target = segment.offset - (segment.offset - end) // step * step
        if segment.size == 0 or target < end or (end == 0 and target != 0):
            raise _Unusual("segments overlap, are empty, or do not begin with the header")
        yield _Piece(segment.offset, segment.size, target)
        end = target + segment.size


def _appended(sections: Iterable[_Section], end: int) -> Iterator[_Piece]:
    """Yield the new places of the kept sections that are not loaded, from the offset ``end`` on."""
    for section in sections:
        target = _aligned(end, section.align)
        yield _Piece(section.offset, section.size, target)
        end = target + section.size


def _moved_segment(segment: Segment, loaded: Iterable[_Piece]) -> Segment:
    if segment.size == 0:
        return segment
    return segment._replace(offset=_piece_of(loaded, segment.offset, segment.size).moved(segment.offset))


def _moved_section(section: _Section, loaded: tuple[_Piece, ...], rest: tuple[_Piece, ...]) -> _Section:
    if not section.in_file:
        # It has no bytes in the file; its offset is where they would be.
        return section._replace(offset=0 if section.kind == _SHT_NULL else loaded[-1].new_end)
    pieces = loaded if section.is_loaded else rest
    return section._replace(offset=_piece_of(pieces, section.offset, section.size).moved(section.offset))


def _piece_of(pieces: Iterable[_Piece], offset: int, size: int) -> _Piece:
    for piece in pieces:
        if piece.offset <= offset and offset + size <= piece.offset + piece.size:
            return piece
    raise _Unusual(f"{offset:#x} is in no kept piece")


def _aligned(offset: int, alignment: int) -> int:
    return -(-offset // max(alignment, 1)) * max(alignment, 1)
