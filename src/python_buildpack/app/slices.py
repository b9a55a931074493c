"""The big trees of the app without code, which get layers of their own in the image (spec: launch.toml, slices).

The lifecycle makes one layer of all that is not in a slice, and exports that whole layer anew if one file in it
changes. The rule: what has no Python source in it, and would take longer to export than another layer does.
It is measured, and no name counts but those of folders that never have source of the app. Whatever is chosen, the image
has the same files.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from cnb.frozen import frozen
from cnb.launch import Slice
from python_buildpack.app.project import SKIPPED_DIRECTORIES
from python_buildpack.support.tree_size import file_size

FEWEST_FILES = 100
LEAST_BYTES = 1_000_000
"""From one of both on: either takes about 50 ms to export, as long as one more layer."""
MOST = 8
"""An image has 127 layers at most, and heavy packages have some of their own. More trees share the last slice."""
DEEPEST = 64
"""Folders below this are left in the app's own layer."""
_CODE = (".py", ".pyc", ".pyi", ".pyx", ".ipynb")
_VERSIONED = frozenset({".git", ".hg", ".svn"})
"""They change whenever the code does."""
_SPECIAL = re.compile(r"[*?\[\]\\]")


@frozen
class _Tree:
    """What was found at a path."""

    path: str
    files: int = 0
    size: int = 0
    """The bytes of all its files."""
    has_code: bool = False
    big: tuple["_Tree", ...] = ()
    """The big trees without code inside of one that has some."""

    @property
    def is_big(self) -> bool:
        return self.files >= FEWEST_FILES or self.size >= LEAST_BYTES


@frozen
class Uploaded:
    """What was found in what was uploaded."""

    slices: tuple[Slice, ...]
    """In the order of their paths."""
    size: int
    """What all files add to an image (tree_size.py)."""


def look_at_upload(root: Path) -> Uploaded:
    """Return the slices and the size of what was uploaded."""
    found = _read(os.fspath(root), "", is_source=True)
    # The whole app without any code is one layer anyway.
    trees = sorted(found.big, key=lambda tree: tree.path) if found.has_code else []
    paths = [_SPECIAL.sub(r"\\\g<0>", tree.path) for tree in trees if _can_be_written(tree.path)]
    alone, shared = paths[: MOST - 1], paths[MOST - 1 :]
    return Uploaded((*(Slice((path,)) for path in alone), *([Slice(tuple(shared))] if shared else [])), found.size)


def _read(folder: str, path: str, depth: int = 0, *, is_source: bool) -> _Tree:
    """Return what is in a folder, whose ``path`` is relative to the root."""
    files = size = 0
    # Nobody knows what is deeper.
    has_code = depth > DEEPEST
    inside: list[_Tree] = []
    for entry in _entries(folder) if depth <= DEEPEST else ():
        below = f"{path}/{entry.name}" if path else entry.name
        if entry.is_dir(follow_symlinks=False):
            tree = _read(entry.path, below, depth + 1, is_source=is_source and entry.name not in SKIPPED_DIRECTORIES)
            files, size, has_code = files + tree.files, size + tree.size, has_code or tree.has_code
            inside.append(tree)
            continue
        files += 1
        own = _size(entry)
        size += own
        if is_source and entry.name.endswith(_CODE):
            has_code = True
        elif own >= LEAST_BYTES:
            inside.append(_Tree(below, 1, own))
    has_code = has_code or path in _VERSIONED
    if not has_code:
        return _Tree(path, files, size)
    return _Tree(path, files, size, has_code, tuple(_big(inside) if path not in _VERSIONED else ()))


def _big(inside: list[_Tree]) -> Iterator[_Tree]:
    for tree in inside:
        if tree.has_code:
            yield from tree.big
        elif tree.is_big:
            yield tree


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return file_size(entry.stat(follow_symlinks=False))
    except OSError:
        return 0


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        # The export, which has to read it, says what is wrong.
        return []


def _can_be_written(path: str) -> bool:
    """Say whether launch.toml can name a path: its bytes are UTF-8, and none is a control character."""
    return path.isprintable()
