"""Servers that stay up although none of their workers can import the app: the app is imported once before they start.

uvicorn starts workers that fail again and again, and answers nobody; hypercorn ends with status 0. Then a platform
takes the container for a healthy one, or for a finished one. With several workers, the app's Python imports the module
first, in a process of its own, and ends with the reason if that fails; else it becomes the server. One import more is
what it costs; a single worker, with which these servers end by themselves, starts as before.
"""

import posixpath
import shlex

from cnb.frozen import replace
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.targets import Target, last_target
from python_buildpack.decide.processes.interface import ProcessDecision, ProcessPlan
from python_buildpack.decide.processes.launch import import_check, split_command
from python_buildpack.decide.processes.servers import SERVERS

CHECKED = frozenset(program for server in SERVERS if server.stays_up for program in server.programs)
"""Programs that have to be kept from starting an app that cannot be imported."""
_WITHOUT = frozenset({"--reload"})


def with_import_checks(plan: ProcessPlan) -> ProcessPlan:
    """Return the plan, in which these servers start only if the app can be imported."""
    return replace(plan, processes=tuple(_checked(process) for process in plan.processes))


def _checked(process: ProcessDecision) -> ProcessDecision:
    _, program = split_command(process.command)
    if program[:1] and program[0] in shell.SHELLS and program[1:2] == ("-c",):
        return replace(process, command=(*program[:2], _in_shell(program[2]), *program[3:]))
    target = _target(shlex.join((*program, *process.args)))
    return process if target is None else replace(process, command=(*_check(target), *program))


def _in_shell(text: str) -> str:
    """Return a line for a shell with the check before its server."""
    target = _target(text)
    if target is None or text[: target.words[0].start].rstrip().endswith("-m"):
        return text
    at = target.words[0].start
    return f"{text[:at]}{shlex.join(_check(target))} {text[at:]}"


def _target(text: str) -> Target | None:
    """Return what the last server of a command serves, if it has to be checked."""
    found = last_target(text)
    is_checked = found is not None and found.program in CHECKED and bool(found.module)
    return found if found and is_checked and _WITHOUT.isdisjoint(word.value for word in found.words) else None


def _check(target: Target) -> tuple[str, ...]:
    folder = next(iter(target.folders), target.folder)
    return import_check(target.module, posixpath.relpath(folder or ".", target.folder or "."))
