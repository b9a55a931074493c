"""From a task of a table to the line of a shell that does the same; only where that is certain."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from python_buildpack.decide.process_plan.runners.interface import Tasks

HARMLESS = frozenset({"help", "use_exec"})
"""Options of a task that change nothing of what it runs."""
CALLS = frozenset({"call", "script"})
SERIES = frozenset({"composite", "chain", "sequence"})
KINDS = frozenset({"cmd", "shell", *CALLS, *SERIES})
MAX_DEPTH = 2
MAX_ITEMS = 20
"""How often one task is followed to another, and how many a series may have: who runs more has a program for it."""
ARGUMENTS = re.compile(r"\{args(?::([^{}]*))?\}")
FIELD = re.compile(r"(?<!\$)\{(?:pdm|root|home|env|matrix|verbosity|args)\b")
CALLABLE = re.compile(r"(?P<module>[A-Za-z_][\w.]*):(?P<function>[A-Za-z_][\w.]*)(?P<arguments>\(.*\))?", re.DOTALL)
VARIABLE = re.compile(r"\$(?:[A-Za-z_]|\{)")


def task_text(tasks: Tasks, name: str, arguments: str = "", depth: int = 0) -> str | None:
    """Return what a task runs with ``arguments`` (as a shell takes them) after its name, or None if it is not certain.

    A task is certain if it is a command, a line of a shell, a function of the app, or a series of such, with at most
    variables (``env``) and a help text beside it. Another directory, files of variables and tasks that run before or
    after it are not.
    """
    hooks = any(f"{hook}{name}" in tasks.table for hook in tasks.hooks)
    if hooks or depth > MAX_DEPTH or not tasks.is_certain:
        return None
    return _text(tasks, tasks.table[name], arguments, depth)


def _text(tasks: Tasks, value: Any, arguments: str, depth: int) -> str | None:  # noqa: ANN401 - a value of TOML
    match value:
        case str():
            # Hatch's and taskipy's begin with the name of another task, or with a program.
            return _line(tasks, value, arguments, depth) if tasks.in_shell else _words(value, arguments)
        case list():
            return _series(tasks, value, arguments, depth)
        case dict():
            return _table(tasks, value, arguments, depth)
        case _:
            return None


def _table(tasks: Tasks, value: Mapping[str, Any], arguments: str, depth: int) -> str | None:
    kinds = KINDS & value.keys()
    environment = value.get("env", {})
    is_plain = isinstance(environment, dict) and all(isinstance(text, str) for text in environment.values())
    if len(kinds) != 1 or not is_plain or value.keys() - KINDS - HARMLESS - {"env"}:
        return None
    (kind,) = kinds
    content = value[kind]
    if kind in SERIES:
        return None if environment else _series(tasks, content, arguments, depth)
    if kind in CALLS:
        text = _call(content, arguments)
    elif kind == "cmd" and not (tasks.in_shell and isinstance(content, str)):
        text = _words(content, arguments)
    else:
        text = _with_arguments(content, arguments) if isinstance(content, str) else None
        if environment and text is not None and re.search(r"[&|;<>(\n]", text):
            return None
    variables = "".join(f"{name}={quoted(item)} " for name, item in environment.items())
    return None if text is None else f"{variables}{text}"


def _line(tasks: Tasks, text: str, arguments: str, depth: int) -> str | None:
    name, _, rest = text.strip().partition(" ")
    if name in tasks.table and depth <= MAX_DEPTH:
        inner = _with_arguments(rest, arguments)
        return None if inner is None else task_text(tasks, name, inner, depth + 1)
    return None if name.startswith("-") else _with_arguments(text, arguments)


def _words(value: Any, arguments: str) -> str | None:  # noqa: ANN401 - a value of TOML
    try:
        words = shlex.split(value, comments=True) if isinstance(value, str) else list(value)
    except (ValueError, TypeError):
        return None
    if not words or not all(isinstance(word, str) for word in words):
        return None
    if words[0].endswith(".py"):
        words = ["python", *words]
    # The field for arguments is no word to put quotes around.
    text = " ".join(word if ARGUMENTS.fullmatch(word) else quoted(word) for word in words)
    return _with_arguments(text, arguments)


def _with_arguments(text: str, arguments: str) -> str | None:
    if ARGUMENTS.search(text):
        text, arguments = ARGUMENTS.sub(lambda found: arguments or found[1] or "", text).strip(), ""
    if FIELD.search(text) or "\n" in text.strip():
        return None
    return f"{text.strip()} {arguments}".strip()


def _call(value: Any, arguments: str) -> str | None:  # noqa: ANN401 - a value of TOML
    found = CALLABLE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    return f"{function_text(found['module'], found['function'], found['arguments'] or '()')} {arguments}".strip()


def function_text(module: str, function: str, arguments: str = "()") -> str:
    """Return the line that calls a function as a console script does (entry points specification)."""
    name = function.partition(".")[0]
    return shlex.join(["python", "-c", f"import sys; from {module} import {name}; sys.exit({function}{arguments})"])


def _series(tasks: Tasks, items: Any, arguments: str, depth: int) -> str | None:  # noqa: ANN401 - a value of TOML
    if arguments or not isinstance(items, list) or not 0 < len(items) <= MAX_ITEMS:
        return None
    texts = [_item(tasks, item, depth) for item in items]
    certain = [text for text in texts if text is not None]
    return " && ".join(certain) if len(certain) == len(texts) else None


def _item(tasks: Tasks, item: Any, depth: int) -> str | None:  # noqa: ANN401 - a value of TOML
    if isinstance(item, str) and not tasks.in_shell:
        name, _, rest = item.strip().partition(" ")
        return task_text(tasks, name, rest, depth + 1) if name in tasks.table else _words(item, "")
    return _text(tasks, item, "", depth + 1)


def quoted(word: str) -> str:
    """Return a word in the quotes that it needs, so that a shell expands the variables in it and nothing else."""
    if not VARIABLE.search(word):
        return shlex.quote(word)
    return '"' + re.sub(r'(["`\\]|\$(?![A-Za-z_{]))', r"\\\1", word) + '"'
