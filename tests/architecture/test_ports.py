"""The network, other programs and people are reached through ports/ only."""

import ast
from collections.abc import Iterator
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"
PORTS = SRC / "python_buildpack" / "ports"
EFFECTS = {"asyncio", "ftplib", "http", "multiprocessing", "requests", "socket", "socketserver", "ssl", "subprocess"}
EFFECTS |= {"urllib.request", "urllib3", "xmlrpc"}
"""Modules that open connections or start programs."""
FUNCTIONS = {"print", "input", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}
STARTING = ("os.exec", "os.fork", "os.popen", "os.posix_spawn", "os.spawn", "os.system")
EXCEPTIONS = {
    "python_buildpack/entry.py": {"sys.stdout", "sys.stderr"},  # gives them to the reporter, and to explain
    "cnb/runtime.py": {"sys.stdout"},  # why detect says no, and errors that nobody could report
}


def is_program(tree: ast.Module) -> bool:
    """Say whether a module is a program of its own, which another Python runs: in the build, or in the image."""
    return any(isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'" for node in tree.body)


def effects(tree: ast.Module) -> set[str]:
    """Return what a module uses of the outside world, in functions too; not what is imported for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return {name for node in ast.walk(tree) for name in named(node) if is_effect(name)}


def named(node: ast.AST) -> Iterator[str]:
    """Yield the modules that a statement imports, or the name that an expression uses."""
    match node:
        case ast.Import(names=names):
            yield from (name.name for name in names)
        case ast.ImportFrom(module=str(module), names=names):
            yield from (module, *(f"{module}.{name.name}" for name in names))
        case ast.Attribute():
            yield ast.unparse(node)
        case ast.Call(func=ast.Name(id=name)):
            yield name
        case _:
            pass


def is_effect(name: str) -> bool:
    """Say whether it is one of the modules or a part of one, or a function that starts a program or prints."""
    return name in FUNCTIONS or name.startswith(STARTING) or any(f"{name}.".startswith(f"{each}.") for each in EFFECTS)


def test_only_the_ports_reach_the_outside_world() -> None:
    """No other module opens a connection, starts a program or prints; programs of their own apart."""
    paths = [path for path in sorted(SRC.rglob("*.py")) if not path.is_relative_to(PORTS)]
    trees = {path.relative_to(SRC).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    used = {name: effects(tree) for name, tree in trees.items() if not is_program(tree)}
    assert {name: found for name, found in used.items() if found} == EXCEPTIONS


def test_effects_are_found() -> None:
    """The ways in which a module may reach the outside world, each of which this page would see."""
    source = (
        "import subprocess\nimport urllib.parse\nfrom urllib import request\nfrom http import HTTPStatus\n"
        "def run():\n    import requests\n    from urllib3.util import Retry\n    os.execvp('a', ['a'])\n"
        "    print('x')\n    sys.stderr.write('x')\n"
    )
    assert effects(ast.parse(source)) == {
        *("subprocess", "urllib.request", "http", "http.HTTPStatus", "requests", "urllib3.util", "urllib3.util.Retry"),
        *("os.execvp", "print", "sys.stderr"),
    }
    assert effects(ast.parse("if TYPE_CHECKING:\n    import requests\n")) == set()
