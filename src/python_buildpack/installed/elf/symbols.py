"""Takes symbol tables and debugging information out of shared libraries, which linkers and debuggers read, not loaders.

The format is ELF (System V ABI, "Object Files"; 64 bit, little-endian). What is loaded stays as it is, byte for byte,
and so do the names that others link to: segments move towards the start of the file, by multiples of their alignment,
and the tables at its start and end are told so. A file in which anything is not where linkers and patchelf leave it
stays as it is. binutils' strip is not in every build image, and breaks some files that patchelf made.
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
"""Bytes: a library of which less than that can go stays as it is."""
LEAST_PART = 64
"""And so does one of which only a smaller part can go than one of that many: writing it anew takes time as well."""

_SECTION = struct.Struct("<IIQQQQIIQQ")
_ET_DYN = 3
_PAGE = 4096
_SHT_NULL, _SHT_SYMTAB, _SHT_NOBITS, _SHT_SYMTAB_SHNDX = 0, 2, 8, 18
_SHF_ALLOC = 2
_TABLE_ALIGNMENT = 8
_DEBUGGING = (b".debug_", b".zdebug_", b".gdb_index", b".gnu.build.attributes")
"""Beginnings of the names of sections that say how the library was compiled."""
_LONGEST_NAME = max(map(len, _DEBUGGING))
_MOST_PADDING = 4096
"""Bytes at the end of a file which no table knows, if they are zeros: more than linkers leave."""


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
    """Some bytes of the old file, and where the new one has them."""

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
    """The new file: what is copied, then what is written over it."""

    pieces: tuple[_Piece, ...]
    patches: tuple[tuple[int, bytes], ...]
    size: int


class _Unusual(Exception):
    """The file is not what this module understands."""


def remove_symbols(path: Path) -> int:
    """Write the shared library at ``path`` anew, without its symbols, and return how many bytes that saved.

    0, and the file is not touched, for one that has none or next to none, or is unusual in any way. A link to the same
    file elsewhere keeps the whole. Raises OSError.
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
            if saved < LEAST or saved * LEAST_PART < len(content):
                return 0
            _write(plan, content, path)
    return saved


def _write(plan: _Plan, content: mmap.mmap, path: Path) -> None:
    fresh = path.with_name(f".{path.name}.terrarium")
    try:
        with fresh.open("wb") as target, memoryview(content) as view:
            for piece in plan.pieces:
                target.seek(piece.target)
                with view[piece.offset : piece.offset + piece.size] as part:
                    target.write(part)
            for offset, patch in plan.patches:
                target.seek(offset)
                target.write(patch)
        shutil.copymode(path, fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _plan(content: mmap.mmap) -> _Plan:
    """Decide what the new file is made of. Raises _Unusual, and what reading damaged tables raises."""
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
    """Raise _Unusual for a file with something behind its last part, or with less than its tables promise."""
    end = max(
        header.sections_at + header.section_count * _SECTION.size,
        *(segment.end for segment in segments),
        *(section.offset + section.in_file for section in sections),
    )
    padding = content[end : end + _MOST_PADDING]
    if end + len(padding) != len(content) or any(padding):
        raise _Unusual("the tables do not say what is at the end")


def _without_symbols(content: mmap.mmap, header: Header, sections: Sequence[_Section]) -> list[_Section]:
    """Return the table with nothing in the rows of what only linkers and debuggers read: rows are known by number."""
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
        raise _Unusual("a part that stays refers to one that does not")
    return kept


def _closed_up(segments: Iterable[Segment]) -> Iterator[_Piece]:
    """Yield where the loaded segments go: as far to the start as they can, one after the other as they were."""
    end = 0
    for segment in sorted(segments, key=lambda one: one.offset):
        step = max(segment.align, _PAGE)
        target = segment.offset - (segment.offset - end) // step * step
        if segment.size == 0 or target < end or (end == 0 and target != 0):
            raise _Unusual("segments overlap, are empty, or do not begin with the header")
        yield _Piece(segment.offset, segment.size, target)
        end = target + segment.size


def _appended(sections: Iterable[_Section], end: int) -> Iterator[_Piece]:
    """Yield where the sections go that are not loaded and stay all the same, from ``end`` on."""
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
        # It has a place in memory only; that in the file is where it would be.
        return section._replace(offset=0 if section.kind == _SHT_NULL else loaded[-1].new_end)
    pieces = loaded if section.is_loaded else rest
    return section._replace(offset=_piece_of(pieces, section.offset, section.size).moved(section.offset))


def _piece_of(pieces: Iterable[_Piece], offset: int, size: int) -> _Piece:
    for piece in pieces:
        if piece.offset <= offset and offset + size <= piece.offset + piece.size:
            return piece
    raise _Unusual(f"{offset:#x} is in no part that stays")


def _aligned(offset: int, alignment: int) -> int:
    return -(-offset // max(alignment, 1)) * max(alignment, 1)
