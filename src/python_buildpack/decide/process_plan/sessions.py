"""Apps that keep sessions of their users in the memory of one process, so that they must have one worker."""

import re

from cnb.frozen import replace
from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.process_plan import gunicorn_config
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision, ProcessPlan

KEEPERS = tuple(kind for kind in APP_KINDS if kind.in_memory)
ONE_WORKER = (("WEB_CONCURRENCY", "1"),)
OWN_WORKERS = re.compile(r"(?:^|[\s'\"=])(?:--workers|-w[\s=]?\d|--processes|WEB_CONCURRENCY=)")
"""By which a command names the number of its workers itself."""


def with_one_worker(plan: ProcessPlan, evidence: Evidence) -> ProcessPlan:
    """Return the plan, in which the web process of such an app has one worker unless the user asks for more."""
    who = keeper(evidence)
    processes = tuple(
        _alone(process, who, evidence) if who and process.type == "web" else process for process in plan.processes
    )
    return replace(plan, processes=processes)


def _alone(process: ProcessDecision, who: str, evidence: Evidence) -> ProcessDecision:
    if process.environment or OWN_WORKERS.search(" ".join(process.command)) or _is_configured(process, evidence):
        return process
    because = f"{process.because}; one worker (WEB_CONCURRENCY), because {who} keeps its users in memory"
    return replace(process, because=because, environment=ONE_WORKER)


def _is_configured(process: ProcessDecision, evidence: Evidence) -> bool:
    """Say whether the configuration that gunicorn reads names the number of its workers."""
    info = gunicorn_config.configuration(process, evidence)
    return info is not None and "workers" in info.assigned


def keeper(evidence: Evidence) -> str:
    """Return the name of the framework that keeps sessions in memory, or "" if any worker may answer any request."""
    for info in evidence.index.sources:
        for call in info.calls if not is_aside(info.path) else ():
            for kind in KEEPERS:
                if kind.is_in_memory(call):
                    return kind.name
    return ""
