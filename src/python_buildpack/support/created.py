"""Sees which entries are made in a directory, also those that are removed again: what inotify(7) reports.

The reports are in this process, so no other program can take one back.
"""

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_NONBLOCK, _CLOSE_ON_EXEC = os.O_NONBLOCK, os.O_CLOEXEC
_CREATED, _MOVED_HERE, _MOVED_AWAY, _OVERFLOW, _ENDED = 0x100, 0x80, 0x800, 0x4000, 0x8000
"""IN_CREATE, IN_MOVED_TO, IN_MOVE_SELF, IN_Q_OVERFLOW and IN_IGNORED, after which nothing more is reported."""
_HEAD = struct.Struct("iIII")
_BUFFER = 1 << 16


@contextmanager
def watching_names(folder: Path) -> Iterator[Callable[[], frozenset[str] | None]]:
    """Yield a function that returns the names of the entries made in ``folder`` since the block began.

    It returns None where that is no longer known: too much was made, or the directory itself was moved or removed. On a
    system without inotify, none are seen.
    """
    descriptor = _open(folder)
    try:
        yield lambda: frozenset() if descriptor is None else _names(descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(folder: Path) -> int | None:
    try:
        import ctypes  # noqa: PLC0415 - a Python without libffi has none, and few builds need it

        libc = ctypes.CDLL(None)
        descriptor = int(libc.inotify_init1(_NONBLOCK | _CLOSE_ON_EXEC))
    except (ImportError, OSError, AttributeError):
        return None
    if descriptor < 0:
        return None
    if libc.inotify_add_watch(descriptor, os.fsencode(folder), _CREATED | _MOVED_HERE | _MOVED_AWAY) < 0:
        os.close(descriptor)
        return None
    return descriptor


def _names(descriptor: int) -> frozenset[str] | None:
    found: set[str] = set()
    while True:
        try:
            events = os.read(descriptor, _BUFFER)
        except BlockingIOError:
            return frozenset(found)
        position = 0
        while position < len(events):
            _, mask, _, length = _HEAD.unpack_from(events, position)
            position += _HEAD.size
            if mask & (_OVERFLOW | _ENDED | _MOVED_AWAY):
                return None
            found.add(os.fsdecode(events[position : position + length].rstrip(b"\0")))
            position += length
