"""The modules at the top of an environment: what the first part of an ``import`` may name. Reads directories only."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

DEPTH = 5
"""Levels of namespace packages (PEP 420): ``google.cloud.storage`` is on the third."""
MOST = 500
"""Entries of one namespace that are listed."""
_MAPPING = re.compile(r"^MAPPING\b[^=\n]*= *(\{.*)$", re.MULTILINE)
_MAPPED = re.compile(r"'([\w.]+)': *'")
_SOURCES = (".py", ".pyc", ".so")


def top_level_modules(site: Path) -> frozenset[str]:
    """Return the modules of a site-packages directory, and of the directories that its ``.pth`` files add.

    Of a namespace package the modules in it are named, because distributions share it: ``google.protobuf``.
    """
    found = (name for folder in (site, *_added(site)) for name in _modules(folder, "", DEPTH))
    return frozenset((*found, *_mapped(site)))


def is_importable(name: str, modules: frozenset[str]) -> bool:
    """Return whether a module of this full name, or the package that it is in, is among ``modules``.

    A part of a namespace package is there if anything is in it.
    """
    parts = name.split(".")
    if any(".".join(parts[:length]) in modules for length in range(1, len(parts) + 1)):
        return True
    return any(module.startswith(f"{name}.") for module in modules)


def is_namespace(name: str, modules: frozenset[str]) -> bool:
    """Return whether a full name is that of a namespace package alone, which has modules and no names of its own."""
    parts = name.split(".")
    is_inside = any(".".join(parts[:length]) in modules for length in range(1, len(parts) + 1))
    return not is_inside and any(module.startswith(f"{name}.") for module in modules)


def _modules(folder: Path, parent: str, depth: int) -> Iterator[str]:
    entries = _entries(folder)
    if parent and (len(entries) > MOST or not depth):
        yield parent.removesuffix(".")
        return
    if parent and any(entry.name.startswith("__init__.") and entry.name.endswith(_SOURCES) for entry in entries):
        # A package that is compiled as a whole.
        yield parent.removesuffix(".")
        return
    for entry in entries:
        name = entry.name.partition(".")[0]
        if not name.isidentifier():
            continue
        if entry.name.endswith(_SOURCES):
            yield f"{parent}{name}"
        elif entry.name == name:
            yield from _package(entry, f"{parent}{name}", depth)


def _package(entry: os.DirEntry[str], name: str, depth: int) -> Iterator[str]:
    folder = Path(entry.path)
    # A link may lead into the layer of a heavy distribution that is reused by reference.
    is_elsewhere = entry.is_symlink() and not folder.exists()
    if is_elsewhere or any((folder / f"__init__{suffix}").exists() for suffix in _SOURCES[:2]):
        yield name
    elif entry.is_dir():
        yield from _modules(folder, f"{name}.", depth - 1)


def _mapped(site: Path) -> Iterator[str]:
    """Yield the modules that setuptools' finders of editable installations know (PEP 660)."""
    for file in sorted(site.glob("__editable___*_finder.py")):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for line in _MAPPING.findall(text):
            yield from _MAPPED.findall(line)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.name != "__pycache__"]
    except OSError:
        return []


def _added(site: Path) -> Iterator[Path]:
    for file in sorted(site.glob("*.pth")):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        yield from (site / line.strip() for line in lines if line.strip() and not line.startswith(("#", "import")))
