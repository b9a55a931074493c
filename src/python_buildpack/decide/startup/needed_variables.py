"""Environment variables without which a process ends when it starts, as far as the app's own modules show it. Pure.

Found is only what is certainly read while modules are imported, in a way that has no default: ``os.environ["NAME"]``,
``os.environ.get("NAME").split()``, the calls of the packages that read settings, and pydantic's classes of settings.
Nothing is found where a committed file may give the values.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cnb.frozen import frozen
from python_buildpack.app.syntax import dotted, text_of
from python_buildpack.decide.processes.frameworks.registry import WEB_FRAMEWORKS
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.startup.demanded_variables import demanded_variables
from python_buildpack.decide.startup.missing_imports import Loaded, is_certainly_loaded
from python_buildpack.decide.startup.run_bodies import run_bodies
from python_buildpack.decide.startup.settings_classes import PACKAGES, settings_classes
from python_buildpack.installed.imports.attributes import evaluated_parts
from python_buildpack.installed.imports.certain import World, certain_statements, parse
from python_buildpack.installed.imports.modules import Module
from python_buildpack.settings.launch import LAUNCH_SETTINGS
from python_buildpack.settings.run_time import run_time_variables

_IN_CONTAINERS = frozenset({"HOME", "HOSTNAME", "PATH", "PWD", *(setting.name for setting in LAUNCH_SETTINGS)})
_ENVIRONS = frozenset({"os.environ", "environ"})
_READERS: Mapping[str, str] = {
    "decouple": "config",
    "environs": "Env",
    "environ": "Env",
    **{module: kind for framework in WEB_FRAMEWORKS for module, kind in framework.settings_readers.items()},
}
"""Packages that read settings → what is imported of each: a function that is called with a name, or a class of them."""
_GETTERS = frozenset({"os.environ.get", "environ.get", "os.getenv", "getenv"})
_NUMBERS = frozenset({"int", "float"})
_CAUGHT = ("KeyError", "LookupError", "Exception", "BaseException", "EnvError", "UndefinedValueError",
           "ImproperlyConfigured", "AttributeError", "TypeError", "ValueError", "ValidationError")  # fmt: skip
"""Exceptions of such a reading; a ``try`` that catches one of them has a way out."""
_IS_SET = re.compile(r"environ(?:\.setdefault\(\s*|\[\s*|\.update\([^)]*)[\"'](\w+)[\"']\s*(?:,|\]\s*=[^=]|:)")
_VALUE_FILES = re.compile(r"(?:^|/)(?:\.env|\.flaskenv|settings\.ini)$")
"""Files from which such packages take values."""
_OTHER_VALUE_FILES = re.compile(r"(?:^|/)\.env(?!.*(?:example|sample|template|dist))[^/]+$")
"""Files from which they take values if they are asked to: ``.env.production``."""
_ASKS = re.compile(r"\.env[.\-_{]|dotenv\((?!\s*\))|env_file|read_env\((?!\s*\))")
"""Asks for a file by another name than the usual one."""
_NAMES_FILE = re.compile(r"env|repository", re.IGNORECASE)
_NAMED_FILE = re.compile(r"[\"']([^\"'\s]+\.\w+)[\"']")


@frozen
class NeededVariable:
    """A variable that has to be set where the image runs."""

    name: str
    path: str
    """The file that reads it, relative to the app directory."""
    line: int
    processes: tuple[str, ...]
    """The types of the processes that read it."""


def needed_variables(
    loaded: tuple[Loaded, ...], processes: tuple[ProcessDecision, ...], evidence: Evidence, minor: str
) -> tuple[NeededVariable, ...]:
    """Return the variables that nothing gives, in the order in which they are found. Raises SettingInvalid."""
    if _has_values(loaded, evidence):
        return ()
    given = {one.name for one in run_time_variables(evidence.settings)} | _IN_CONTAINERS
    world = World(minor, lambda _module, _name: False)
    found: dict[str, NeededVariable] = {}
    for one in loaded:
        own = {name for process in processes if process.type == one.type for name, _ in process.environment}
        own |= {name for module in one.all_modules for name in _IS_SET.findall(module.text())}
        for module in one.all_modules if one.type else ():
            for name, line in _read_by(module, world, is_program=module in one.reach.starts):
                if name not in given | own and is_certainly_loaded(module, one.reach):
                    path = module.path.relative_to(evidence.project.root).as_posix()
                    known = found.get(name)
                    types = dict.fromkeys((*(known.processes if known else ()), one.type))
                    found[name] = NeededVariable(
                        name, known.path if known else path, known.line if known else line, tuple(types)
                    )
    return tuple(found.values())


def lacking_in(env: Mapping[str, str], path: Path) -> tuple[str, ...]:
    """Return the variables that ``env`` lacks and that running a file of the app reads without a default, in its order.

    For the error of a program that ended at one of them.
    """
    module = Module("", path, is_package=False)
    world = World(f"{sys.version_info.major}.{sys.version_info.minor}", lambda _module, _name: False)
    found = (name for name, _ in sorted(_read_by(module, world, is_program=False), key=lambda one: one[1]))
    given = {*env, *_IN_CONTAINERS, *_IS_SET.findall(module.text())}
    return tuple(dict.fromkeys(name for name in found if name not in given))


def _has_values(loaded: tuple[Loaded, ...], evidence: Evidence) -> bool:
    """Return whether a file of the app may have values."""
    files = evidence.project.files
    if any(map(_VALUE_FILES.search, files)) or _has_named_values(loaded, evidence):
        return True
    texts = (module.text() for one in loaded for module in one.all_modules)
    return any(map(_OTHER_VALUE_FILES.search, files)) and any(map(_ASKS.search, texts))


def _has_named_values(loaded: tuple[Loaded, ...], evidence: Evidence) -> bool:
    """Return whether a module names a file of the app that may have values: ``load_dotenv("prod.env")``."""
    texts = (module.text() for one in loaded for module in one.all_modules)
    lines = (line for text in texts for line in text.splitlines() if _NAMES_FILE.search(line))
    named = {
        name.rpartition("/")[2] for line in lines for name in _NAMED_FILE.findall(line) if not name.endswith(".py")
    }
    return bool(named) and any(path.rpartition("/")[2] in named for path in evidence.project.files)


def _read_by(module: Module, world: World, *, is_program: bool) -> Iterator[tuple[str, int]]:
    """Yield the variables without a default that running a module reads, each with its line."""
    text = module.text()
    if not any(word in text for word in ("environ", "getenv", *_READERS, *PACKAGES)) or (tree := parse(text)) is None:
        return
    imported = dict(_imported(tree))
    if {"environ", "getenv", "os", *_READERS.values(), "BaseSettings"}.isdisjoint(imported):
        return
    readers, defaults = _readers(tree, imported)
    classes = settings_classes(tree, imported)
    body = run_bodies(tree, is_program=is_program)
    yield from demanded_variables(certain_statements(body, world, _CAUGHT), _got, _ENVIRONS)
    for node in evaluated_parts(body, world, _CAUGHT):
        name = _name_in(node, readers)
        if name and re.fullmatch(r"[A-Za-z_]\w*", name) and name not in defaults:
            yield name, node.lineno
        match node:
            case ast.Call(func=ast.Name(id=made), args=[], keywords=[]) if made in classes:
                yield from classes[made].items()
            case _:
                pass


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that a module imports, each with the module that it is from."""
    for node in tree.body:
        match node:
            case ast.Import(names=names):
                yield from ((one.asname or one.name, one.name) for one in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((one.asname or one.name, module) for one in names)
            case _:
                pass


def _readers(tree: ast.Module, imported: Mapping[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names by which the module reads variables, and the variables that have a default for all calls."""
    readers = {name for name, module in imported.items() if module == "decouple" and _READERS[module] == name}
    defaults: set[str] = set()
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=made, keywords=keywords)):
                module, _, kind = dotted(made).rpartition(".")
                source = imported.get(module, module) if module else imported.get(kind, "")
                # With a prefix, variables of other names are read.
                is_prefixed = any(keyword.arg in {None, "env_prefix"} for keyword in keywords)
                if source in _READERS and _READERS[source] == kind and not is_prefixed:
                    readers.add(name)
                    defaults.update(keyword.arg for keyword in keywords if keyword.arg)
            case _:
                pass
    return frozenset(readers), frozenset(defaults)


def _name_in(node: ast.AST, readers: frozenset[str]) -> str | None:
    match node:
        case ast.Subscript(value=value, slice=index, ctx=ast.Load()) if dotted(value) in _ENVIRONS:
            return text_of(index)
        case ast.Call(func=function, args=[only], keywords=keywords) if dotted(function).partition(".")[0] in readers:
            is_given = any(keyword.arg in {None, "default"} for keyword in keywords)
            return None if is_given else text_of(only)
        case ast.Attribute(value=value, ctx=ast.Load()):
            return _got(value)
        case ast.Call(func=ast.Name(id=function), args=[only, *_]) if function in _NUMBERS:
            return _got(only)
        case _:
            return None


def _got(node: ast.expr) -> str | None:
    """Return the variable that a call gets without a default: with None in its place, what is done with it fails."""
    match node:
        case ast.Call(func=function, args=[only] | [only, ast.Constant(value=None)], keywords=[]):
            return text_of(only) if dotted(function) in _GETTERS else None
        case _:
            return None
