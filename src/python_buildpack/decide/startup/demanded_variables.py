"""Variables without which a file of the app itself ends the process: ``if not os.getenv("NAME"): raise …``."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from cnb.frozen import frozen
from python_buildpack.app.syntax import dotted, text_of

_ENDS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort"})
Got = Callable[[ast.expr], str | None]
"""Returns the variable that an expression gets, with None if it is not set; or None for another expression."""


def demanded_variables(statements: Iterable[ast.stmt], got: Got, environs: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Yield each such variable with the line that asks for it.

    ``statements`` are those that run. A name counts as what it was given first, if it was given one thing only.
    ``environs`` are the names of the mapping with all variables.
    """
    several = tuple(statements)
    tests = _Tests(got, environs, dict(_given(several, got)))
    for node in several:
        match node:
            case ast.If(test=test, body=body) if _ends(body):
                yield from ((name, node.lineno) for name in tests.true_without(test))
            case ast.Assert(test=test):
                yield from ((name, node.lineno) for name in tests.false_without(test))
            case _:
                pass


def _given(statements: Iterable[ast.stmt], got: Got) -> Iterator[tuple[str, str]]:
    """Yield the names that stand for a variable, with it."""
    values: dict[str, list[str | None]] = {}
    for node in statements:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values.setdefault(name, []).append(got(value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                values.setdefault(name, []).append(got(value))
            case _:
                for name in _bound(node):
                    values.setdefault(name, []).append(None)
    yield from ((name, found[0]) for name, found in values.items() if len(found) == 1 and found[0])


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement may bind; those of a function are its own, but for ``global``."""
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Store()) if not is_function:
                yield name
            case ast.Global(names=names):
                yield from names
            case _:
                pass


def _ends(body: Iterable[ast.stmt]) -> bool:
    """Return whether a block certainly ends the process: by an exception, or with a call."""
    for node in body:
        match node:
            case ast.Raise():
                return True
            case ast.Expr(value=ast.Call(func=function)) if dotted(function) in _ENDS:
                return True
            case _:
                pass
    return False


@frozen
class _Tests:
    """Which variables decide a condition by being absent."""

    got: Got
    environs: frozenset[str]
    given: Mapping[str, str]

    def true_without(self, test: ast.expr) -> Iterator[str]:
        """Yield the variables of which each makes a condition true if it is not set."""
        match test:
            case ast.BoolOp(op=ast.Or(), values=values):
                yield from (name for value in values for name in self.true_without(value))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield from self.false_without(operand)
            case ast.Compare(ops=[ast.Is() | ast.Eq()], left=left, comparators=[ast.Constant(value=None | "")]):
                yield from self._variable(left)
            case ast.Compare(ops=[ast.NotIn()], left=left, comparators=[holder]):
                yield from self._member(left, holder)
            case _:
                pass

    def false_without(self, test: ast.expr) -> Iterator[str]:
        """Yield the variables of which each makes a condition false if it is not set."""
        match test:
            case ast.BoolOp(op=ast.And(), values=values):
                yield from (name for value in values for name in self.false_without(value))
            case ast.Call(func=ast.Name(id="all"), args=[ast.List(elts=values) | ast.Tuple(elts=values)]):
                yield from (name for value in values for name in self.false_without(value))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield from self.true_without(operand)
            case ast.Compare(ops=[ast.IsNot() | ast.NotEq()], left=left, comparators=[ast.Constant(value=None | "")]):
                yield from self._variable(left)
            case ast.Compare(ops=[ast.In()], left=left, comparators=[holder]):
                yield from self._member(left, holder)
            case _:
                yield from self._variable(test)

    def _variable(self, node: ast.expr) -> Iterator[str]:
        name = self.given.get(node.id) if isinstance(node, ast.Name) else self.got(node)
        if name:
            yield name

    def _member(self, left: ast.expr, holder: ast.expr) -> Iterator[str]:
        name = text_of(left)
        if name and dotted(holder) in self.environs:
            yield name
