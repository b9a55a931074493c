"""The bytecode of a standard library that an archive brings along, which is half of the time of an installation.

Upstream's archives have none. A mirror compiles it once with this buildpack's compiler, after the removal of the parts
that an image never has, and names in a file what it was made of. It is taken only if a build would make the same.
"""

import glob
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from python_buildpack.installed.bytecode import COMPILER, SHARDS, SHARED_OUT, is_of_place, sources_in
from python_buildpack.support.small_files import read_small

_CACHE = "__pycache__"
MARK = "BYTECODE"
"""The file beside the sources with the digest of what the bytecode was made of."""


def take_shipped(library: Path) -> bool:
    """Return whether the bytecode below ``library`` is what would be made of its sources; if not, remove all of it.

    That of files that name the place of the interpreter is removed in any case: Python would not see that it is of
    another place.
    """
    mark = library / MARK
    shipped = read_small(mark).strip()
    mark.unlink(missing_ok=True)
    if shipped and shipped == _digest(library):
        _remove_of_place(library)
        return True
    remove_shipped(library)
    return False


def remove_shipped(library: Path) -> None:
    """Remove the bytecode, and what says of what it was made."""
    (library / MARK).unlink(missing_ok=True)
    for folder in _caches(library):
        shutil.rmtree(folder)


def mark_shipped(library: Path) -> None:
    """Write of what the bytecode is made, beside the sources of ``library`` that it was made of.

    What is of a place is removed from the bytecode.
    """
    _remove_of_place(library)
    (library / MARK).write_text(f"{_digest(library)}\n", encoding="ascii")


def _digest(library: Path) -> str:
    """Return a digest of the compiler, and of the paths and contents of all sources that it compiles."""
    found = hashlib.sha256(COMPILER.read_bytes())
    found.update(f"{SHARDS} {SHARED_OUT}\0".encode())
    for path in sorted(sources_in(library)):
        if not is_of_place(os.path.relpath(path, library)):
            found.update(f"{os.path.relpath(path, library)}\0".encode("utf-8", "surrogateescape"))
            found.update(hashlib.sha256(Path(path).read_bytes()).digest())
    return found.hexdigest()


def _remove_of_place(library: Path) -> None:
    for path in map(Path, sources_in(library)):
        if is_of_place(os.path.relpath(path, library)):
            for bytecode in (path.parent / _CACHE).glob(f"{glob.escape(path.stem)}.*"):
                bytecode.unlink()


def _caches(library: Path) -> Iterator[str]:
    for folder, directories, _ in os.walk(library):
        if _CACHE in directories:
            directories.remove(_CACHE)
            yield f"{folder}/{_CACHE}"
