"""RQ (https://python-rq.org): a script that runs a worker, the queues that the app names, or django-rq."""

from collections.abc import Iterator

from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.module_info import Call
from python_buildpack.decide.processes.scripting import run_file
from python_buildpack.decide.processes.workers.interface import TaskQueue
from python_buildpack.decide.processes.workers.management import management_worker

WORKERS = frozenset({"rq.Worker", "rq.SimpleWorker", "rq.worker.Worker", "rq.worker.SimpleWorker"})

URGENCY = {"critical": 0, "high": 0, "low": 2}
"""Usual names of queues that are served before or after the others."""


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield the worker."""
    if evidence.has("django-rq"):
        queues = _django_queues(evidence)
        worker = management_worker(evidence, "rqworker", *queues, because="django-rq is installed")
        if worker:
            yield worker
            return
    if not evidence.has("rq"):
        return
    sources = [info for info in evidence.index.sources if info.place.module]
    for info in sources:
        if not info.uses.isdisjoint(WORKERS) and any(use.rpartition(".")[2] == "work" for use in info.uses):
            yield ProcessDecision.starting("worker", run_file(info, evidence), because=f"RQ worker run by {info.path}")
            return
    calls = [call for info in sources for call in info.calls if call.name in {"rq.Queue", "rq.queue.Queue"}]
    found = [_queue_names(call, evidence) for call in calls]
    names = {name for each in found for name in each}
    enqueues = any(use.rpartition(".")[2].startswith("enqueue") for info in sources for use in info.uses)
    if () in found and not enqueues:
        # It looks at the queues of others.
        return
    if names:
        start = command("rq", "worker", "--url", "$REDIS_URL", *sorted(names))
        yield ProcessDecision.starting("worker", start, because=f"RQ queues {', '.join(sorted(names))}, at REDIS_URL")


def _queue_names(call: Call, evidence: Evidence) -> tuple[str, ...]:
    """Return the name that a queue is made with: a literal, a constant of the app, or RQ's default if none is given.

    Empty if it is computed, as in a dashboard for queues of others: a worker for a guessed name would get no tasks.
    """
    if not call.names and "name" not in call.keywords:
        return ("default",)
    if call.strings and not call.names[0]:
        return call.strings[:1]
    given = call.names[0] if call.names else call.keywords["name"]
    if not call.names and "name" in call.literal:
        return (given,)
    module, _, constant = given.rpartition(".")
    info = evidence.index.module(module)
    return info.constants.get(constant, ())[:1] if info is not None else ()


RQ = TaskQueue(
    "RQ",
    ("rq", "django-rq"),
    frozenset({"rq"}),
    _find,
    {"rq": "rq", "rqworker": "rq", "rqscheduler": "rq-scheduler"},
)


def _django_queues(evidence: Evidence) -> tuple[str, ...]:
    """Return the queues that the settings name, in the order in which a worker serves them."""
    queues = [queue for info in evidence.index.sources for queue in info.constants.get("RQ_QUEUES", ())]
    return tuple(sorted(dict.fromkeys(queues), key=lambda queue: URGENCY.get(queue, 1))) or ("default",)
