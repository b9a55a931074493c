"""Values that a script writes out or puts together from what it writes out; it is parsed, and never run.

Known are texts, numbers and tuples of them, names that are assigned once, ``+``, ``%``, f-strings, ``str()``,
``format()`` and ``join()``: what authors of a setup.py make a range of versions with.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator

_FORMAT = re.compile(r"\{\d?\}")
_PERCENT = re.compile(r"%[sd]")
_LONGEST = 1000
"""Characters of a text that is put together."""
_DEEPEST = 12
_MOST_STEPS = 2000
"""Expressions that are looked at in all: each name may stand for many others."""
Value = str | int | tuple["Value", ...]


class ScriptValues:
    """The values of one script."""

    def __init__(self, tree: ast.Module) -> None:
        self._assigned = dict(_assigned_once(tree))
        self._steps = 0

    def meant(self, node: ast.expr) -> ast.expr:
        """Return what a name is assigned, if that is once and at the top of the script; else the expression itself."""
        return self._assigned.get(node.id, node) if isinstance(node, ast.Name) else node

    def text(self, node: ast.expr) -> str | None:
        """Return the text that an expression is; None if it is none, or not known."""
        value = self._value(node, 0)
        return value if isinstance(value, str) else None

    def _value(self, node: ast.expr, depth: int) -> Value | None:
        self._steps += 1
        if depth > _DEEPEST or self._steps > _MOST_STEPS:
            return None
        match self.meant(node):
            case ast.Constant(value=(str() | int()) as value):
                return value
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return self._values(items, depth)
            case ast.Subscript(value=of, slice=ast.Constant(value=int(index))):
                whole = self._value(of, depth + 1)
                return whole[index] if isinstance(whole, tuple) and 0 <= index < len(whole) else None
            case ast.JoinedStr(values=parts) if all(map(_is_plain, parts)):
                plain = [part.value if isinstance(part, ast.FormattedValue) else part for part in parts]
                return _joined("", self._values(plain, depth))
            case ast.BinOp(left=left, op=operator, right=right):
                return _combined(operator, self._value(left, depth + 1), self._value(right, depth + 1))
            case ast.Call() as call:
                return self._called(call, depth)
            case _:
                return None

    def _values(self, nodes: list[ast.expr], depth: int) -> tuple[Value, ...] | None:
        known = [self._value(node, depth + 1) for node in nodes]
        found = tuple(value for value in known if value is not None)
        return found if len(found) == len(known) else None

    def _called(self, call: ast.Call, depth: int) -> Value | None:
        values = self._values([one for one in call.args if not _is_str(one)], depth)
        match call.func:
            case ast.Name(id="str" | "map") if values is not None and len(values) == 1:
                return str(values[0]) if isinstance(values[0], int) else values[0]
            case ast.Attribute(value=of, attr="join") if values is not None and len(values) == 1:
                return _joined(self._value(of, depth + 1), values[0])
            case ast.Attribute(value=of, attr="format"):
                return _filled(self._value(of, depth + 1), values, _FORMAT)
            case _:
                return None


def _is_plain(part: ast.expr) -> bool:
    """Return whether a part of an f-string has no conversion and no format."""
    return not isinstance(part, ast.FormattedValue) or (part.conversion == -1 and part.format_spec is None)


def _is_str(node: ast.expr) -> bool:
    """Return whether this is the function of ``map(str, …)``."""
    return isinstance(node, ast.Name) and node.id == "str"


def _combined(operator: ast.operator, left: Value | None, right: Value | None) -> Value | None:
    if isinstance(operator, ast.Mod) and right is not None:
        return _filled(left, right if isinstance(right, tuple) else (right,), _PERCENT)
    return _joined("", (left, right)) if isinstance(left, str) and isinstance(right, str) else None


def _joined(between: Value | None, parts: Value | None) -> str | None:
    if not isinstance(between, str) or not isinstance(parts, tuple) or any(isinstance(part, tuple) for part in parts):
        return None
    return between.join(map(str, parts))[:_LONGEST]


def _filled(text: Value | None, values: tuple[Value, ...] | None, places: re.Pattern[str]) -> str | None:
    """Return a text with values in its places, if it has as many of them, and all of them are simple ones."""
    if not isinstance(text, str) or values is None or len(places.findall(text)) != len(values):
        return None
    numbers = [place[1:-1] for place in places.findall(text) if place.startswith("{")]
    if any(number and int(number) != index for index, number in enumerate(numbers)):
        # In another order.
        return None
    pieces = places.split(text)
    if any(mark in piece for piece in pieces for mark in "{}%"):
        return None
    return _joined("", tuple(part for pair in zip(pieces, (*values, ""), strict=True) for part in pair))


def _assigned_once(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that are bound once and whose values nothing may change, with their values."""
    stores = Counter(name for node in ast.walk(tree) for name in _bound(node))
    changed = {name for node in ast.walk(tree) for name in _changed(node)}
    for name, value in _assigned(tree):
        if stores[name] == 1 and not (name in changed and isinstance(value, ast.List | ast.Dict)):
            yield name, value


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]
        case _:
            pass


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield the names of lists and dictionaries that a node may change: by a method, or at one of their places."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            yield name
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            yield name
        case _:
            pass


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                is_even = len(targets) == len(values) and not any(isinstance(one, ast.Starred) for one in targets)
                pairs = list(zip(targets, values, strict=True)) if is_even else []
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case _:
                pass
        yield from ((one.id, value) for one, value in pairs if isinstance(one, ast.Name))
