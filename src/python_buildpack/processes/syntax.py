"""Small readings of Python's syntax tree, without knowledge of any framework."""

import ast
from collections.abc import Iterator

MAX_NODES = 200_000
"""A source of 256 KB has fewer nodes than this unless it is data written as code, where no app is to be found."""


def parse(text: str) -> ast.Module | None:
    """Return the tree of a source text, or None for what this Python cannot parse."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below ``tree``, at most MAX_NODES of them."""
    for count, node in enumerate(ast.walk(tree)):
        if count >= MAX_NODES:
            return
        yield node


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
    """Return the strings of a literal: one string, or those in a list, tuple or set (``[*a, "b"] + ["c"]`` has two)."""
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return tuple(text for item in items if (text := text_of(item)) is not None)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if not isinstance(left, ast.BinOp):
            return texts_of(left) + texts_of(right)
        case _:
            return ()


def is_main_guard(node: ast.stmt) -> bool:
    """Say whether this is ``if __name__ == "__main__":``."""
    if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare)):
        return False
    sides = [node.test.left, *node.test.comparators]
    return any(dotted(side) == "__name__" for side in sides) and any(text_of(side) == "__main__" for side in sides)


def is_typing_guard(node: ast.stmt) -> bool:
    """Say whether this is ``if TYPE_CHECKING:``, whose body never runs."""
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
