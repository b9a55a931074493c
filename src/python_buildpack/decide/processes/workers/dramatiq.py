"""Dramatiq (https://dramatiq.io): a worker that imports every module with actors."""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.workers.interface import TaskQueue
from python_buildpack.decide.processes.workers.management import management_worker


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield the worker."""
    if evidence.has("django-dramatiq"):
        worker = management_worker(evidence, "rundramatiq", because="django-dramatiq is installed")
        if worker:
            yield worker
            return
    if not evidence.has("dramatiq"):
        return
    actors = [
        App.at(info.place, "", "wsgi")
        for info in evidence.index.sources
        if "dramatiq.actor" in info.uses and info.place.module and not is_aside(info.path)
    ]
    if actors:
        first = actors[0]
        modules = sorted(app.module for app in actors if app.root == first.root)
        start = command("dramatiq", *modules, chdir=first.chdir, path=first.path)
        yield ProcessDecision.starting("worker", start, because=f"Dramatiq actors in {', '.join(modules)}")


DRAMATIQ = TaskQueue(
    "Dramatiq",
    ("dramatiq", "django-dramatiq"),
    frozenset({"dramatiq"}),
    _find,
    {"dramatiq": "dramatiq"},
    folder_options=("--path", "-P"),
    list_options=frozenset({"--path", "-P", "--queues", "-Q"}),
    names_from=0,
)
