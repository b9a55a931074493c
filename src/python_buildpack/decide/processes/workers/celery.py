"""Celery (https://docs.celeryq.dev): ``worker``, and ``beat`` if the sources have a schedule."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.apps import position
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.decide.processes.workers.interface import TaskQueue

NAMES = ("app", "celery", "celery_app")
PLAIN_NAMES = frozenset({"app", "celery"})
"""Celery finds an app with one of these names in a module if only the module is named."""
MODULES = ("celery", "celery_app", "celeryapp", "celery_worker", "worker", "tasks", "make_celery")
SCHEDULES = frozenset({"beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE"})
ADDS = "add_periodic_task"
DATABASE_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield a worker for the Celery app, and beat."""
    apps = [export for export in evidence.index.exports() if export.origin in {"celery.Celery", "celery.app.Celery"}]
    bound = [export for export in apps if not export.is_factory and _is_own(export)] or list(_extensions(evidence))
    if not bound:
        return
    export = min(bound, key=_order)
    app = App.at(export.info.place, export.name, "wsgi")
    target = app.module if app.name in PLAIN_NAMES else app.target
    because = f'{export.info.path} has the Celery app "{export.name}"'
    celery = ("celery", "--app", target)
    where = {"chdir": app.chdir, "path": app.path}
    worker = command(*celery, "worker", "--loglevel", "INFO", **where)
    yield ProcessDecision.starting("worker", worker, because=because)
    if evidence.has("django-celery-beat"):
        options: tuple[str, ...] = ("--scheduler", DATABASE_SCHEDULER)
        reason = "django-celery-beat is installed"
    elif _schedule(evidence):
        # The default is a file in the app directory, which may be read-only.
        options = ("--schedule", "/tmp/celerybeat-schedule")  # noqa: S108 - one container, one process, own file
        reason = f"a schedule in {_schedule(evidence)}"
    else:
        return
    beat = command(*celery, "beat", "--loglevel", "INFO", *options, **where)
    yield ProcessDecision.starting("beat", beat, because=f"{because}, and {reason}")


CELERY = TaskQueue(
    "Celery",
    ("celery",),
    frozenset({"celery", "Celery", ADDS, *SCHEDULES}),
    _find,
    {"celery": "celery", "flower": "flower"},
    app_options=("-A", "--app"),
    app_first="5.0",
    passing_on=frozenset({"multi"}),
    folder_options=("--workdir",),
    submodule="celery",
    detaching=frozenset({"-D", "--detach"}),
)


def _extensions(evidence: Evidence) -> Iterator[Export]:
    """Yield ``celery_app = flask_app.extensions["celery"]``, as Flask's documentation has it."""
    for info in evidence.index.sources:
        for binding in info.bindings:
            if binding.origin.endswith(".extensions.celery") and info.place.module:
                yield Export(info, binding.name, "celery.Celery", is_factory=False)


def _is_own(export: Export) -> bool:
    return any(binding.name == export.name for binding in export.info.bindings)


def _order(export: Export) -> tuple[bool, int, int, int, str]:
    info = export.info
    module = info.place.module.rpartition(".")[2]
    return (
        is_aside(info.path), position(module, MODULES), info.place.depth, position(export.name, NAMES), info.path
    )  # fmt: skip


def _schedule(evidence: Evidence) -> str:
    """Return the file that sets a beat schedule or adds periodic tasks, "" if none does."""
    for info in evidence.index.sources:
        adds = any(use.rpartition(".")[2] == ADDS for use in info.uses)
        if adds or not info.assigned.isdisjoint(SCHEDULES):
            return info.path
    return ""
