"""Finds the files of modules in the directories that Python looks in, as its import system does."""

import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.installed.imports.reading import Import, read_imports
from python_buildpack.support.small_files import opened

LARGEST = 4 << 20
"""Bytes of a module that are read: larger ones are tables of data."""
_ABI = ".so"


@frozen
class Module:
    """A module that was found."""

    name: str
    path: Path
    """Its file; the directory of a namespace package."""
    is_package: bool
    content: str | None = None
    """Its source text, if it was read already."""

    @property
    def is_extension(self) -> bool:
        """Whether it is compiled."""
        return self.path.name.endswith(_ABI)

    def text(self) -> str:
        """Return its source text; empty for what has none or cannot be read."""
        if self.content is not None:
            return self.content
        if self.path.suffix != ".py":
            return ""
        try:
            with opened(self.path) as file:
                return file.read(LARGEST).decode("utf-8", "replace")
        except OSError:
            return ""


_BY_NAME = ("importlib", "__import__")
LOADERS = ("find_library", "CDLL", "LoadLibrary", "dlopen")
"""The ends of the names of functions that load shared libraries."""


@frozen
class Source:
    """What the text of a module shows."""

    imports: tuple[Import, ...]
    imports_by_name: bool
    """Whether it may import modules whose names are made when it runs."""
    loads: bool
    """Whether it may load shared libraries by ctypes or cffi."""


class ModuleFiles:
    """The modules in some directories of ``sys.path``."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._listed: dict[Path, frozenset[str]] = {}
        self._found: dict[str, Module | None] = {}
        self._sources: dict[Path, Source] = {}

    def find(self, name: str) -> Module | None:
        """Return the module of this full name; None if there is none."""
        if name not in self._found:
            parent, _, last = name.rpartition(".")
            self._found[name] = self._look(name, last, self._folders_of(parent))
        return self._found[name]

    def source(self, module: Module) -> Source:
        """Return what the text of a module shows; it is read once."""
        if module.path not in self._sources:
            text = module.text()
            self._sources[module.path] = Source(
                tuple(read_imports(text)),
                imports_by_name=any(word in text for word in _BY_NAME),
                loads=any(word in text for word in LOADERS),
            )
        return self._sources[module.path]

    def _folders_of(self, package: str) -> tuple[Path, ...]:
        """Return the directories with the modules of a package; for ``""`` those of modules at the top."""
        if not package:
            return self.folders
        found = self.find(package)
        if found is None or not found.is_package:
            return ()
        if found.path.is_dir():
            path = package.replace(".", "/")
            return tuple(folder / path for folder in self.folders if (folder / path).is_dir())
        return (found.path.parent,)

    def _look(self, name: str, last: str, folders: tuple[Path, ...]) -> Module | None:
        namespace: Path | None = None
        for folder in folders:
            names = self._names(folder)
            if last in names:
                inner = self._names(folder / last)
                if "__init__.py" in inner:
                    return Module(name, folder / last / "__init__.py", is_package=True)
                namespace = namespace or (folder / last if inner else None)
            # Few modules are compiled, and to look for one goes through all names.
            source = f"{last}.py"
            file = source if source in names else next((file for file in _compiled(last, names) if file in names), None)
            if file is not None:
                return Module(name, folder / file, is_package=False)
        return Module(name, namespace, is_package=True) if namespace is not None else None

    def _names(self, folder: Path) -> frozenset[str]:
        if folder not in self._listed:
            try:
                self._listed[folder] = frozenset(os.listdir(folder))  # noqa: PTH208 - names alone, of thousands of folders
            except OSError:
                self._listed[folder] = frozenset()
        return self._listed[folder]


def _compiled(name: str, names: frozenset[str]) -> tuple[str, ...]:
    """Return the file names of an extension module. The tags of the app's Python differ from those of this one."""
    start = f"{name}.cpython-"
    tagged = tuple(file for file in names if file.startswith(start) and file.endswith(_ABI))
    return (*tagged, *(f"{name}{suffix}" for suffix in EXTENSION_SUFFIXES if "cpython" not in suffix))
