"""Writes the tables of what versions of Python's standard library gained and lost: modules, and names in modules.

The source is typeshed, the standard library's stubs, which the pinned mypy brings: its file VERSIONS says which Pythons
have a module, and the stubs define names under conditions on ``sys.version_info``.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import mypy

MODULES = "src/python_buildpack/installed/imports/stdlib_modules.py"
NAMES = "src/python_buildpack/installed/imports/stdlib_names.py"
STUBS = Path(mypy.__file__).parent / "typeshed" / "stdlib"
MINORS = range(9, 16)
"""The minor versions of Python 3 that the tables are about: those that the buildpack may have."""
_FORGOTTEN = {"formatter": "3.10", "parser": "3.10", "symbol": "3.10", "binhex": "3.11"}
"""Modules that typeshed no longer lists: it supports only Pythons without them (What's New in Python 3.10, 3.11)."""
_NOT_ON_LINUX = ("_msi", "_winapi", "msilib", "msvcrt", "nt", "winreg", "winsound")
_ABSTRACT = (
    "Awaitable Coroutine AsyncIterable AsyncIterator AsyncGenerator Hashable Iterable Iterator Generator Reversible "
    "Sized Container Callable Collection Set MutableSet Mapping MutableMapping MappingView KeysView ItemsView "
    "ValuesView Sequence MutableSequence ByteString"
)
"""Names of collections.abc that were in collections too, before Python 3.10 (its What's New)."""


def written_tables() -> Mapping[str, str]:
    """Return the text of each generated module by its path in the checkout."""
    gained, lost = module_changes()
    return {
        MODULES: _head("Modules of the standard library that came or went")
        + _table("GAINED", gained, "Module → first Python with it.")
        + _table("LOST", lost, "Module → first Python without it."),
        NAMES: _head("Names that modules of the standard library lost")
        + _table("LOST_NAMES", lost_names(lost), "Module and name → first Python without it."),
    }


def module_changes() -> tuple[dict[str, str], dict[str, str]]:
    """Return the modules that came, each with the first Python with it, and those that went, with the first without."""
    gained, lost = {}, dict(_FORGOTTEN)
    for module, first, last in _versions():
        parent, _, _ = module.rpartition(".")
        if module.partition(".")[0] in _NOT_ON_LINUX or _is_private(module) or parent == "distutils.command":
            continue
        if first > MINORS[0]:
            gained[module] = f"3.{first}"
        if last is not None and last >= MINORS[0]:
            lost[module] = f"3.{last + 1}"
    return gained, lost


def _versions() -> Iterator[tuple[str, int, int | None]]:
    """Yield each module of VERSIONS with the first and the last minor version of Python 3 that has it."""
    for line in (STUBS / "VERSIONS").read_text(encoding="utf-8").splitlines():
        module, _, span = line.partition("#")[0].partition(":")
        if span.strip():
            first, _, last = span.strip().partition("-")
            yield module.strip(), int(first.partition(".")[2]), int(last.partition(".")[2]) if last else None


def lost_names(lost_modules: Mapping[str, str]) -> dict[str, str]:
    """Return the public names that modules which are still there lost, with the first Python without each."""
    found = {f"collections.{name}": "3.10" for name in _ABSTRACT.split()}
    for stub in sorted(STUBS.rglob("*.pyi")):
        module = ".".join(stub.relative_to(STUBS).with_suffix("").parts).removesuffix(".__init__")
        if module in (*lost_modules, "typing_extensions") or _is_private(module):
            continue
        tree = ast.parse(stub.read_text(encoding="utf-8"))
        defined = {minor: set(_names(tree.body, minor, imported=False)) for minor in MINORS}
        for minor in MINORS[1:]:
            still = set(_names(tree.body, minor, imported=True))
            for name in defined[minor - 1] - still if "*" not in still else ():
                if not name.startswith("_"):
                    found[f"{module}.{name}"] = f"3.{minor}"
    return found


def _is_private(module: str) -> bool:
    return any(part.startswith("_") for part in module.split("."))


def _names(body: list[ast.stmt], minor: int, *, imported: bool) -> Iterator[str]:
    """Yield the names that statements of a stub define on Linux for a Python 3, and those that it imports if wanted."""
    for node in body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case ast.If(test=test, body=yes, orelse=no):
                holds = _holds(test, minor)
                yield from _names(yes, minor, imported=imported) if holds is not False else ()
                yield from _names(no, minor, imported=imported) if holds is not True else ()
            case ast.Import(names=names) | ast.ImportFrom(names=names) if imported:
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
            case _:
                pass


def _holds(test: ast.expr, minor: int) -> bool | None:
    """Return whether a condition of a stub holds for this Python 3 on Linux; None if it cannot be said."""
    match test:
        case ast.BoolOp(op=operator, values=values):
            each = [_holds(value, minor) for value in values]
            if None in each:
                return None
            return all(each) if isinstance(operator, ast.And) else any(each)
        case ast.Compare(left=ast.Attribute(attr="version_info"), ops=[operator], comparators=[ast.Tuple() as version]):
            older = (3, minor) < ast.literal_eval(version)
            return older if isinstance(operator, ast.Lt) else not older
        case ast.Compare(left=ast.Attribute(attr="platform"), ops=[operator], comparators=[ast.Constant(value=name)]):
            return (name == "linux") == isinstance(operator, ast.Eq)
        case _:
            return None


def _head(subject: str) -> str:
    return f'"""{subject}. Generated from typeshed by ./dev refresh stdlib; do not edit."""\n'


def _table(name: str, rows: Mapping[str, str], what: str) -> str:
    lines = "".join(f'    "{key}": "{value}",\n' for key, value in sorted(rows.items()))
    return f'\n{name} = {{\n{lines}}}\n"""{what}"""\n'
