"""Huey (https://huey.readthedocs.io): a consumer for the app's instance, or Django's command."""

from collections.abc import Iterator

from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.workers.interface import TaskQueue
from python_buildpack.decide.processes.workers.management import management_worker

CLASSES = ("Huey", "RedisHuey", "SqliteHuey", "FileHuey", "MemoryHuey", "PriorityRedisHuey", "RedisExpireHuey",
           "PriorityRedisExpireHuey", "BlackHoleHuey", "PostgresHuey")  # fmt: skip
DJANGO_APP = "huey.contrib.djhuey"


def _find(evidence: Evidence) -> Iterator[ProcessDecision]:
    """Yield the worker."""
    if any(DJANGO_APP in texts for info in evidence.index.sources for texts in info.constants.values()):
        worker = management_worker(evidence, "run_huey", because=f"{DJANGO_APP} is in INSTALLED_APPS")
        if worker:
            yield worker
            return
    for export in evidence.index.exports():
        package, _, name = export.origin.rpartition(".")
        own = any(binding.name == export.name for binding in export.info.bindings)
        if package.partition(".")[0] == "huey" and name in CLASSES and own and not export.is_factory:
            app = App.at(export.info.place, export.name, "wsgi")
            # The name of the consumer's script differs between versions, that of its module does not.
            start = command(
                "python", "-m", "huey.bin.huey_consumer", f"{app.module}.{app.name}", chdir=app.chdir, path=app.path
            )
            yield ProcessDecision.starting(
                "worker", start, because=f'{export.info.path} has the Huey instance "{export.name}"'
            )
            return


HUEY = TaskQueue(
    "Huey",
    ("huey",),
    frozenset({"huey"}),
    _find,
    {"huey": "huey", "huey_consumer": "huey", "huey_consumer.py": "huey"},
    names_from=0,
)
