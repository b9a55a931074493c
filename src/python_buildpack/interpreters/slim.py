"""Removes the parts of an interpreter that an app in an image never uses; a table lists them with the reasons.

Every megabyte in an image adds 45 ms to each build that exports it, and makes every pull slower.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from cnb.frozen import frozen


@frozen
class Part:
    """A part of the interpreter that can be removed."""

    name: str
    because: str
    patterns: tuple[str, ...]
    """Glob patterns relative to the prefix. ``{library}`` is ``lib/python3.X``."""
    keep: tuple[str, ...] = ()
    """Patterns of matches that are not removed."""


PARTS: tuple[Part, ...] = (
    Part(
        "pip", "installers run from outside, and a virtual environment does not use it", ("{library}/site-packages/*",)
    ),
    Part("ensurepip", "virtual environments are made without pip", ("{library}/ensurepip",)),
    Part("IDLE", "an editor needs a screen", ("{library}/idlelib", "bin/idle*")),
    Part(
        "Tk",
        "windows need a screen",
        (
            "{library}/tkinter",
            "{library}/turtledemo",
            "{library}/turtle.py",
            "{library}/lib-dynload/_tkinter*",
            "lib/tcl[0-9]*",
            "lib/tk[0-9]*",
            "lib/itcl[0-9]*",
            "lib/thread[0-9]*",
            "lib/libtcl*",
            "lib/libtk*",
        ),
    ),
    Part("pydoc's topics", "help() is for people at a prompt", ("{library}/pydoc_data", "bin/pydoc*")),
    Part(
        "scripts of pip and 2to3",
        "the modules that they run are removed",
        ("bin/pip*", "bin/2to3*", "bin/easy_install*"),
    ),
    Part(
        "tests",
        "they test CPython, not the app",
        (
            "{library}/test",
            "{library}/*/test",
            "{library}/*/tests",
            "{library}/lib-dynload/_test*",
            "{library}/lib-dynload/_xx*",
            "{library}/lib-dynload/xx*",
        ),
    ),
    Part("static libraries", "extension modules do not link them", ("lib/*.a", "{library}/config-*/*.[ao]")),
    Part("manual pages", "they are not read in an image", ("share/man", "share/doc")),
    Part(
        "rare terminals",
        "a container is used with few kinds of terminals",
        ("share/terminfo/*/*",),
        keep=("xterm*", "screen*", "tmux*", "linux", "vt100", "vt220", "dumb", "ansi"),
    ),
)
"""The headers, the Makefile and the pkg-config files are kept: packages without a wheel are compiled with them."""


def slim(prefix: Path, library: str, parts: tuple[Part, ...] = PARTS) -> None:
    """Remove the parts from the tree at ``prefix``; ``library`` is the path of the standard library in it."""
    for part in parts:
        for path in _matches(prefix, library, part):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _matches(prefix: Path, library: str, part: Part) -> Iterator[Path]:
    for pattern in part.patterns:
        for path in sorted(prefix.glob(pattern.format(library=library))):
            if not any(path.match(kept) for kept in part.keep):
                yield path
