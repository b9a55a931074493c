"""Evaluates conditions of source files as far as they depend on Python, the system and unset variables. Pure."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_NAMES: Mapping[str, object] = {
    "PY2": False,
    "PY3": True,
    "TYPE_CHECKING": False,
    "True": True,
    "False": False,
    "sys.platform": "linux",
    "os.name": "posix",
    "__debug__": True,
}
"""Values on Linux and CPython 3, by the name or by its last part. PY2 and PY3 are six's names for them."""
_LATEST_PATCH = 99


class _UnknownError(Exception):
    """A part of the condition depends on something else."""


def holds(test: ast.expr, minor: str) -> bool | None:
    """Return whether a condition holds on a minor version of Python; None if that cannot be said.

    A variable of the environment counts as not set.
    """
    try:
        return bool(_value(test, tuple(map(int, minor.split(".")))))
    except (_UnknownError, TypeError, IndexError, ValueError):
        return None


def _value(node: ast.expr, version: tuple[int, ...]) -> Any:  # noqa: ANN401 - of any type
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=items):
            return tuple(_value(item, version) for item in items)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, version)
        case ast.BoolOp(op=kind, values=values):
            return _joined(isinstance(kind, ast.And), values, version)
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARE:
            return _COMPARE[type(sign)](_value(left, version), _value(right, version))
        case _:
            return _of_version(node, version)


def _of_version(node: ast.expr, version: tuple[int, ...]) -> Any:  # noqa: ANN401 - of any type
    match node:
        case ast.Subscript(value=inner, slice=ast.Slice(lower=None, upper=ast.Constant(value=int(end)), step=None)):
            return _value(inner, version)[:end]
        case ast.Subscript(value=inner, slice=ast.Constant(value=int(at))) if at < len(version):
            return _value(inner, version)[at]
        case ast.Call(func=function, args=[ast.Constant(), *default], keywords=[]) if _reads_variable(function):
            return _value(default[0], version) if default else None
        case _:
            return _named(ast.unparse(node), version)


def _joined(is_and: bool, values: list[ast.expr], version: tuple[int, ...]) -> bool:
    """Return the value of ``and`` or ``or``: one part may decide, whatever the others are."""
    unknown = False
    for each in values:
        try:
            if bool(_value(each, version)) is not is_and:
                return not is_and
        except _UnknownError:
            unknown = True
    if unknown:
        raise _UnknownError
    return is_and


def _named(name: str, version: tuple[int, ...]) -> object:
    last = name.rpartition(".")[2]
    if name.endswith("sys.version_info") or name == "version_info":
        return (*version, _LATEST_PATCH)
    if name.endswith("version_info.major"):
        return version[0]
    if name.endswith("version_info.minor"):
        return version[1]
    for known in (name, last):
        if known in _NAMES:
            return _NAMES[known]
    raise _UnknownError


def _reads_variable(function: ast.expr) -> bool:
    return ast.unparse(function) in {"os.environ.get", "environ.get", "os.getenv", "getenv"}
