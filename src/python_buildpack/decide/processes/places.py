"""Finds the import root of a source file: the directory that must be on ``sys.path``, and the module's name there."""

import posixpath
import re
import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from cnb.frozen import frozen
from python_buildpack.app.syntax import Nodes
from python_buildpack.package_managers.own_projects import OwnProjects


@frozen
class Place:
    """A module's import name, and the directory ("" for the app directory) from which it is importable."""

    root: str
    module: str
    is_package: bool = False
    """Whether the file is the ``__init__.py`` of the module."""
    is_source: bool = False
    """Whether the directory only has to be on ``sys.path``, as ``src`` and the folder of an installed project.

    Any other root is where its program starts, too.
    """

    @property
    def depth(self) -> int:
        """The number of folders above the file, without one that only contains packages."""
        folders = [part for part in self.root.split("/") if part]
        return len(folders) + self.module.count(".") - int(self.is_source and bool(folders))

    def absolute(self, module: str, level: int) -> str:
        """Return the full name of the module in ``from <level dots><module> import …`` in this file."""
        if not level:
            return module
        parts = self.module.split(".")
        keep = len(parts) - level + (1 if self.is_package else 0)
        return ".".join([*parts[: max(keep, 0)], *([module] if module else [])])


def places(files: Mapping[str, Nodes], paths: AbstractSet[str], own: OwnProjects) -> dict[str, Place]:
    """Return for each file its place: the directory that it expects on ``sys.path``, by packages and by imports.

    ``paths`` are all files and directories of the app. Files whose names no server takes are left out. Once a project
    of a folder is installed, its modules have the names that its build backend gives them, whatever folders are above.
    Otherwise a file's own imports are the best evidence. If they show nothing (a factory in
    ``backend/app/__init__.py`` that imports only Flask), the imports of other files count: ``backend/wsgi.py`` imports
    it as ``app``. The directory of a manage.py is a root too.
    """
    first = {path: _place(path, nodes, paths, frozenset(), own) for path, nodes in files.items()}
    named = frozenset(item for path, nodes in files.items() for item in _named(first[path], path, nodes, paths))
    found = {path: _place(path, nodes, paths, named, own) for path, nodes in files.items()}
    return {path: place for path, place in found.items() if place is not None}


def _place(path: str, nodes: Nodes, paths: AbstractSet[str], named: AbstractSet[str], own: OwnProjects) -> Place | None:
    parts = path.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    names = parts[:-1] if is_package else parts
    # Folders with names such as "my-app" can only be roots, never packages.
    usable = [
        cut
        for cut in range(len(names))
        if all(name.isidentifier() for name in names[cut:]) and not _is_hidden(names, cut, paths)
    ]
    if not usable and _can_be_named(names[-1:]):
        # "import my-app" is no Python, but servers import by name, and take it.
        usable = [len(names) - 1]
    if not usable:
        return None
    modules = _foreign_modules(path, nodes)
    is_relative = any(node.level for node in nodes.from_imports)
    roots = _Roots.of(path, own)

    def order(cut: int) -> tuple[int, int, int, int, int]:
        torn, found, distance = _order(names[:cut], modules, paths, roots, is_relative=is_relative)
        is_named = "/".join(names[: cut + 1]) in named or "/".join([*names[:cut], "manage.py"]) in paths
        return torn, int("/".join(names[:cut]) not in roots.installed), found, int(not is_named), distance

    best = min(usable, key=order)
    root = "/".join(names[:best])
    is_source = root in (*roots.sources, *roots.installed) or names[best - 1 : best] == ["src"]
    return Place(root, ".".join(names[best:]), is_package, is_source)


@frozen
class _Roots:
    """What is known of the project that a file belongs to."""

    depth: int = 0
    """How many folders are above the project."""
    sources: tuple[str, ...] = ("src",)
    """Its directories that only contain packages."""
    installed: tuple[str, ...] = ()
    """All its roots, if it is a project of a folder that is installed: its modules have names from there."""

    @classmethod
    def of(cls, path: str, own: OwnProjects) -> "_Roots":
        project = own.of(path)
        if project is None:
            return cls()
        inside = tuple(root for root in project.roots if path.startswith(f"{root}/" if root else ""))
        sources = tuple(root for root in project.roots if root != project.directory)
        is_installed = bool(project.directory) and project.is_built
        depth = project.directory.count("/") + 1 if project.directory else 0
        return cls(depth, sources or (posixpath.join(project.directory, "src"),), inside[:1] if is_installed else ())


def _is_hidden(names: list[str], cut: int, paths: AbstractSet[str]) -> bool:
    """Say whether a folder is no package because Python's own module of this name is found instead.

    A folder without ``__init__.py`` is a package only if no module is called like it anywhere (PEP 420).
    """
    is_folder = cut < len(names) - 1
    return (
        is_folder and names[cut] in sys.stdlib_module_names and f"{'/'.join(names[: cut + 1])}/__init__.py" not in paths
    )


def _can_be_named(names: list[str]) -> bool:
    """Say whether a server can be given a module of this name, although no import statement can."""
    return all(re.fullmatch(r"\w[\w-]*", name) for name in names) and bool(names)


def _order(
    folders: list[str], modules: set[str], paths: AbstractSet[str], roots: _Roots, *, is_relative: bool
) -> tuple[int, int, int]:
    """Return the sort key of a possible root: no package is split, most imports are found, it is the project's."""
    root = "".join(f"{name}/" for name in folders)
    found = sum(_is_at(f"{root}{module.replace('.', '/')}", paths) for module in modules)
    is_inside_package = bool(folders) and f"{root}__init__.py" in paths
    is_source = "/".join(folders) in roots.sources and not is_inside_package
    distance = abs(len(folders) - roots.depth) + int(is_inside_package)
    return (int(is_relative and is_inside_package), -found, -1 if is_source else distance)


def _named(place: Place | None, path: str, nodes: Nodes, paths: AbstractSet[str]) -> Iterator[str]:
    """Yield the modules and packages in its root that a file imports, as paths without suffix."""
    root = f"{place.root}/" if place and place.root else ""
    for module in _foreign_modules(path, nodes) if place else ():
        top = f"{root}{module.partition('.')[0]}"
        if _is_at(top, paths):
            yield top


def _is_at(module: str, paths: AbstractSet[str]) -> bool:
    return f"{module}.py" in paths or module in paths


def _foreign_modules(path: str, nodes: Nodes) -> set[str]:
    """Return the modules that a file imports, without its own name: celery.py imports the distribution celery."""
    own = path.removesuffix(".py").rpartition("/")[2]
    return {module for module in imported_modules(nodes) if module.partition(".")[0] != own}


def imported_modules(nodes: Nodes) -> set[str]:
    """Return the names in all absolute imports that are certainly modules."""
    modules = [alias.name for node in nodes.imports for alias in node.names]
    modules += [node.module for node in nodes.from_imports if node.module and not node.level]
    return set(modules)
