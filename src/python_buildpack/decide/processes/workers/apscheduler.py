"""APScheduler (https://apscheduler.readthedocs.io): a program that runs jobs at their times, beside the web process."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.decide.processes.frameworks.registry import WEB_FRAMEWORKS
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.scripting import run_file
from python_buildpack.decide.processes.workers.interface import TaskQueue

BLOCKING = "BlockingScheduler"
"""The scheduler that a program is made for; others run beside something else, in its process."""


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield the program with a scheduler that blocks."""
    programs = [
        info
        for info in evidence.index.sources
        if any(use.startswith("apscheduler.") and use.endswith(f".{BLOCKING}") for use in info.uses)
        and not is_aside(info.path)
        and not is_test_or_example(info.path)
        and not evidence.index.is_imported(info)
        and not _has_web_app(info, evidence)
    ]
    if programs:
        first = min(programs, key=lambda info: (info.path.count("/"), info.path))
        because = f"{first.path} runs APScheduler's {BLOCKING}"
        yield ProcessDecision.starting("clock", run_file(first, evidence), because=because)


def _has_web_app(info: ModuleInfo, evidence: Evidence) -> bool:
    """Say whether a file has an app for a server: run as a program, it would serve that on its development server."""
    made = {binding.origin for binding in info.bindings if binding.called}
    made.update(name for function in info.functions.values() for name in function.returns)
    return any(not made.isdisjoint(kind.constructors) for kind in WEB_FRAMEWORKS if kind.is_there(evidence))


APSCHEDULER = TaskQueue("APScheduler", ("apscheduler",), frozenset({BLOCKING}), _find)
