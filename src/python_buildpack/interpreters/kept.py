"""Keeps an installed interpreter for later builds, in two archives: what installs wheels, and all the rest.

A build that installs nothing but wheels runs the interpreter for three things: to make a virtual environment, to answer
uv's questions, and to compile bytecode. For these, the standard library is one file, a zip of bytecode, which each
Python has on its path (https://docs.python.org/3/library/sys_path_init.html). So 190 files are put on disk and not 900:
to create files is most of the time. Whatever runs code that is not the installer's needs the whole interpreter.
"""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from cnb.files import explained_when_full
from cnb.frozen import frozen
from cnb.trees import make_directory
from python_buildpack.installed.bytecode import modules_of_compiler
from python_buildpack.ports.interfaces import CommandRunner
from python_buildpack.support.cached_files import CachedFile
from python_buildpack.support.stored_tree import Restored, restore_tree, store_entries, with_folders

_DATA = "venv"
"""The package that reads files beside its modules (the scripts of an environment), which it would not find in a zip."""
_SOURCES = "encodings"
"""The package with many modules of which the compiler may import any. They are sources in the zip, because the compiler
imports from source in a whole interpreter, too, and its output depends on that: see bytecode.py."""
_UNNEEDED = frozenset({"include", "share"})
_CACHE = "__pycache__"


@frozen
class KeptInterpreter:
    """One installed interpreter in the cache. Both files are named by the identity of its layer."""

    part: CachedFile
    """What installs wheels."""
    rest: CachedFile
    """All other files, without bytecode."""
    name: str
    """The name of the executable: python3.13."""

    def exists(self) -> bool:
        """Return whether both archives were written."""
        return self.part.exists() and self.rest.exists()

    def is_part(self, prefix: Path) -> bool:
        """Return whether what is at ``prefix`` is only good for the installation of wheels."""
        return (prefix / self._zip).exists()

    def restore_part(self, prefix: Path) -> bool:
        """Put what installs wheels at ``prefix``, and return whether it was there. Raises DiskFull."""
        make_directory(prefix)
        return self.exists() and isinstance(restore_tree(self.part, prefix), Restored)

    def restore(self, prefix: Path) -> bool:
        """Put all of it at ``prefix``, with little bytecode, and return whether it was there. Raises DiskFull."""
        return (
            self.exists()
            and isinstance(restore_tree(self.part, prefix, lambda path: path != self._zip), Restored)
            and isinstance(restore_tree(self.rest, prefix), Restored)
        )

    def store(self, prefix: Path, runner: CommandRunner) -> None:
        """Write both archives from the interpreter at ``prefix``, which has its bytecode. Raises DiskFull."""
        library = f"lib/{self.name}/"
        starting = modules_of_compiler(prefix / "bin" / self.name, prefix / library, runner)
        # A package cannot be in two places, so all of one with such a module are files.
        files = {_top(module) for module in starting} - {_SOURCES} | {_DATA}
        part, zipped, rest = set[str](), list[tuple[str, str]](), set[str]()
        for path in _entries(prefix):
            module = _module(path.removeprefix(library)) if path.startswith(library) else None
            if path.partition("/")[0] not in _UNNEEDED and (module is None or _top(module) in files):
                part.add(path)
                continue
            if module is not None and path.endswith("c") != (_top(module) == _SOURCES):
                zipped.append((path, f"{module}c" if path.endswith("c") else module))
            if not path.endswith(".pyc"):
                rest.add(path)
        archive = prefix / self._zip
        try:
            with explained_when_full(archive):
                _write_zip(archive, prefix, zipped)
            store_entries(prefix, with_folders({*part, self._zip}), self.part)
        finally:
            archive.unlink(missing_ok=True)
        store_entries(prefix, with_folders(rest), self.rest)

    @property
    def _zip(self) -> str:
        return f"lib/{self.name.replace('.', '')}.zip"


def _entries(prefix: Path) -> Iterator[str]:
    """Yield the paths of all files and empty directories below ``prefix``, relative to it."""
    for folder, directories, names in os.walk(prefix):
        inside = os.path.relpath(folder, prefix)
        # Links to directories are among the directories.
        links = [name for name in directories if os.path.islink(f"{folder}/{name}")]  # noqa: PTH114 - a thousand paths
        yield from (f"{inside}/{name}".removeprefix("./") for name in (*names, *links))
        if not names and not directories:
            yield inside


def _module(path: str) -> str | None:
    """Return the path of the source of a module of the standard library, for a source or for bytecode; else None."""
    folder, _, name = path.rpartition("/")
    if path.startswith(("site-packages/", "lib-dynload/")):
        return None
    if name.endswith(".pyc") and folder.rpartition("/")[2] == _CACHE:
        stem = name.partition(".")[0]
        return f"{folder.removesuffix(_CACHE)}{stem}.py"
    return path if name.endswith(".py") else None


def _top(module: str) -> str:
    return module.partition("/")[0]


def _write_zip(archive: Path, prefix: Path, members: list[tuple[str, str]]) -> None:
    # Not compressed: the archive that it is put into is.
    with zipfile.ZipFile(archive, "w") as file:
        for path, name in sorted(members, key=lambda member: member[1]):
            file.writestr(zipfile.ZipInfo(name), (prefix / path).read_bytes())
