"""Tests a newly installed interpreter, and explains the likely cause if it fails."""

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
"""Modules that need a C library: they fail to import if the image lacks something."""

_SCRIPT = """
import importlib, json, platform, sys, sysconfig
broken = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        broken[name] = f"{type(error).__name__}: {error}"
answers = {"broken": broken, "version": platform.python_version(), "prefix": sys.prefix,
           "freethreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
           "settings": {name: sysconfig.get_config_var(name) for name in ("CC", "LDSHARED", "LIBDIR", "INCLUDEPY")}}
print(json.dumps(answers))
"""


class InterpreterBroken(BuildpackError):
    """The newly installed interpreter does not run in the image, or is not the expected one."""

    code = "interpreter-broken"
    title = "The installed Python does not work in this image"
    remedies = ("image",)


@frozen
class Installed:
    """An installed interpreter."""

    interpreter: Interpreter
    prefix: Path
    """Where it is now."""
    final: Path
    """Where it will be moved to."""


def check_interpreter(installed: Installed, runner: CommandRunner) -> None:
    """Run the interpreter, import MODULES, and compare its version, paths and settings with the expected ones.

    Raises InterpreterBroken.
    """
    interpreter = installed.interpreter
    python = installed.prefix / "bin" / interpreter.executable_name
    finished = runner.run(Command((str(python), "-I", "-B", "-c", _SCRIPT, *MODULES), {}, show=False))
    answers = _answers(finished)
    problems = _problems(answers, installed) if answers is not None else [_likely_cause(finished, python)]
    if problems:
        raise InterpreterBroken(
            f"Python {interpreter.version} for {interpreter.libc} on {interpreter.arch}:\n"
            + "\n".join(f"- {problem}" for problem in problems),
            "Use a builder whose images have glibc 2.17 or newer, such as one based on Debian, Ubuntu or UBI. If they "
            "do, name another Python version, and please report this.",
        )


def _answers(finished: Finished) -> dict[str, Any] | None:
    if finished.status != 0:
        return None
    try:
        answers = json.loads(finished.output.strip().rpartition("\n")[2])
    except ValueError:
        return None
    return answers if isinstance(answers, dict) else None


def _problems(answers: dict[str, Any], installed: Installed) -> list[str]:
    problems = [f"import {name} fails: {error}" for name, error in answers["broken"].items()]
    expected = {
        "version": str(installed.interpreter.version),
        "prefix": str(installed.prefix.resolve()),
        "freethreaded": installed.interpreter.variant == "freethreaded",
    }
    problems += [
        f"its {name} is {answers[name]}, but should be {value}"
        for name, value in expected.items()
        if answers[name] != value
    ]
    settings = answers["settings"]
    if "clang" in (settings["CC"] or "") or settings["LIBDIR"] != f"{installed.final}/lib":
        problems.append(f"its settings for extension modules are wrong: {settings}")
    return problems


def _likely_cause(finished: Finished, python: Path) -> str:
    output = last_lines(finished.output, 500)
    if "GLIBC_" in output:
        return f"the C library of the image is too old for it: {output}"
    if finished.status == MISSING_PROGRAM and python.exists():
        return "its dynamic loader is not in the image, which has musl (Alpine) or is for another architecture"
    if finished.status == NOT_EXECUTABLE:
        return f"the image cannot run it: it is for another architecture, or its directory is mounted noexec: {output}"
    if finished.status < 0:
        return f"signal {-finished.status} ended it: {output or 'no output'}"
    return f"it ended with status {finished.status}: {output or 'no output'}"
