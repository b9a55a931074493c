"""Helpers for Python's syntax tree that are independent of frameworks."""

import ast
import warnings
from collections import deque
from collections.abc import Iterator

from cnb.frozen import field, frozen

MAX_NODES = 200_000
"""A source of 256 KB has fewer nodes, unless it contains large literals of data, which do not matter here."""


@frozen
class Unparsed:
    """Why a source text could not be parsed."""

    reason: str
    column: int | None = None
    """Where in the line that the reason names, from 1 on."""


def parse(text: str) -> ast.Module | Unparsed:
    """Return the tree of a source text, or the reason why this Python cannot parse it."""
    try:
        with warnings.catch_warnings():
            # Python warns of invalid escapes such as "\\d", which do not matter here.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return Unparsed(f"{f'line {error.lineno}: ' if error.lineno else ''}{error.msg}", error.offset)
    except (ValueError, RecursionError, MemoryError) as error:
        return Unparsed(str(error) or "it is nested too deeply")


@frozen
class Nodes:
    """The relevant nodes of a file by kind, from one walk over its tree."""

    tree: ast.Module
    imports: list[ast.Import] = field(default_factory=list)
    from_imports: list[ast.ImportFrom] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    assignments: list[ast.Assign] = field(default_factory=list)
    stores: set[str] = field(default_factory=set)
    """All names, and last parts of attributes, that are assigned to."""
    strings: set[str] = field(default_factory=set)
    decorators: list[ast.expr] = field(default_factory=list)


def sort_nodes(tree: ast.Module) -> Nodes:
    """Return the relevant nodes of a tree, of which at most MAX_NODES nodes are visited."""
    nodes = Nodes(tree)
    todo: deque[ast.AST] = deque([tree])
    for _ in range(MAX_NODES):
        if not todo:
            break
        node = todo.popleft()
        _sort(node, nodes)
        # Twice as fast as ast.walk. This loop takes most of the time of detection.
        for name in node._fields:
            value = getattr(node, name, None)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, _LEAVES):
                    _sort_leaf(child, nodes)
                elif isinstance(child, ast.AST):
                    todo.append(child)
    return nodes


_LEAVES = (ast.Name, ast.Constant, ast.expr_context)
"""Nodes without children that matter: more than half of all nodes."""


def _sort_leaf(node: ast.AST, nodes: Nodes) -> None:
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Store):
            nodes.stores.add(node.id)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        nodes.strings.add(node.value)


def _sort(node: ast.AST, nodes: Nodes) -> None:
    match node:
        case ast.Attribute(attr=name, ctx=ast.Store()):
            nodes.stores.add(name)
        case ast.Call():
            nodes.calls.append(node)
        case ast.Import():
            nodes.imports.append(node)
        case ast.ImportFrom():
            nodes.from_imports.append(node)
        case ast.Assign():
            nodes.assignments.append(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            nodes.decorators.extend(node.decorator_list)
        case _:
            pass


def dotted(node: ast.expr | None) -> str:
    """Return ``a.b.c`` for a name with attributes, and "" for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def text_of(node: ast.expr | None) -> str | None:
    """Return the value of a string literal, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts_of(node: ast.expr | None) -> tuple[str, ...]:
    """Return the strings in a literal: a string, list, tuple, set (``[*a, "b"] + ["c"]`` has two), or a dict's keys."""
    match node:
        case ast.Constant(value=str(only)):
            return (only,)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return tuple(text for item in items if (text := text_of(item)) is not None)
        case ast.Dict(keys=keys):
            return tuple(text for key in keys if (text := text_of(key)) is not None)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if not isinstance(left, ast.BinOp):
            return texts_of(left) + texts_of(right)
        case _:
            return ()


def is_main_guard(node: ast.stmt) -> bool:
    """Return whether this is ``if __name__ == "__main__":``."""
    if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare)):
        return False
    sides = [node.test.left, *node.test.comparators]
    return any(dotted(side) == "__name__" for side in sides) and any(text_of(side) == "__main__" for side in sides)


def is_act(node: ast.stmt) -> bool:
    """Return whether this calls something for its effect, also as ``raise SystemExit(main())``."""
    match node:
        case ast.Expr(value=ast.Call() | ast.Await()):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="SystemExit"), args=[ast.Call()])):
            return True
        case _:
            return False


def is_typing_guard(node: ast.stmt) -> bool:
    """Return whether this is ``if TYPE_CHECKING:``, whose body never runs."""
    return isinstance(node, ast.If) and dotted(node.test).rpartition(".")[2] == "TYPE_CHECKING"


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run on import, also those inside if, try, with and loops, in their order."""
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        if is_main_guard(node) or is_typing_guard(node):
            stack.extend(reversed(getattr(node, "orelse", [])))
            continue
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stack.extend(reversed(_inner(node)))


def _inner(node: ast.stmt) -> list[ast.stmt]:
    inner: list[ast.stmt] = list(getattr(node, "body", []))
    for handler in getattr(node, "handlers", []):
        inner.extend(handler.body)
    for case in getattr(node, "cases", []):
        inner.extend(case.body)
    return [*inner, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]


def assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield (name, value) for each name that a statement binds; tuples are split into pairs."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _pairs(target, value)
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            yield name, value
        case _:
            pass


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr | None]]:
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for inner, inner_value in zip(targets, values, strict=True):
                yield from _pairs(inner, inner_value)
        case _:
            pass
