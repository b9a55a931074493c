"""The rooms of the buildpack: which packages there are, in which order they may import each other, and who does."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from devkit.paths import CHECKOUT

PACKAGE = "python_buildpack"
SOURCES = CHECKOUT / "src"

ROOMS: Mapping[str, tuple[str, ...]] = {
    "entry": ("__main__", "entry", "explain_command", "mirror_command", "wiring"),
    "build": ("build", "build_layers", "detect", "explain"),
    "telemetry": (),
    "platform": (),
    "app_code": (),
    "layers": (),
    "audit": (),
    "sbom": (),
    "decide": (),
    "package_managers": (),
    "tools": (),
    "interpreters": (),
    "installed": (),
    "app": (),
    "ports": (),
    "secrets": (),
    "settings": (),
    "support": (),
    "cnb": (),
}
"""From top to bottom: a room imports those below it only. With the modules of those that are no packages."""


@dataclass(frozen=True, slots=True)
class Import:
    """One module of ours imports another one."""

    importer: str
    imported: str


def modules(root: Path = SOURCES) -> dict[str, Path]:
    """Return every module below ``root``, by its dotted name."""
    return {_dotted(path, root): path for path in sorted(root.rglob("*.py"))}


def imports_of(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Yield the dotted names that a module imports, those inside functions too. ``known`` are the modules there are."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level or node.module is None:
                raise ValueError(f"{module} imports relatively")
            for alias in node.names:
                # A module taken from its package is that module; the package's own __init__ runs in any case.
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in known else node.module


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of the syntax tree of a module: several tests and pages look for something in all of ours."""
    return tuple(ast.walk(parsed(path)))


def room_of(module: str) -> str:
    """Return the room of a module of ``src``; of the package itself, the lowest. Raises KeyError for no such room."""
    first, _, rest = module.partition(".")
    if first == "cnb" or not rest:
        return "cnb"
    name = rest.partition(".")[0]
    if name in ROOMS and not ROOMS[name]:
        return name
    return {one: room for room, several in ROOMS.items() for one in several}[name]


@cache
def imports_between_rooms(root: Path = SOURCES) -> dict[tuple[str, str], list[Import]]:
    """Return the imports from each room to each other one."""
    known = modules(root)
    found: dict[tuple[str, str], list[Import]] = {}
    for module, path in known.items():
        for imported in imports_of(module, path, known):
            if (
                imported in known
                and imported != PACKAGE
                and (pair := (room_of(module), room_of(imported)))[0] != pair[1]
            ):
                found.setdefault(pair, []).append(Import(module, imported))
    return found


def meaning_of(room: str) -> str:
    """Return what a room is for, as its code says: the first line of its package, or of its first module."""
    path = SOURCES / "cnb" if room == "cnb" else SOURCES / PACKAGE / room
    module = path / "__init__.py" if path.is_dir() else SOURCES / PACKAGE / f"{ROOMS[room][0]}.py"
    if room == "entry":
        module = SOURCES / PACKAGE / "entry.py"
    return (ast.get_docstring(parsed(module)) or "").partition("\n")[0].replace("``", "`")


def picture() -> str:
    """Return the rooms and the directions of imports between them as a Mermaid flowchart.

    What a room imports by way of another one that it imports has no arrow of its own.
    """
    arrows = imports_between_rooms()
    below: dict[str, set[str]] = {room: {there for here, there in arrows if here == room} for room in ROOMS}
    reached: dict[str, set[str]] = {}
    for room in reversed(list(ROOMS)):
        reached[room] = below[room].union(*(reached[there] for there in below[room]))
    lines = ["```mermaid", "flowchart TD"]
    lines += [f"    {room}" for room in ROOMS]
    for room in ROOMS:
        direct = [there for there in ROOMS if there in below[room]]
        shown = [there for there in direct if not any(there in reached[other] for other in direct)]
        lines += [f"    {room} --> {there}" for there in shown]
    return "\n".join([*lines, "```"]) + "\n"


def _dotted(path: Path, root: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
