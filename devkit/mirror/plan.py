"""Which files of an installation go into its archive, and what they are called there."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devkit.mirror.prefixes import Prefix

TEST_DIRECTORIES = frozenset({"test", "tests", "idle_test", "turtledemo", "__pycache__"})
TEST_EXTENSIONS = ("_test", "_ctypes_test", "_xxtestfuzz", "xx", "_tkinter")
"""Extension modules that upstream leaves out of ``install_only``, and _tkinter, whose libraries would be large."""
DISTRIBUTORS_FILES = frozenset({"EXTERNALLY-MANAGED", "sitecustomize.py"})
"""Files that distributions add to the standard library; upstream has neither."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One file to copy, or a link to make."""

    source: Path
    target: str
    """Its path in the archive, below ``python/``."""


def plan_copies(prefix: Prefix) -> tuple[Copy, ...]:
    """List what upstream's archives hold and this installation has: no tests, no bytecode, of site-packages only pip.

    Only what belongs to this version is named, so a prefix that is shared (/usr/local) works as well as one's own.
    """
    copies = [
        Copy(prefix.executable, f"bin/{prefix.name}"),
        *_scripts(prefix),
        *_library(prefix),
        *_tree(prefix.stdlib, f"lib/{prefix.name}"),
        *_tree(prefix.include, f"include/{prefix.name}"),
        *_named(prefix.libdir / "pkgconfig", f"python-{prefix.minor}*.pc", "lib/pkgconfig"),
        *_named(prefix.root / "share" / "man" / "man1", f"python{prefix.minor}*.1", "share/man/man1"),
    ]
    return tuple(sorted(copies, key=lambda copy: copy.target))


def fingerprint(paths: Iterable[Path], *salt: str) -> str:
    """Return a digest that changes when one of the files does (by path, size or time) or the salt differs."""
    digest = hashlib.sha256("\0".join(salt).encode())
    for path in paths:
        status = path.lstat()
        digest.update(f"\n{path}\0{status.st_size}\0{status.st_mtime_ns}".encode())
    return digest.hexdigest()


def _scripts(prefix: Prefix) -> Iterator[Copy]:
    names = (f"pip{prefix.minor}", f"idle{prefix.minor}", f"pydoc{prefix.minor}", f"2to3-{prefix.minor}")
    for name in (*names, f"{prefix.name}-config"):
        script = prefix.executable.parent / name
        if script.is_file() and (not name.startswith("pip") or _pip(prefix)):
            yield Copy(script, f"bin/{name}")


def _library(prefix: Prefix) -> Iterator[Copy]:
    if prefix.library is None:
        return
    for name in (prefix.library, "libpython3.so"):
        if (prefix.libdir / name).is_file():
            yield Copy(prefix.libdir / name, f"lib/{name}")


def _pip(prefix: Prefix) -> list[Path]:
    # Where a distribution patched Python, pip is somewhere else and of the distribution's own kind.
    return sorted(path for path in prefix.stdlib.glob("site-packages/pip*") if re.match(r"pip(-.*)?$", path.name))


def _tree(root: Path, target: str) -> Iterator[Copy]:
    for folder, directories, names in os.walk(root):
        here = Path(folder)
        relative = here.relative_to(root)
        directories[:] = sorted(name for name in directories if _is_wanted_directory(relative / name))
        for name in names:
            path = here / name
            if path.is_file() and _is_wanted_file(relative / name):
                yield Copy(path, f"{target}/{(relative / name).as_posix()}")


def _is_wanted_directory(path: Path) -> bool:
    if path.parts[0] == "site-packages":
        return path.name != "__pycache__" and (len(path.parts) == 1 or re.match(r"pip(-|$)", path.parts[1]) is not None)
    return path.name not in TEST_DIRECTORIES


def _is_wanted_file(path: Path) -> bool:
    if path.parts[0] == "lib-dynload" and path.name.startswith(TEST_EXTENSIONS):
        return False
    if path.parent.name == "site-packages":
        return path.name == "README.txt"
    return path.name not in DISTRIBUTORS_FILES and not path.name.endswith((".a", ".pyc"))


def _named(folder: Path, pattern: str, target: str) -> Iterator[Copy]:
    for path in folder.glob(pattern):
        if path.is_file():
            yield Copy(path, f"{target}/{path.name}")
