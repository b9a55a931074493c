"""Which statements of a module run whenever it is imported, and which attempts have no way out. Pure, by syntax trees.

Besides the statements at the top, these run: those in the branch of an ``if`` that this Python takes, in a class, in a
``with`` that catches no exception; and those in a ``try`` if nothing saves the import when they fail. That is so if
each handler of ImportError fails itself: it raises, or it imports what is not there either (``except ImportError:
import urllib3`` without urllib3).
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator

from cnb.frozen import frozen
from python_buildpack.installed.imports.conditions import holds

_CATCHES_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


_TOP = re.compile(r"\n(?=[A-Za-z_@])(?:(?P<begins>(?:if|try|with)\b)|(?P<goes_on>(?:elif|else|except|finally)\b))?")
_NOT_RUN = re.compile(r"if (?:typing\.|t\.)?TYPE_CHECKING:")


@frozen
class World:
    """What decides which statements run."""

    minor: str
    """The minor version of Python."""
    is_lost: Callable[[str, str], bool]
    """Takes a full module and a name in it, or "": whether that is certainly not there on this Python."""


def certain_lines(text: str, world: World) -> frozenset[int]:
    """Return the lines of the imports that run whenever the module is imported; none for what cannot be parsed."""
    tree = parse(text)
    found = certain_statements(tree.body, world) if tree is not None else ()
    return frozenset(node.lineno for node in found if isinstance(node, ast.Import | ast.ImportFrom))


def certain_lines_in_blocks(text: str, world: World) -> frozenset[int]:
    """Return such lines as far as they are in an ``if``, ``try`` or ``with`` that is not inside of anything.

    Only these blocks are parsed, which takes a tenth of the time for a whole module. What looks like one in a docstring
    may count.
    """
    return frozenset(
        line + before
        for before, block in _blocks(text)
        if "import" in block and not _NOT_RUN.match(block)
        for line in certain_lines(block, world)
    )


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield each block with the number of lines before it."""
    whole, begin, line, counted = f"\n{text}", None, 0, 0
    for match in (*_TOP.finditer(whole), None):
        if match is not None and match["goes_on"]:
            continue
        if begin is not None:
            line, counted = line + whole.count("\n", counted, begin), begin
            yield line - 1, whole[begin : match.start() if match is not None else None]
        begin = match.start() + 1 if match is not None and match["begins"] else None


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree, or None."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def certain_statements(
    body: Iterable[ast.stmt], world: World, caught: tuple[str, ...] = _CATCHES_IMPORT_ERRORS
) -> Iterator[ast.stmt]:
    """Yield the statements of a block that run, those inside of other statements too.

    ``caught`` are the names of exceptions: a ``try`` that is ready for one of them is an attempt.
    """
    for node in body:
        yield node
        match node:
            case ast.If(test=test, body=yes, orelse=no):
                answer = holds(test, world.minor)
                yield from certain_statements(yes if answer else no if answer is False else (), world, caught)
            case ast.ClassDef(body=inner):
                yield from certain_statements(inner, world, caught)
            case ast.With(items=items, body=inner) if all(_lets_through(item.context_expr) for item in items):
                yield from certain_statements(inner, world, caught)
            case ast.Try(body=inner, handlers=handlers, finalbody=last):
                if all(_fails(handler.body, world) for handler in handlers if _catches(handler, caught)):
                    yield from certain_statements(inner, world, caught)
                yield from certain_statements(last, world, caught)
            case _:
                pass


def _lets_through(manager: ast.expr) -> bool:
    """Return whether a context manager is known to catch nothing; ``suppress`` and packages' own ones may."""
    match manager:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name == "catch_warnings"
        case _:
            return False


def _catches(handler: ast.ExceptHandler, names: tuple[str, ...]) -> bool:
    """Return whether a handler is for one of the exceptions. One that has no plain name may be."""
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(not isinstance(one, ast.Name) or one.id in names for one in types)


def _fails(body: Iterable[ast.stmt], world: World) -> bool:
    """Return whether a block certainly ends by an exception."""
    return any(_is_failure(node, world) for node in body)


def _is_failure(node: ast.stmt, world: World) -> bool:
    match node:
        case ast.Raise():
            return True
        case ast.Import(names=names):
            return any(world.is_lost(alias.name, "") for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            return world.is_lost(module, "") or any(world.is_lost(module, alias.name) for alias in names)
        case ast.Try(body=inner, handlers=handlers):
            catching = (one for one in handlers if _catches(one, _CATCHES_IMPORT_ERRORS))
            return _fails(inner, world) and all(_fails(one.body, world) for one in catching)
        case _:
            return False
