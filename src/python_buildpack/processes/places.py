"""Where a source file stands: the directory that must be on ``sys.path``, and the module's name seen from there."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from cnb.records import record
from python_buildpack.processes.syntax import Nodes


@record
class Place:
    """A module's import name, and the directory ("" for the app directory) from which it is importable."""

    root: str
    module: str
    is_package: bool = False
    """Whether the file is the ``__init__.py`` of the module."""

    @property
    def depth(self) -> int:
        """How far down the file stands; ``src`` is no level, for it is there only to hold the package."""
        folders = [part for part in self.root.split("/") if part and part != "src"]
        return len(folders) + self.module.count(".")

    def absolute(self, module: str, level: int) -> str:
        """Return the full name of what ``from <level dots><module> import …`` means here."""
        if not level:
            return module
        parts = self.module.split(".")
        keep = len(parts) - level + (1 if self.is_package else 0)
        return ".".join([*parts[: max(keep, 0)], *([module] if module else [])])


def places(files: Mapping[str, Nodes], paths: AbstractSet[str]) -> dict[str, Place]:
    """Find for each file the directory that it expects on ``sys.path``: from the packages around it and from imports.

    ``paths`` are all files and directories of the app. Files whose name is no module name are left out. A file's own
    imports say most; where they say nothing (a factory in ``backend/app/__init__.py`` that imports Flask alone), those
    of others do: ``backend/wsgi.py`` imports it as ``app``.
    """
    first = {path: _place(path, nodes, paths, frozenset()) for path, nodes in files.items()}
    named = frozenset(item for path, nodes in files.items() for item in _named(first[path], path, nodes, paths))
    found = {path: _place(path, nodes, paths, named) for path, nodes in files.items()}
    return {path: place for path, place in found.items() if place is not None}


def _place(path: str, nodes: Nodes, paths: AbstractSet[str], named: AbstractSet[str]) -> Place | None:
    parts = path.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    names = parts[:-1] if is_package else parts
    # Folders with names such as "my-app" can only be roots, never packages.
    usable = [cut for cut in range(len(names)) if all(name.isidentifier() for name in names[cut:])]
    if not usable:
        return None
    tops = _foreign_tops(path, nodes)
    is_relative = any(node.level for node in nodes.from_imports)

    def order(cut: int) -> tuple[int, int, int, int]:
        torn, found, distance = _order(names[:cut], tops, paths, is_relative=is_relative)
        return torn, found, int("/".join(names[: cut + 1]) not in named), distance

    best = min(usable, key=order)
    return Place("/".join(names[:best]), ".".join(names[best:]), is_package)


def _order(folders: list[str], tops: set[str], paths: AbstractSet[str], *, is_relative: bool) -> tuple[int, int, int]:
    """Order the possible roots: no package torn apart without reason, most imports found, then the app directory."""
    root = "".join(f"{name}/" for name in folders)
    found = sum(f"{root}{top}.py" in paths or f"{root}{top}" in paths for top in tops)
    is_inside_package = bool(folders) and f"{root}__init__.py" in paths
    is_src = folders == ["src"] and not is_inside_package
    return (int(is_relative and is_inside_package), -found, -1 if is_src else len(folders) + int(is_inside_package))


def _named(place: Place | None, path: str, nodes: Nodes, paths: AbstractSet[str]) -> Iterator[str]:
    """Yield the modules and packages that a file finds in its root, as paths without suffix."""
    root = f"{place.root}/" if place and place.root else ""
    for top in _foreign_tops(path, nodes) if place else ():
        if f"{root}{top}.py" in paths or f"{root}{top}" in paths:
            yield f"{root}{top}"


def _foreign_tops(path: str, nodes: Nodes) -> set[str]:
    """Return what a file imports; one that is called like a foreign module (celery.py) does not mean itself."""
    return imported_tops(nodes) - {path.removesuffix(".py").rpartition("/")[2]}


def imported_tops(nodes: Nodes) -> set[str]:
    """Return the first parts of all absolute imports."""
    modules = [alias.name for node in nodes.imports for alias in node.names]
    modules += [node.module for node in nodes.from_imports if node.module and not node.level]
    return {module.partition(".")[0] for module in modules}
