"""gunicorn.conf.py, which gunicorn reads by default: it may name the app, and may bind to another port than PORT."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from packaging.utils import canonicalize_name

from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.ports.notice import Notice

FILE = "gunicorn.conf.py"
NAMED = re.compile(r" (?:-c|--config)[ =](?:file:)?(?:\./)?([\w./-]+\.py)")
WORKER_CLASS = re.compile(r" (?:-k|--worker-class)[ =]?['\"]?([\w.-]+)")
WORKER_CLASSES: Mapping[str, str] = MappingProxyType({
    "gevent_wsgi": "gevent", "gevent_pywsgi": "gevent", "ggevent": "gevent", "geventlet": "eventlet",
    "gtornado": "tornado", "uvicorn_worker": "uvicorn-worker",
})  # fmt: skip
"""Worker classes, and modules that have some, which are not called like the distribution that provides them."""
OWN_CLASSES = frozenset({"sync", "gthread", "base", "asgi", "gasgi"})
BIND = re.compile(r" (?:-b|--bind)[ =]?\S")


def find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield gunicorn without an argument, if its configuration names the app (setting ``wsgi_app``)."""
    info = evidence.index.source(FILE)
    if info is not None and info.constants.get("wsgi_app") and evidence.has("gunicorn"):
        what = f"wsgi_app in {FILE}"
        yield Candidate(Rank(undeclared=0), what, ProcessDecision("web", ("gunicorn",), because=what))


def configuration(process: ProcessDecision, evidence: Evidence) -> ModuleInfo | None:
    """Return what is known of the configuration file of a gunicorn process: the one that it names, or the usual one."""
    command = " ".join(process.command)
    if "gunicorn" not in command:
        return None
    named = NAMED.search(command)
    return evidence.index.source(named[1] if named else FILE)


def notice_bind(evidence: Evidence, process: ProcessDecision) -> tuple[Notice, ...]:
    """Return a warning if the configuration of a gunicorn process binds to an address without PORT.

    An address in the command has precedence over the configuration's.
    """
    info = configuration(process, evidence)
    has_own = BIND.search(" ".join(process.command)) is not None
    if info is None or has_own or not info.constants.get("bind") or info.reads_port:
        return ()
    return (
        Notice(
            "gunicorn does not listen on PORT",
            f"{info.path} sets bind = {info.constants['bind'][0]!r}, which has precedence over the variable "
            "PORT. Remove the line: gunicorn then listens on 0.0.0.0 and PORT.",
        ),
    )


def notice_worker_class(evidence: Evidence, process: ProcessDecision) -> tuple[Notice, ...]:
    """Return a warning where a gunicorn process has a class of workers whose package is not installed.

    A class is called like its package (``gevent``), or it is the full name of one in a module of the package
    (``uvicorn.workers.UvicornWorker``). The command's has precedence over the configuration's.
    """
    info = configuration(process, evidence)
    command = " ".join(process.command)
    named = WORKER_CLASS.search(command) if "gunicorn" in command else None
    worker = named[1] if named else next(iter(info.constants.get("worker_class", ()) if info else ()), "")
    parts = worker.split(".")
    module = parts[2] if parts[:2] == ["gunicorn", "workers"] and len(parts) > 2 else parts[0]  # noqa: PLR2004
    distribution = WORKER_CLASSES.get(module, canonicalize_name(module))
    is_own = module in OWN_CLASSES or f"{module}.py" in evidence.project.files or module in evidence.project.directories
    if not worker or is_own or any(distribution in name for name in evidence.installed.names):
        return ()
    where = process.because.partition(" (")[0] if named else info.path if info else ""
    return (
        Notice(
            f"{distribution} is not installed",
            f"{where} has gunicorn use workers of the class {worker}. {distribution} provides it, and is not among the "
            f"app's dependencies. Add {distribution} to them, or gunicorn will not start.",
        ),
    )
