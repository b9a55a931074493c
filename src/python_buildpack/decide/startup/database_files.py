"""SQLite's files in directories that the app does not have: SQLite makes a missing file, and no directory.

Found is what is written out: the ``NAME`` of a Django database, and URLs of SQLAlchemy with a relative path.
"""

import ast
import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from cnb.frozen import frozen
from python_buildpack.app.hook_files import HOOKS
from python_buildpack.app.syntax import Unparsed, dotted, parse
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.startup.alternatives import alternatives
from python_buildpack.decide.startup.django_settings import named_in
from python_buildpack.decide.startup.drivers import urls_in
from python_buildpack.decide.startup.missing_imports import Loaded

_URL = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>(?!:|file:|/)[^?#{}%$]+)(?:\?|$)")
_MAKES = re.compile(r"\b(?:mkdir|makedirs|ensure_dir\w*|mkpath|copytree|chdir|cd)\b")
"""What makes a directory, perhaps the one that is missing, or makes another one the current directory."""
_JOIN = ("join", "joinpath")
_SAME = ("resolve", "absolute", "as_posix", "abspath", "realpath", "normpath", "Path", "str", "fspath")
"""Functions and methods that change no path here."""
_DEEPEST = 20
_MOST_STEPS = 2000
"""Expressions that are looked at in all: each name may stand for many others."""
_OF_ITS_OWN_FOLDER = "flask-sqlalchemy"
"""Looks for relative paths in the instance folder, wherever that is."""


@frozen
class MissingFolder:
    """A directory of a database's file that is not there."""

    folder: str
    """Its path in the app."""
    where: str
    """The file and the line that name it."""


def missing_folders(loaded: tuple[Loaded, ...], evidence: Evidence) -> tuple[MissingFolder, ...]:
    """Return the directories, each once; none where something in the app may make directories."""
    sources = evidence.project.sources
    if not any("sqlite" in module.text() for one in loaded for module in one.all_modules):
        return ()
    texts = (text for text in evidence.project.texts.values() if isinstance(text, str))
    if any(map(evidence.project.has, HOOKS)) or any(map(_MAKES.search, (*sources.values(), *texts))):
        return ()
    found = {one.folder: one for process in loaded for one in _named_by(process, evidence)}
    return tuple(one for folder, one in sorted(found.items()) if not _is_anywhere(folder, evidence))


def _is_anywhere(folder: str, evidence: Evidence) -> bool:
    """Return whether the app has a directory, in any folder: a process may start in that one."""
    ending = f"/{folder}"
    return evidence.project.exists(folder) or any(path.endswith(ending) for path in evidence.project.directories)


def _named_by(process: Loaded, evidence: Evidence) -> Iterator[MissingFolder]:
    root = evidence.project.root
    files = {module: PurePosixPath(module.path.relative_to(root).as_posix()) for module in process.all_modules}
    texts = [module.text() for module in process.settings]
    paths = _Paths([(text, files[module]) for text, module in zip(texts, process.settings, strict=True)])
    for index, named in named_in(*texts):
        path = paths.value(named.file, files[process.settings[index]]) if named.file is not None else None
        if path is not None and path.parent != PurePosixPath():
            yield MissingFolder(path.parent.as_posix(), f"{files[process.settings[index]]}, line {named.line}")
    for module in process.all_modules if not evidence.has(_OF_ITS_OWN_FOLDER) else ():
        urls = set(urls_in(module.text()))
        # Where there is an alternative, platforms that have a database give it.
        for url, line in sorted(urls - alternatives(module.text()) if urls else ()):
            folder = posixpath.dirname(posixpath.normpath(match["path"])) if (match := _URL.match(url)) else ""
            if folder and not folder.startswith(".."):
                yield MissingFolder(folder, f"{files[module]}, line {line}")


class _Paths:
    """The paths that expressions of settings have, as far as they begin with the place of a file or are relative."""

    def __init__(self, modules: list[tuple[str, PurePosixPath]]) -> None:
        """Take the texts of modules, the nearest first, with their files."""
        self._names: dict[str, tuple[ast.expr, PurePosixPath]] = {}
        self._steps = 0
        for text, file in reversed(modules):
            tree = parse(text)
            body = [] if isinstance(tree, Unparsed) else tree.body
            for node in body:
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        self._names[name] = (value, file)
                    case _:
                        for name in _bound_in(node):
                            # Only under a condition, or in another way.
                            self._names.pop(name, None)

    def value(self, node: ast.expr, file: PurePosixPath, depth: int = 0) -> PurePosixPath | None:
        """Return the path in the app of an expression in a file; None if it is another, or not known."""
        self._steps += 1
        found = self._path(node, file, depth) if depth < _DEEPEST and self._steps < _MOST_STEPS else None
        return found if found is not None and ".." not in found.parts and not found.is_absolute() else None

    def _path(self, node: ast.expr, file: PurePosixPath, depth: int) -> PurePosixPath | None:
        match node:
            case ast.Constant(value=str(text)) if text and ":" not in text:
                return PurePosixPath(text)
            case ast.Name(id="__file__"):
                return file
            case ast.Name(id=name) if name in self._names:
                value, place = self._names[name]
                return self.value(value, place, depth + 1)
            case _:
                name, operands = _operation(node)
                parts = [self.value(operand, file, depth + 1) for operand in operands]
                known = [part for part in parts if part is not None]
                return _result(name, known) if known and len(known) == len(parts) else None


def _bound_in(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a compound statement, or another kind of assignment, binds in its module."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))


def _operation(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """Return the function, method or operator of an expression, with its operands; none if it is another kind."""
    match node:
        case ast.Attribute(value=of, attr="parent"):
            return "dirname", [of]
        case ast.Subscript(value=ast.Attribute(value=of, attr="parents"), slice=ast.Constant(value=int(count))):
            for _ in range(min(count, _DEEPEST)):
                of = ast.Attribute(of, "parent")
            return "dirname", [of]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return "join", [left, right]
        case ast.Call(func=ast.Attribute(value=of, attr=("resolve" | "absolute" | "as_posix" | "joinpath") as name)):
            return name, [of, *node.args]
        case ast.Call(func=function, args=operands):
            return dotted(function).rpartition(".")[2], operands
        case _:
            return "", []


def _result(name: str, parts: list[PurePosixPath]) -> PurePosixPath | None:
    """Return the path that an operation on paths gives; None above the app, or if the operation is not known."""
    if name in _JOIN:
        return PurePosixPath(*parts)
    if len(parts) > 1 or name not in {*_SAME, "dirname"} or not parts[0].parts:
        return None
    return parts[0].parent if name == "dirname" else parts[0]
