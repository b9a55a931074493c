"""Separates what a build backend generated for run time from what it left behind: the rule of the source guard. Pure.

Backends write three kinds of files into the source of a project:

- what its code needs: ``_version.py``, code made from an interface definition, extension modules that an editable
  installation compiles beside the sources, data in the package;
- by-products of known names: ``build/``, ``*.egg-info``, bytecode, C code that Cython made;
- anything else.

The first kind is recognised by its place: an import system could find it. It is in a package, or it is a module in a
directory that was there before.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import SOURCE_SUFFIXES
from pathlib import PurePosixPath

_BY_PRODUCTS = frozenset({"build", "dist", "target", "Cargo.lock", "_skbuild", "CMakeFiles"})
"""Names of what backends and tools write for their own use; it is removed without a warning."""
_BY_PRODUCT_SUFFIXES = (".egg-info", ".dist-info")
_NEVER = frozenset({"__pycache__", "node_modules"})
"""Names that are not the app's own source in a package either."""
_INTERMEDIATE = (".c", ".cc", ".cpp", ".cxx", ".h", ".o", ".obj", ".a", ".d", ".pyc")
"""Suffixes of what compilers and translators to C write beside a module's source, and nothing reads at run time."""
_MODULES = (*SOURCE_SUFFIXES, ".pyi", ".so")


def generated(new: Iterable[str], before: frozenset[str]) -> frozenset[str]:
    """Return those of the new files that the app's code may need at run time.

    ``before`` has all paths that there were before the backend ran. Paths are relative to the app's directory, with
    slashes, and without a slash at the end.
    """
    files = frozenset(new)
    modules = frozenset(_parent(path) for path in before if path.endswith(_MODULES))
    everything = before | files

    def is_package(folder: str) -> bool:
        return f"{folder}/__init__.py" in everything

    return frozenset(path for path in files if _is_generated(path, before, modules, is_package))


def _is_generated(
    path: str, before: frozenset[str], modules: frozenset[str], is_package: Callable[[str], bool]
) -> bool:
    if any(part in _NEVER for part in PurePosixPath(path).parts) or path.endswith(_INTERMEDIATE):
        return False
    folder = _parent(path)
    outermost = next((above for above in _folders(folder) if is_package(above)), None)
    if outermost is not None:
        return not is_by_product(outermost) and _existed(_parent(outermost), before)
    if is_by_product(path) or not _existed(folder, before):
        return False
    return path.endswith(_MODULES) or (folder != "" and folder in modules)


def is_by_product(path: str) -> bool:
    """Say whether a path has the name of something that backends and tools write for their own use, or is in it."""
    return any(_names_by_product(part) for part in PurePosixPath(path).parts)


def _names_by_product(name: str) -> bool:
    known = name in _BY_PRODUCTS or name in _NEVER or name.startswith(".")
    return known or name.endswith((*_BY_PRODUCT_SUFFIXES, *_INTERMEDIATE))


def _folders(folder: str) -> Iterator[str]:
    """Yield the directory and those above it, the outermost first, without the app's own directory."""
    parts = PurePosixPath(folder).parts
    yield from ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _existed(folder: str, before: frozenset[str]) -> bool:
    return folder == "" or folder in before


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
