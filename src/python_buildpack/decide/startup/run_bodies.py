"""The statements that certainly run when Python runs a file: those of its functions too, which it calls for sure."""

import ast
from collections.abc import Iterator, Sequence

from python_buildpack.app.syntax import dotted, is_main_guard

_DEEPEST = 3
"""How many functions are followed, each called by the one before."""
_RUNNERS = frozenset({"asyncio.run", "trio.run", "anyio.run", "run"})
"""What runs the coroutine, or the function, that it is given."""


def run_bodies(tree: ast.Module, *, is_program: bool) -> list[ast.stmt]:
    """Return the statements of a module, and if it is a program, those that it runs as ``__main__``.

    A function's statements are followed up to the first one that may leave it: with a condition, nobody knows the rest.
    """
    if not is_program:
        return tree.body
    functions = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    plain = {name: node.body for name, node in functions.items() if not node.decorator_list}
    found = [*tree.body, *(part for node in tree.body if is_main_guard(node) for part in _guarded(node))]
    called, seen = found, set[str]()
    for _ in range(_DEEPEST):
        names = [name for node in called for name in _called(node) if name in plain and name not in seen]
        seen.update(names)
        called = [part for name in dict.fromkeys(names) for part in _up_to_exit(plain[name])]
        found = [*found, *called]
    return found


def _guarded(node: ast.stmt) -> list[ast.stmt]:
    return node.body if isinstance(node, ast.If) else []


def _called(node: ast.stmt) -> Iterator[str]:
    """Yield the functions that a statement calls for its effect: ``main()``, ``asyncio.run(main())``."""
    match node:
        case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
            yield from _names(call)
        case ast.Raise(exc=ast.Call(func=ast.Name(id="SystemExit"), args=[ast.Call() as call])):
            yield from _names(call)
        case _:
            pass


def _names(call: ast.Call) -> Iterator[str]:
    name = dotted(call.func)
    yield name
    if name in _RUNNERS or name in {"sys.exit", "exit"}:
        yield from (dotted(one.func if isinstance(one, ast.Call) else one) for one in call.args[:1])


def _up_to_exit(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if any(isinstance(inner, ast.Return | ast.Yield | ast.YieldFrom) for inner in ast.walk(node)):
            return
        yield node
