"""APScheduler (https://apscheduler.readthedocs.io): a program that runs jobs at their times, beside the web process."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside, is_test_or_example
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
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
    ]
    if programs:
        first = min(programs, key=lambda info: (info.path.count("/"), info.path))
        because = f"{first.path} runs APScheduler's {BLOCKING}"
        yield ProcessDecision.starting("clock", run_file(first, evidence), because=because)


APSCHEDULER = TaskQueue("APScheduler", ("apscheduler",), frozenset({BLOCKING}), _find)
