"""Apps that keep sessions of their users in the memory of one process, so that they must have one worker."""

from cnb.frozen import replace
from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision, ProcessPlan

KEEPERS = tuple(kind for kind in APP_KINDS if kind.in_memory)
ONE_WORKER = (("WEB_CONCURRENCY", "1"),)


def with_one_worker(plan: ProcessPlan, evidence: Evidence) -> ProcessPlan:
    """Return the plan, in which the web process of such an app has one worker unless the user asks for more."""
    who = keeper(evidence)
    processes = tuple(_alone(process, who) if who and process.type == "web" else process for process in plan.processes)
    return replace(plan, processes=processes)


def _alone(process: ProcessDecision, who: str) -> ProcessDecision:
    if process.environment:
        return process
    because = f"{process.because}; one worker (WEB_CONCURRENCY), because {who} keeps its users in memory"
    return replace(process, because=because, environment=ONE_WORKER)


def keeper(evidence: Evidence) -> str:
    """Return the name of the framework that keeps sessions in memory, or "" if any worker may answer any request."""
    for info in evidence.index.sources:
        for call in info.calls if not is_aside(info.path) else ():
            for kind in KEEPERS:
                if kind.is_in_memory(call):
                    return kind.name
    return ""
