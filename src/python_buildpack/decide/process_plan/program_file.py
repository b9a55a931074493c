"""The file of the app with which a command begins, if Python runs it or a command of the app's own leads to it."""

import posixpath
import re
from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.own_commands import own_commands
from python_buildpack.decide.process_plan.runners.task_text import CALLABLE
from python_buildpack.decide.process_plan.targets import last_target
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision, ProcessPlan
from python_buildpack.decide.processes.launch import shown
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.servers import RUNNERS

_IMPORTED = re.compile(r"\bfrom ([\w.]+) import ")
MAX_MODULES = 200
"""How many of the app's own modules are followed from one to the next."""


def program_file(command: str, evidence: Evidence, directory: str = "") -> ModuleInfo | None:
    """Return the file that Python runs at the end of a command, which starts in a directory of the app."""
    text = shell.unwrapped(command)
    target = last_target(text)
    if target is None or not target.program.startswith("python"):
        return _of_own_command(text, evidence)
    if target.path:
        return evidence.index.source(posixpath.normpath(posixpath.join(directory, target.path)))
    base = posixpath.join(directory, target.folder, target.module.replace(".", "/"))
    found = (evidence.index.source(path) for path in (f"{base}.py", f"{base}/__main__.py"))
    names = (evidence.index.module(name) for name in (f"{target.module}.__main__", target.module))
    return next((info for info in (*found, *names) if info), None)


def _of_own_command(text: str, evidence: Evidence) -> ModuleInfo | None:
    """Return the module of a command that the app's own pyproject.toml defines, or that ``python -c`` imports."""
    words = next(iter(reversed(shell.programs(text))), ())
    if words[1:2] == ("-c",) and (imported := _IMPORTED.search(" ".join(words[2:3]))):
        return evidence.index.module(imported[1])
    for own in own_commands(evidence) if words else ():
        value = {**own.gui_scripts, **own.scripts}.get(words[0])
        if isinstance(value, str) and (found := CALLABLE.fullmatch(value)):
            return evidence.index.module(found["module"])
    return None


def with_workers_that_can_be(plan: ProcessPlan, evidence: Evidence) -> ProcessPlan:
    """Return the plan, in which programs that give a server an app object have one worker, unless the user wants more.

    Where WEB_CONCURRENCY asks for several, uvicorn ends at once, because workers need an import string
    (``Runner.several_by``). The call may be in any module that the program imports.
    """
    return replace(plan, processes=tuple(_process(process, evidence) for process in plan.processes))


def _process(process: ProcessDecision, evidence: Evidence) -> ProcessDecision:
    if any(name == "WEB_CONCURRENCY" for name, _ in process.environment):
        return process
    info = program_file(shown((*process.command, *process.args)), evidence, process.directory)
    if info is None or not any(_gives_object(module) for module in modules_reached(info, evidence)):
        return process
    return replace(process, environment=(*process.environment, ("WEB_CONCURRENCY", "1")))


def _gives_object(info: ModuleInfo) -> bool:
    names = {name: runner.several_by for name, runner in RUNNERS.items() if runner.several_by is not None}
    return any(
        call.name in names and not call.strings and names[call.name].isdisjoint(call.keywords) for call in info.calls
    )


def modules_reached(info: ModuleInfo, evidence: Evidence) -> Iterator[ModuleInfo]:
    """Yield a module, and all of the app's own that it imports, also through others."""
    seen = {info.path}
    waiting = [info]
    while waiting and len(seen) <= MAX_MODULES:
        found = waiting.pop(0)
        yield found
        for name in sorted(found.imported):
            # A name is a module, or something in one.
            other = evidence.index.module(name) or evidence.index.module(name.rpartition(".")[0])
            if other is not None and other.path not in seen:
                seen.add(other.path)
                waiting.append(other)
