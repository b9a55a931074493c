"""The compiled modules that imports reach, and the libraries that modules load themselves by ctypes or cffi."""

import ast
import mmap
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.installed.imports.modules import LOADERS, Module
from python_buildpack.installed.imports.reach import Reach
from python_buildpack.installed.imports.reading import is_certain

_ON_LINUX = {"platform": "linux", "system": "Linux", "name": "posix"}
"""The values on Linux of sys.platform, platform.system() and os.name, by the last part of the name."""
_ELSEWHERE = re.compile(r"\.(?:dll|dylib|framework)\b|[/\\:]", re.IGNORECASE)
"""Names of libraries on other systems, and paths."""
_WINDOWS = re.compile(r"-\d+$")
"""The end of a library's name on Windows; on Linux it is a part of few names (``enchant-2``)."""
_SONAME = re.compile(r"(?:lib)?(?P<stem>[^/]+?)(?:\.so(?:\.[\d.]+)?)?")


@frozen
class Load:
    """A library that a module loads when it is imported or used."""

    stems: tuple[str, ...]
    """The names that are tried, without ``lib`` and ``.so``."""
    needed_by: Path


def reached_extensions(reach: Reach, folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of the compiled modules that are reached.

    A package with a module that imports by name, when it runs, may import any of its compiled modules.
    """
    dynamic: set[str] = set()
    for module in reach.modules.values():
        top = module.name.partition(".")[0]
        if module.is_extension:
            yield module.path
        elif top not in dynamic and reach.files.source(module).imports_by_name:
            dynamic.add(top)
    for folder in folders:
        for top in sorted(dynamic):
            yield from (path for path in (folder / top).rglob("*.so") if is_module(path))


def is_module(path: Path) -> bool:
    """Return whether a shared library is an extension module: it has the function by which Python loads it."""
    name = path.name.partition(".")[0]
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(f"PyInit_{name}\0".encode()) >= 0
    except (OSError, ValueError):
        return False


def loads(reach: Reach) -> Iterator[Load]:
    """Yield the libraries that reached modules name in calls of ctypes or cffi, outside of a ``try`` that may go on.

    The names are literals, or those that a loop goes through that raises, or whose module does, if it finds none.
    """
    for module in reach.modules.values():
        if reach.files.source(module).loads and _is_reached_certainly(module, reach):
            yield from _loads_of(module, module.text())


def _is_reached_certainly(module: Module, reach: Reach) -> bool:
    edge = reach.why.get(module.name)
    return edge is None or is_certain(edge.importer.text(), edge.statement.line)


def _loads_of(module: Module, text: str) -> Iterator[Load]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    tried = _tried(tree, is_demanded="raise ImportError" in text)
    for call in _calls(tree):
        names = (text for argument in call.args for text in _texts(argument) if not _WINDOWS.search(text))
        of_loop = (
            text for argument in call.args if isinstance(argument, ast.Name) for text in tried.get(argument.id, ())
        )
        stems = tuple(dict.fromkeys(_stems((*names, *of_loop))))
        if stems:
            yield Load(stems, module.path)


def _tried(tree: ast.AST, *, is_demanded: bool) -> dict[str, tuple[str, ...]]:
    """Return the texts that loops go through, by the name that the loop binds: ``for name in ("a-2", "a")``.

    A loop counts if its module demands a library (``is_demanded``), or if it raises when it found none (``else``).
    """
    bound: dict[str, tuple[str, ...]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                # A name with two values may be that of two loops.
                bound[name] = () if name in bound else tuple(_texts(value))
            case ast.For(target=ast.Name(id=name), iter=values, orelse=otherwise) if is_demanded or _raises(otherwise):
                texts = bound.get(values.id, ()) if isinstance(values, ast.Name) else tuple(_texts(values))
                found[name] = (*found.get(name, ()), *texts)
            case _:
                pass
    return found


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that load libraries on Linux, except those that may find nothing or not run (``_running``).

    Those with an option (``allow_fail=True``) may find nothing, too.
    """
    if isinstance(tree, ast.If | ast.IfExp | ast.Try):
        for statement in _running(tree):
            yield from _calls(statement)
        return
    if isinstance(tree, ast.Call) and not tree.keywords:
        name = tree.func.attr if isinstance(tree.func, ast.Attribute) else getattr(tree.func, "id", "")
        if name.endswith(LOADERS):
            yield tree
    for node in ast.iter_child_nodes(tree):
        yield from _calls(node)


def _running(tree: ast.If | ast.IfExp | ast.Try) -> list[ast.stmt]:
    """Return the statements that certainly run and succeed, or the import fails.

    That is none in an ``if`` about anything else than the system, or in a ``try`` with a handler that lets it go on.
    """
    match tree:
        case ast.If(test=test, body=body, orelse=otherwise):
            is_linux = _is_linux(test)
            return body if is_linux else otherwise if is_linux is False else []
        case ast.Try(body=body, handlers=handlers) if all(_raises(handler.body) for handler in handlers):
            return body
        case _:
            return []


def _raises(body: Iterable[ast.stmt]) -> bool:
    """Return whether a block ends by an exception on Linux, whatever happens."""
    for statement in body:
        if isinstance(statement, ast.Raise):
            return True
        if isinstance(statement, ast.If) and _raises(_running(statement)):
            return True
    return False


def _is_linux(test: ast.expr) -> bool | None:
    """Return whether a condition about the system holds on Linux; None for one about something else."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as operator], comparators=[right]):
            asked, value = (right, left) if isinstance(left, ast.Constant) else (left, right)
            name = ast.unparse(asked).partition("(")[0].rpartition(".")[2]
            if name in _ON_LINUX and isinstance(value, ast.Constant):
                return (value.value == _ON_LINUX[name]) == isinstance(operator, ast.Eq)
        case ast.Call(func=ast.Attribute(attr="startswith", value=left), args=[ast.Constant(value=str(value))]):
            if ast.unparse(left).endswith("platform"):
                return "linux".startswith(value)
        case _:
            pass
    return None


def _texts(value: ast.expr) -> Iterator[str]:
    """Yield the text that is a literal, or those in a list or tuple of literals."""
    for item in value.elts if isinstance(value, ast.Tuple | ast.List) else [value]:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value


def _stems(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not _ELSEWHERE.search(name) and (match := _SONAME.fullmatch(name)):
            yield match["stem"]
