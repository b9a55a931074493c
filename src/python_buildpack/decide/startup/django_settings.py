"""What a Django project's settings name, as far as it is written out: apps and middleware, and database engines."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from cnb.frozen import frozen
from python_buildpack.app.syntax import Unparsed, parse, text_of
from python_buildpack.installed.imports.modules import Module
from python_buildpack.installed.imports.reach import Reach, absolute

LISTS = ("INSTALLED_APPS", "MIDDLEWARE")
"""Settings whose entries Django imports when it starts."""
_DATABASES = "DATABASES"
_ENGINE = "ENGINE"
_NAME = "NAME"
_SQLITE = ".sqlite3"
_STAR = re.compile(r"\bimport[ \t]*\(?[ \t]*\*")


@frozen
class Named:
    """A full name in the settings, of something that Django imports when it starts."""

    name: str
    line: int
    is_engine: bool = False
    """Whether it is the engine of a database."""
    file: ast.expr | None = None
    """With the engine of SQLite: the expression of the database's file."""


def settings_modules(settings: Module, reach: Reach) -> tuple[Module, ...]:
    """Return the module with the settings of a process, and those whose settings it takes over, the nearest first.

    ``from .base import *`` takes over, where it runs whenever the module is imported.
    """
    found = [settings]
    for module in found:
        lines = module.text().split("\n")
        for statement in reach.files.source(module).imports:
            if statement.is_top and not statement.names and _STAR.search(lines[statement.line - 1]):
                base = reach.modules.get(absolute(module, statement))
                found += [base] if base is not None and base not in found else []
    return tuple(found)


def named_in(*texts: str) -> Iterator[tuple[int, Named]]:
    """Yield what the texts of settings modules name, the nearest first, each with the index of its text.

    What is changed later is left out (``DATABASES["default"] = dj_database_url.config()``), also in a module that
    takes over the settings of another; and so is what is added in a condition.
    """
    bodies = [[] if isinstance(tree := parse(text), Unparsed) else tree.body for text in texts]
    for name in (*LISTS, _DATABASES):
        # What a module assigns takes the place of what it took over.
        last = next((index for index, text in enumerate(texts) if _assigns(name).search(text)), len(texts) - 1)
        whole = "\n".join(reversed(texts[: last + 1]))
        for index, body in enumerate(bodies[: last + 1] if not is_changed(name, whole) else ()):
            for value in _values(body, name):
                found = _entries(value, dict(_lists(body, whole))) if name in LISTS else _engines(value)
                yield from ((index, named) for named in found)


@lru_cache
def _assigns(name: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]*{name}[ \t]*=", re.MULTILINE)


@lru_cache
def _changes(name: str) -> re.Pattern[str]:
    """Return a pattern of text that takes entries away again or puts others in place, or assigns all of it twice."""
    return re.compile(
        rf"\b{name}\.(?:remove|pop|clear|update)\b|\b{name}\[[^\n]*(?:(?<![=!<>])=(?!=)|\.(?:update|clear|pop)\b)|"
        rf"^[ \t]*{name}[ \t]*=.*^[ \t]*{name}[ \t]*=|\bdel[ \t(]+{name}\b",
        re.MULTILINE | re.DOTALL,
    )


def is_changed(name: str, text: str) -> bool:
    """Return whether a text changes what it assigned to a name."""
    return _changes(name).search(text) is not None


def _lists(body: list[ast.stmt], whole: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the lists that are assigned to names of the module, of which INSTALLED_APPS is often made."""
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() as value):
                if not is_changed(name, whole):
                    yield name, value
            case _:
                pass


def _values(body: list[ast.stmt], name: str) -> Iterator[ast.expr]:
    """Yield what is assigned or added to a name outside of blocks."""
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=found)], value=value)
                | ast.AugAssign(target=ast.Name(id=found), value=value)
            ) if found == name:
                yield value
            case _:
                pass


def _entries(value: ast.expr, lists: dict[str, ast.expr]) -> Iterator[Named]:
    match value:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                inner = item.value if isinstance(item, ast.Starred) else None
                if text := text_of(item):
                    yield Named(text, item.lineno)
                elif inner is not None:
                    yield from _entries(inner, lists)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _entries(left, lists)
            yield from _entries(right, lists)
        case ast.Name(id=name) if name in lists:
            yield from _entries(lists[name], {})
        case _:
            pass


def _engines(value: ast.expr) -> Iterator[Named]:
    for inner in value.values if isinstance(value, ast.Dict) else ():
        pairs = zip(inner.keys, inner.values, strict=True) if isinstance(inner, ast.Dict) else ()
        entries = {text_of(key): entry for key, entry in pairs}
        if (engine := entries.get(_ENGINE)) is not None and (text := text_of(engine)):
            file = entries.get(_NAME) if text.endswith(_SQLITE) else None
            yield Named(text, (engine if file is None else file).lineno, is_engine=True, file=file)
