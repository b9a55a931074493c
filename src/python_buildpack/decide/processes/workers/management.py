"""Task queues whose workers are commands of a Django project's manage.py."""

from python_buildpack.decide.processes.interface import Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import command


def management_worker(evidence: Evidence, *arguments: str, because: str) -> ProcessDecision | None:
    """Return ``python manage.py <arguments>`` as the worker, by the manage.py nearest to the root; None without one."""
    found = [path for path in evidence.project.files if path == "manage.py" or path.endswith("/manage.py")]
    if not found:
        return None
    path = min(found, key=lambda path: (path.count("/"), path))
    start = command("python", "manage.py", *arguments, chdir=path.rpartition("/")[0])
    return ProcessDecision.starting("worker", start, because=f"{because}, with {path}")
