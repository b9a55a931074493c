"""Imports the buildpack's own modules from one file, in which a package has the bytecode of all of them.

Where nothing has changed, a build imports 310 modules of ours and does little else. importlib looks for each in the
file system, with three calls of the system and much Python. The CPU time of importing them (CPython 3.13.0, least of 40
runs): 91 ms from a file each, 80 ms from this one. Only public parts of importlib are used (``sys.meta_path``).

``devkit/packaging/own_modules.py`` writes the file. A checkout has none, and an interpreter whose bytecode is another
one does not use it: modules are then imported as usual.
"""

import marshal
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import ModuleType
from typing import Literal

STORED = Path(__file__).with_name("modules.bin")
SIZE = 8
"""Bytes at the beginning of the file that have the size of the index, which follows; then comes the bytecode."""
BYTE_ORDER: Literal["little"] = "little"

Row = tuple[int, int, str]
"""Where a module's bytecode begins, after the index; its length; and its source's path below that of our packages."""


class StoredModules:
    """A finder and loader (importlib.abc.MetaPathFinder, Loader) of the modules in the file."""

    def __init__(self, descriptor: int, begin: int, root: str, rows: Mapping[str, Row]) -> None:
        """Make one; the ``descriptor`` of the file stays open, in which bytecode begins at ``begin``."""
        self._descriptor = descriptor
        self._begin = begin
        self._root = root
        self._rows = rows

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of one of ours, and None for all others."""
        del path, target
        row = self._rows.get(name)
        if row is None:
            return None
        source = f"{self._root}/{row[2]}"
        spec = ModuleSpec(name, self, origin=source, is_package=source.endswith("/__init__.py"))  # type: ignore[arg-type]
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(source.removesuffix("/__init__.py"))
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Return None: a module is created as usual."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code. Raises what that raises."""
        start, size, path = self._rows[module.__name__]
        module.__file__ = f"{self._root}/{path}"
        exec(marshal.loads(os.pread(self._descriptor, size, self._begin + start)), module.__dict__)  # noqa: S102, S302 - as importlib


def use_stored(file: Path) -> None:
    """Import modules from ``file`` from now on, if it exists and is for this interpreter."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    size = int.from_bytes(os.pread(descriptor, SIZE, 0), BYTE_ORDER)
    try:
        magic, rows = marshal.loads(os.pread(descriptor, size, SIZE))  # noqa: S302 - it is part of the package
    except (EOFError, ValueError, TypeError, OverflowError):
        magic, rows = b"", {}
    if magic != MAGIC_NUMBER:
        os.close(descriptor)
        return
    # Before the finder of the path, which would look for our modules in directories.
    sys.meta_path.insert(0, StoredModules(descriptor, SIZE + size, str(file.parents[2]), rows))
