"""Runs a new interpreter once before anything depends on it, and puts the likely cause into words when it fails."""

import json
from pathlib import Path
from typing import Any

from cnb.errors import BuildpackError
from cnb.frozen import frozen
from python_buildpack.interpreters.inventory import Interpreter
from python_buildpack.ports.commands import MISSING_PROGRAM, NOT_EXECUTABLE
from python_buildpack.ports.interfaces import Command, CommandRunner, Finished
from python_buildpack.secrets.redact import last_lines

MODULES = (
    "ssl",
    "sqlite3",
    "ctypes",
    "zlib",
    "lzma",
    "bz2",
    "hashlib",
    "uuid",
    "decimal",
    "venv",
    "_posixsubprocess",
)
"""Those that need a library in C: they are what breaks when the interpreter does not fit the image."""

_SCRIPT = """
import importlib, json, platform, sys, sysconfig
broken = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        broken[name] = f"{type(error).__name__}: {error}"
facts = {"broken": broken, "version": platform.python_version(), "prefix": sys.prefix,
         "freethreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
         "settings": {name: sysconfig.get_config_var(name) for name in ("CC", "LDSHARED", "LIBDIR", "INCLUDEPY")}}
print(json.dumps(facts))
"""


class InterpreterBroken(BuildpackError):
    """The interpreter that was just installed does not run here, or is not the one that it should be."""

    code = "interpreter-broken"
    title = "The installed Python does not work in this image"


@frozen
class Installed:
    """Where an interpreter lies, and what it should say of itself."""

    interpreter: Interpreter
    prefix: Path
    final: Path


def check_interpreter(installed: Installed, runner: CommandRunner) -> None:
    """Start the interpreter, import what needs libraries in C, and compare its answers with what is expected.

    Raises InterpreterBroken.
    """
    interpreter = installed.interpreter
    python = installed.prefix / "bin" / interpreter.executable_name
    finished = runner.run(Command((str(python), "-I", "-B", "-c", _SCRIPT, *MODULES), {}, show=False))
    facts = _facts(finished)
    problems = _problems(facts, installed) if facts is not None else [_likely_cause(finished, python)]
    if problems:
        raise InterpreterBroken(
            f"Python {interpreter.version} for {interpreter.libc} on {interpreter.arch}:\n"
            + "\n".join(f"- {problem}" for problem in problems),
            "Use a builder whose images have glibc 2.17 or newer, such as one based on Debian, Ubuntu or UBI. If they "
            "do, name another Python version, and please report this.",
        )


def _facts(finished: Finished) -> dict[str, Any] | None:
    if finished.status != 0:
        return None
    try:
        facts = json.loads(finished.output.strip().rpartition("\n")[2])
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None


def _problems(facts: dict[str, Any], installed: Installed) -> list[str]:
    problems = [f"import {name} fails: {error}" for name, error in facts["broken"].items()]
    expected = {
        "version": str(installed.interpreter.version),
        "prefix": str(installed.prefix.resolve()),
        "freethreaded": installed.interpreter.variant == "freethreaded",
    }
    problems += [
        f"it says that its {name} is {facts[name]}, and it should be {value}"
        for name, value in expected.items()
        if facts[name] != value
    ]
    settings = facts["settings"]
    if "clang" in (settings["CC"] or "") or settings["LIBDIR"] != f"{installed.final}/lib":
        problems.append(f"it would compile extension modules with {settings}")
    return problems


def _likely_cause(finished: Finished, python: Path) -> str:
    output = last_lines(finished.output, 500)
    if "GLIBC_" in output:
        return f"the C library of the image is too old for it: {output}"
    if finished.status == MISSING_PROGRAM and python.exists():
        return "its dynamic loader is not in the image: an image with musl (Alpine), or for another architecture"
    if finished.status == NOT_EXECUTABLE:
        return f"the image cannot run it, being for another architecture, or mounted noexec: {output}"
    if finished.status < 0:
        return f"signal {-finished.status} ended it: {output or 'no output'}"
    return f"it ended with status {finished.status}: {output or 'no output'}"
