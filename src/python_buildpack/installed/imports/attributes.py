"""Names of standard modules that importing a module reads as attributes: ``class A(collections.Mapping)``. Pure."""

import ast
import re
from collections.abc import Iterable, Iterator

from python_buildpack.installed.imports.certain import World, certain_statements, parse

_CATCHES = ("AttributeError", "Exception", "BaseException")


def is_read(text: str, module: str, name: str, world: World) -> bool:
    """Return whether importing a module with this text certainly reads ``module.name``."""
    tree = parse(text)
    if tree is None:
        return False
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and ast.unparse(node.value) == module
        for node in evaluated_parts(tree.body, world, _CATCHES)
    )


def evaluated_parts(body: Iterable[ast.stmt], world: World, caught: tuple[str, ...]) -> Iterator[ast.expr]:
    """Yield the expressions that running a module's statements certainly evaluates, each with its parts.

    ``caught`` are the names of exceptions: a ``try`` that is ready for one of them is an attempt.
    """
    for statement in certain_statements(body, world, caught):
        for expression in _evaluated_by(statement):
            yield from (node for node in _parts(expression) if isinstance(node, ast.expr))


def is_restored(text: str, whole: str) -> bool:
    """Return whether a module gives a name back: ``collections.Mapping = collections.abc.Mapping``."""
    module, _, name = whole.rpartition(".")
    assigned = rf"\b{re.escape(whole)}\s*=[^=]|setattr\(\s*{re.escape(module)}\b"
    return name in text and re.search(assigned, text) is not None


def _evaluated_by(node: ast.stmt) -> Iterator[ast.expr]:
    """Yield what a statement itself evaluates; the statements in it are yielded apart, if they run."""
    match node:
        case (
            ast.FunctionDef(decorator_list=decorators, args=args)
            | ast.AsyncFunctionDef(decorator_list=decorators, args=args)
        ):
            yield from (*decorators, *args.defaults, *(one for one in args.kw_defaults if one is not None))
        case ast.ClassDef(bases=bases, keywords=keywords, decorator_list=decorators):
            yield from (*bases, *(one.value for one in keywords), *decorators)
        case ast.If(test=test) | ast.While(test=test):
            yield test
        case ast.For(iter=iterated):
            yield iterated
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.Expr(value=value):
            yield value
        case ast.AnnAssign(value=ast.expr() as value):
            yield value
        case _:
            pass


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of an expression that are evaluated whatever the others are."""
    yield node
    match node:
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case ast.IfExp(test=first) | ast.BoolOp(values=[first, *_]):
            yield from _parts(first)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _parts(child)
