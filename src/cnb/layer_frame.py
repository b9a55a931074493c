"""What belongs to a layer besides its content: entries that the lifecycle itself reads, and bills of materials.

The lifecycle sets variables from ``env*``, runs ``exec.d`` and ``profile.d`` when the image starts, and puts ``bin``
and ``lib`` of each layer on search paths (spec: Buildpack, Layers and Launch). A program that ran in the build could
write such an entry into a layer that the build has made, and it would stay in the image as long as the layer is reused.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.files import explaining, write_file
from cnb.frozen import field, frozen
from cnb.trees import make_directory, remove

_OF_LIFECYCLE = ("env", "env.build", "env.launch", "exec.d", "profile.d")
_SEARCHED = ("bin", "lib", "include", "pkgconfig")
"""The directories of a layer that are added to search paths (spec: Buildpack, Environment, Layer Paths)."""

Bills = Mapping[str, tuple[int, int, int]]
"""Bills of materials by file name: inode, size and ctime, which no program can set back."""


@frozen
class Frame:
    """The entries of a layer's directory when the buildpack had made it."""

    names: frozenset[str]
    files: Mapping[str, tuple[bytes, int]]
    """Content and mode of all files in the directories that the lifecycle reads, by path in the layer."""
    sboms: Mapping[str, bytes] = field(default_factory=dict)
    """The bills of materials, by file name in the layers directory."""


def look_at_bills(root: Path, pattern: str = "*.sbom.*") -> Bills:
    """Return the bills of materials in a layers directory; nothing is read."""
    seen = {path.name: path.lstat() for path in sorted(root.glob(pattern))}
    return {name: (status.st_ino, status.st_size, status.st_ctime_ns) for name, status in seen.items()}


def take_frame(layer: Path, sboms: Mapping[str, bytes]) -> Frame:
    """Return the frame of a layer that no other program has written into yet. Raises OSError and FileNotWritten."""
    files = {path.relative_to(layer).as_posix(): (path.read_bytes(), _mode(path)) for path in _files(layer)}
    return Frame(_names(layer), files, sboms)


def remove_uninvited(layer: Path) -> None:
    """Remove what the lifecycle would read of a layer's directory that only its content is in yet.

    For layers whose content is one level down. Variables and programs are written after it: what is there already was
    written by a program that ran while the content was made. Raises FileNotWritten.
    """
    for name in (*_OF_LIFECYCLE, *_SEARCHED):
        remove(layer / name)


def put_back(layer: Path, frame: Frame) -> Iterator[str]:
    """Undo what is not as in the frame, and yield its paths in the layers directory. Raises FileNotWritten.

    The content itself is not looked at, but a new entry beside it is removed.
    """
    for name in sorted(_names(layer) - frame.names):
        remove(layer / name)
        yield f"{layer.name}/{name}"
    for name in _OF_LIFECYCLE:
        wanted = {path: file for path, file in frame.files.items() if path.partition("/")[0] == name}
        if not _holds(layer, name, wanted):
            remove(layer / name)
            for path, (content, mode) in wanted.items():
                make_directory((layer / path).parent)
                write_file(layer / path, content, mode)
            yield f"{layer.name}/{name}"
    for name, content in frame.sboms.items():
        bill = layer.parent / name
        if not has_content(bill, content):
            remove(bill)
            write_file(bill, content)
            yield name


def has_content(path: Path, content: bytes) -> bool:
    """Say whether a path is a regular file, and no link, that can be read and has this content."""
    try:
        return path.is_file() and not path.is_symlink() and path.read_bytes() == content
    except OSError:
        return False


def _names(layer: Path) -> frozenset[str]:
    with explaining(layer):
        return frozenset(path.name for path in layer.iterdir())


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _holds(layer: Path, name: str, wanted: Mapping[str, tuple[bytes, int]]) -> bool:
    """Say whether a directory has these files and nothing else; for none, whether it is absent."""
    folder = layer / name
    if not wanted:
        return not os.path.lexists(folder)
    if folder.is_symlink() or not folder.is_dir():
        return False
    entries = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    if {path.relative_to(layer).as_posix() for path in entries} != wanted.keys():
        return False
    return all(
        has_content(layer / path, content) and _mode(layer / path) == mode for path, (content, mode) in wanted.items()
    )


def _files(layer: Path) -> Iterator[Path]:
    for name in _OF_LIFECYCLE:
        yield from (path for path in (layer / name).rglob("*") if path.is_file())
