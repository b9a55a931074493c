"""What importing some modules reaches: the modules that they import, and so on. Reads files; runs nothing."""

from collections import deque
from collections.abc import Iterable, Iterator

from cnb.frozen import frozen
from python_buildpack.installed.imports.certain import World, certain_lines_in_blocks
from python_buildpack.installed.imports.modules import Module, ModuleFiles
from python_buildpack.installed.imports.reading import Import

MOST = 20_000
"""Modules that are looked at."""


@frozen
class Edge:
    """An import statement of a module, with the full name of what it imports from."""

    importer: Module
    statement: Import
    target: str


class Reach:
    """The modules that are reached from some names (``roots``), and from modules that are known (``starts``).

    ``certainly`` follows only statements that run whenever their module is imported: those that are not in a function
    or another block; and with ``world``, which says which Python it is, those in blocks that run.
    """

    def __init__(
        self,
        files: ModuleFiles,
        roots: Iterable[str],
        starts: Iterable[Module] = (),
        *,
        certainly: bool,
        world: World | None = None,
    ) -> None:
        self.files = files
        self.certainly = certainly
        self.world = world
        self._certain: dict[str, frozenset[int]] = {}
        self.modules: dict[str, Module] = {}
        """What is reached, by full name."""
        self.why: dict[str, Edge] = {}
        """The statement by which each module was reached first; none for a root."""
        self.unresolved: list[Edge] = []
        """Statements whose module is in none of the directories: of the standard library, or missing."""
        self.starts = tuple(starts)
        self._todo: deque[Module] = deque(self.starts)
        for root in roots:
            self._visit(root, None)
        while self._todo and len(self.modules) < MOST:
            self._follow(self._todo.popleft())

    def _follow(self, module: Module) -> None:
        for statement in self.files.source(module).imports:
            if statement.is_top or not self.certainly or self._runs(module, statement):
                edge = Edge(module, statement, absolute(module, statement))
                if not self._visit(edge.target, edge):
                    self.unresolved.append(edge)
                    continue
                for name in statement.names:
                    self._visit(f"{edge.target}.{name}", edge)

    def _runs(self, module: Module, statement: Import) -> bool:
        """Return whether a statement in a block runs; only such blocks are parsed."""
        if self.world is None or not statement.is_in_block:
            return False
        if module.name not in self._certain:
            self._certain[module.name] = certain_lines_in_blocks(module.text(), self.world)
        return statement.line in self._certain[module.name]

    def _visit(self, name: str, edge: Edge | None) -> bool:
        """Note a module and the packages that contain it; return whether all are there."""
        # A module is noted after the packages that contain it, so most names need one look.
        known = name in self.modules or name.rpartition(".")[0] in self.modules
        for each in (name,) if known else _with_parents(name):
            if each in self.modules:
                continue
            found = self.files.find(each)
            if found is None:
                return False
            self.modules[each] = found
            if edge is not None:
                self.why[each] = edge
            self._todo.append(found)
        return True


def absolute(module: Module, statement: Import) -> str:
    """Return the full name of the module that a statement imports from."""
    if not statement.level:
        return statement.module
    parts = module.name.split(".")
    keep = len(parts) - statement.level + (1 if module.is_package else 0)
    return ".".join([*parts[: max(keep, 0)], *([statement.module] if statement.module else [])])


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])
