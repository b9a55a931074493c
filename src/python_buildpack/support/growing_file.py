"""Keeps what changes little by little in two files of the cache: most of it, and what was added to it since.

A platform stores and pushes a layer of the cache as a whole if a byte of it has changed. So the first file is in a
layer of its own, and stays as it is until what was added, with what is not used any more, has become too much of it.
"""

from collections.abc import Mapping

from cnb.frozen import frozen
from python_buildpack.support.cached_files import CachedFile

_SMALL = 1_000_000
"""Bytes, before they are compressed: less is all in the second file."""
_SHARE = 1 / 3


@frozen
class GrowingFile:
    """The two files. They are in different layers of the cache."""

    base: CachedFile
    added: CachedFile


@frozen
class Parts:
    """What is to be in the two files."""

    base: frozenset[str] | None
    """None if the first file stays as it is."""
    added: frozenset[str]


def decide_parts(wanted: Mapping[str, int], base: Mapping[str, int]) -> Parts:
    """Return where to keep what is ``wanted``, given sizes in bytes by name; ``base`` is what the first file has."""
    missing = wanted.keys() - base.keys()
    unused = base.keys() - wanted.keys()
    changed = sum(wanted[name] for name in missing) + sum(base[name] for name in unused)
    whole = sum(wanted.values())
    if not missing and not unused:
        return Parts(None, frozenset())
    if whole < _SMALL:
        return Parts(frozenset() if base else None, frozenset(wanted))
    if changed > _SHARE * whole:
        return Parts(frozenset(wanted), frozenset())
    return Parts(None, frozenset(missing))
