"""Strings of a module that stand for something only where nothing else does: defaults, and what is under a condition.

``os.environ.get("DATABASE_URL", "sqlite:///data/app.db")`` is such a default: where the app runs, a platform gives the
variable. The same is said by ``or``, ``… if … else …``, a field of a settings class, the default of a parameter or of
a call, and a name that is bound a second time. Pure, by syntax trees.
"""

import ast
from collections import Counter
from collections.abc import Iterator

from python_buildpack.app.syntax import Unparsed, parse, text_of


def alternatives(text: str) -> frozenset[tuple[str, int]]:
    """Return the strings of a module that may not be used, each with its line; none of a text that cannot be parsed."""
    tree = parse(text)
    if isinstance(tree, Unparsed):
        return frozenset()
    nodes = list(ast.walk(tree))
    bound = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    again = {name for name, count in bound.items() if count > 1}
    return frozenset(
        (one.value, one.lineno)
        for node in nodes
        for part in (*_in_expression(node), *_in_statement(node, again))
        for one in ast.walk(part)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    )


def _in_expression(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of an expression that another value may replace."""
    match node:
        case ast.BoolOp(values=parts):
            yield from parts
        case ast.IfExp(body=yes, orelse=no):
            yield from (yes, no)
        case ast.Call(args=operands, keywords=words):
            # The first is what is looked for: a variable, or the key of a dictionary.
            yield from operands[1:] if operands and text_of(operands[0]) is not None else ()
            yield from (word.value for word in words if word.arg == "default")
        case ast.arguments(defaults=defaults, kw_defaults=others):
            yield from (*defaults, *(one for one in others if one is not None))
        case _:
            pass


def _in_statement(node: ast.AST, again: set[str]) -> Iterator[ast.AST]:
    """Yield the parts of a statement that another may replace. ``again`` are the names that are bound repeatedly."""
    match node:
        case ast.If(body=yes, orelse=no):
            yield from (*yes, *no)
        case ast.Try(body=body, handlers=handlers):
            yield from (*body, *handlers)
        case ast.Match(cases=cases):
            yield from cases
        case ast.ClassDef(bases=[_, *_], body=body):
            yield from (part for part in body if isinstance(part, ast.AnnAssign))
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in again:
            yield value
        case _:
            pass
