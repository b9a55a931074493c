"""Where a source file stands: the directory that must be on ``sys.path``, and the module's name seen from there."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from python_buildpack.processes.syntax import Nodes


@dataclass(frozen=True, slots=True)
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


def place(path: str, nodes: Nodes, paths: AbstractSet[str]) -> Place | None:
    """Find the directory that the file expects on ``sys.path``, from the packages around it and from its own imports.

    ``paths`` are all files and directories of the app. None for files whose name is no module name.
    """
    parts = path.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    names = parts[:-1] if is_package else parts
    # Folders with names such as "my-app" can only be roots, never packages.
    usable = [cut for cut in range(len(names)) if all(name.isidentifier() for name in names[cut:])]
    if not usable:
        return None
    # A file that is called like a foreign module (celery.py) does not mean itself when it imports that.
    tops = imported_tops(nodes) - {"__init__" if is_package else names[-1]}
    is_relative = any(node.level for node in nodes.from_imports)
    best = min(usable, key=lambda cut: _order(names[:cut], tops, paths, is_relative=is_relative))
    return Place("/".join(names[:best]), ".".join(names[best:]), is_package)


def _order(folders: list[str], tops: set[str], paths: AbstractSet[str], *, is_relative: bool) -> tuple[int, int, int]:
    """Order the possible roots: no package torn apart without reason, most imports found, then the app directory."""
    root = "".join(f"{name}/" for name in folders)
    found = sum(f"{root}{top}.py" in paths or f"{root}{top}" in paths for top in tops)
    is_inside_package = bool(folders) and f"{root}__init__.py" in paths
    is_src = folders == ["src"] and not is_inside_package
    return (int(is_relative and is_inside_package), -found, -1 if is_src else len(folders) + int(is_inside_package))


def imported_tops(nodes: Nodes) -> set[str]:
    """Return the first parts of all absolute imports."""
    modules = [alias.name for node in nodes.imports for alias in node.names]
    modules += [node.module for node in nodes.from_imports if node.module and not node.level]
    return {module.partition(".")[0] for module in modules}
