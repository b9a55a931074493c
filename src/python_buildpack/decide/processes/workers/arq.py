"""arq (https://arq-docs.helpmanual.io): a worker for the class with its settings."""

from collections.abc import Iterator

from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.workers.interface import TaskQueue

SETTINGS = "WorkerSettings"
"""The class name of arq's documentation; a class of another name cannot be recognised."""


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield the worker."""
    for info in evidence.index.sources:
        if SETTINGS in info.classes and info.place.module:
            app = App.at(info.place, SETTINGS, "wsgi")
            start = command("arq", f"{app.module}.{SETTINGS}", chdir=app.chdir, path=app.path)
            yield ProcessDecision.starting("worker", start, because=f"arq's {SETTINGS} in {info.path}")
            return


ARQ = TaskQueue("arq", ("arq",), frozenset({SETTINGS}), _find, {"arq": "arq"}, names_from=0)
