"""Where a source file stands: the directory that must be on ``sys.path``, and the module's name seen from there."""

import ast
from collections.abc import Iterator, Set
from dataclasses import dataclass


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


def place(path: str, tree: ast.Module, paths: Set[str]) -> Place | None:
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
    best = min(usable, key=lambda cut: _order(cut, names, is_package, tree, paths))
    return Place("/".join(names[:best]), ".".join(names[best:]), is_package)


def _order(cut: int, names: list[str], is_package: bool, tree: ast.Module, paths: Set[str]) -> tuple[int, int, int]:
    """Order the possible roots: no package torn apart without reason, most imports found, then the app directory."""
    root = "".join(f"{name}/" for name in names[:cut])
    found = sum(f"{root}{top}.py" in paths or f"{root}{top}" in paths for top in _imported_tops(tree))
    torn = cut > 0 and f"{root}__init__.py" in paths
    relative = torn and any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))
    is_src = names[0] == "src" and len(names) > 1 and cut == 1 and "src/__init__.py" not in paths
    return (2 if relative else 0, -found, -1 if is_src else cut + int(torn))


def _imported_tops(tree: ast.Module) -> Iterator[str]:
    """Yield the first parts of all absolute imports, each once."""
    seen: set[str] = set()
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            modules = [node.module]
        for module in modules:
            top = module.partition(".")[0]
            if top not in seen:
                seen.add(top)
                yield top
