"""Taskiq (https://taskiq-python.github.io): a worker for the broker and all modules with tasks, and a scheduler."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.decide.processes.workers.interface import TaskQueue

IN_MEMORY = "InMemoryBroker"
SCHEDULER = "TaskiqScheduler"
MODULES = ("broker", "tkq", "tasks", "worker", "main", "app")
"""Names of modules that have the broker, the likeliest first."""


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield the worker of the broker, and the scheduler if there is one."""
    exports = [
        export for export in evidence.index.exports() if not export.is_factory and not is_aside(export.info.path)
    ]
    brokers = [export for export in exports if _is_broker(export)]
    if not brokers:
        return
    broker = min(brokers, key=_order)
    app = App.at(broker.info.place, broker.name, "wsgi")
    modules = _task_modules(broker, evidence)
    where = {"chdir": app.chdir, "path": app.path}
    because = f'{broker.info.path} has the Taskiq broker "{broker.name}"'
    yield ProcessDecision.starting(
        "worker", command("taskiq", "worker", app.target, *modules, **where), because=because
    )
    schedulers = [export for export in exports if export.origin.rpartition(".")[2] == SCHEDULER]
    if schedulers:
        one = min(schedulers, key=_order)
        target = App.at(one.info.place, one.name, "wsgi").target
        because = f'{one.info.path} has the Taskiq scheduler "{one.name}"'
        start = command("taskiq", "scheduler", target, *modules, **where)
        yield ProcessDecision.starting("scheduler", start, because=because)


TASKIQ = TaskQueue(
    "Taskiq",
    ("taskiq",),
    frozenset({"taskiq", SCHEDULER, "broker"}),
    _find,
    {"taskiq": "taskiq"},
    # The word before is "worker" or "scheduler".
    names_from=1,
)


def _is_broker(export: Export) -> bool:
    """Say whether an object is a broker: a class of that kind, of Taskiq or of a distribution for it.

    A broker in memory runs its tasks in the process that sends them; a worker ends with "Inmemory brokers cannot
    listen". It is often made for tests, under a condition.
    """
    origins = {export.origin, *(one.origin for one in export.info.bindings if one.name == export.name)}
    return any(
        origin.partition(".")[0].startswith("taskiq")
        and origin.endswith("Broker")
        and not origin.endswith(f".{IN_MEMORY}")
        for origin in origins
    )


def _order(export: Export) -> tuple[int, int, str]:
    last = export.info.place.module.rpartition(".")[2]
    return export.info.place.depth, MODULES.index(last) if last in MODULES else len(MODULES), export.info.path


def _task_modules(broker: Export, evidence: Evidence) -> tuple[str, ...]:
    """Return the other modules with tasks of a broker: the worker knows those of the modules that it imports."""
    return tuple(
        sorted(
            info.place.module
            for info in evidence.index.sources
            if info is not broker.info
            and info.place.module
            and info.place.root == broker.info.place.root
            and not is_aside(info.path)
            and any(use.endswith((".broker.task", f".{broker.name}.task")) for use in info.uses)
        )
    )
