"""What a Django project's settings name, as far as it is written out: apps and middleware, and database engines."""

import ast
import re
from collections.abc import Iterator

from cnb.frozen import frozen
from python_buildpack.app.syntax import Unparsed, parse, text_of

LISTS = frozenset({"INSTALLED_APPS", "MIDDLEWARE"})
"""Settings whose entries Django imports when it starts."""
_DATABASES = "DATABASES"
_ENGINE = "ENGINE"
_CHANGED = {
    name: re.compile(
        rf"\b{name}\.(?:remove|pop|clear|update)\b|\b{name}\[[^\n]*(?:(?<![=!<>])=(?!=)|\.(?:update|clear|pop)\b)|"
        rf"^[ \t]*{name}[ \t]*=.*^[ \t]*{name}[ \t]*=|\bdel[ \t(]+{name}\b",
        re.MULTILINE | re.DOTALL,
    )
    for name in (*LISTS, _DATABASES)
}
"""Text that takes entries away again or puts others in their place, or assigns the whole setting twice."""


@frozen
class Named:
    """A full name in the settings, of something that Django imports when it starts."""

    name: str
    line: int
    is_engine: bool = False
    """Whether it is the engine of a database."""


def named_in(text: str) -> tuple[Named, ...]:
    """Return what the text of a settings module names.

    What is changed later is left out (``DATABASES["default"] = dj_database_url.config()``), and so is what is added in
    a condition.
    """
    tree = parse(text)
    body = [] if isinstance(tree, Unparsed) else tree.body
    return tuple(
        named
        for node in body
        for name, value in _assigned(node)
        if not _CHANGED[name].search(text)
        for named in (_entries(value) if name in LISTS else _engines(value))
    )


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AugAssign(target=ast.Name(id=name), value=value)
        ):
            if name in {*LISTS, _DATABASES}:
                yield name, value
        case _:
            pass


def _entries(value: ast.expr) -> Iterator[Named]:
    if isinstance(value, ast.List | ast.Tuple):
        for item in value.elts:
            if text := text_of(item):
                yield Named(text, item.lineno)


def _engines(value: ast.expr) -> Iterator[Named]:
    if not isinstance(value, ast.Dict):
        return
    for inner in value.values:
        for key, engine in zip(inner.keys, inner.values, strict=True) if isinstance(inner, ast.Dict) else ():
            if text_of(key) == _ENGINE and (text := text_of(engine)):
                yield Named(text, engine.lineno, is_engine=True)
