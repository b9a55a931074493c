"""gunicorn.conf.py, which gunicorn reads by default: it may name the app, and may bind to another port than PORT."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from packaging.utils import canonicalize_name

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.targets import configuration_of, last_target, may_set, targets
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.servers import (
    GUNICORN_CONFIGURATION,
    server_of,
    websocket_workers,
    with_websockets,
)
from python_buildpack.ports.notice import Notice

WORKER_CLASS = re.compile(r" (?:-k|--worker-class)[ =]?['\"]?([\w.-]+)")
WORKER_CLASSES: Mapping[str, str] = MappingProxyType({
    "gevent_wsgi": "gevent", "gevent_pywsgi": "gevent", "ggevent": "gevent", "geventlet": "eventlet",
    "gtornado": "tornado", "uvicorn_worker": "uvicorn-worker",
})  # fmt: skip
"""Worker classes, and modules that have some, which are not called like the distribution that provides them."""
OWN_CLASSES = frozenset({"sync", "gthread", "base", "asgi", "gasgi"})
SEVERAL_AT_ONCE = re.compile(r" (?:-k|--worker-class|--threads)")
"""Options that choose workers which do several things at once."""
BIND = re.compile(r" (?:-b|--bind)[ =]?\S")


def find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield gunicorn without an argument, if its configuration names the app (setting ``wsgi_app``)."""
    info = evidence.index.source(GUNICORN_CONFIGURATION.file)
    if info is not None and info.constants.get("wsgi_app") and evidence.has("gunicorn"):
        what = f"wsgi_app in {GUNICORN_CONFIGURATION.file}"
        yield Candidate(Rank(undeclared=0), what, ProcessDecision("web", ("gunicorn",), because=what))


def configuration(process: ProcessDecision, evidence: Evidence) -> ModuleInfo | None:
    """Return what is known of the configuration file of a gunicorn process: the one that it names, or the usual one."""
    command = " ".join(process.command)
    if "gunicorn" not in command:
        return None
    return evidence.index.source(GUNICORN_CONFIGURATION.named(command) or GUNICORN_CONFIGURATION.file)


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
    if not worker or is_own or _is_part_of_one(distribution, evidence):
        return ()
    from python_buildpack.decide.process_plan.interfaces import notice_interface  # noqa: PLC0415 - few lack a class

    if any(notice_interface(command, "", evidence)):
        # The line has to be another one.
        return ()
    where = process.because.partition(" (")[0] if named else info.path if info else ""
    return (
        Notice(
            f"{distribution} is not installed",
            f"{where} has gunicorn use the worker class {worker}, of {distribution}, which is not among the "
            f"app's dependencies: gunicorn will not start. Add {distribution} to them, or take out the class.",
        ),
    )


def notice_named_class(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the same of a class that a line of a script names."""
    if WORKER_CLASS.search(command) and any(target.program == "gunicorn" for target in targets(command)):
        yield from notice_worker_class(evidence, ProcessDecision("", (command,), because=where))


def _is_part_of_one(distribution: str, evidence: Evidence) -> bool:
    """Say whether an installed distribution has a name with this one in it; modules have no hyphens."""
    part = distribution.replace("-", "")
    return any(part in name.replace("-", "") for name in evidence.installed.names)


def notice_websockets(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for gunicorn with workers that serve one WebSocket at a time, for an app that has some."""
    text = shell.unwrapped(command)
    target = last_target(text)
    server = server_of(target.program) if target is not None and target.program == "gunicorn" else None
    is_told = server is None or server.has_options_elsewhere(text, evidence)
    if target is None or is_told or not with_websockets(evidence):
        return
    line = " ".join(word.value for word in target.words)
    info = configuration_of(target, evidence)
    is_configured = may_set(info, {"worker_class", "threads"}, evidence) if info else " -c" in line
    if not is_configured and not SEVERAL_AT_ONCE.search(line):
        at = target.words[0].end
        yield Notice(
            "Each WebSocket takes a worker of gunicorn",
            f"{where} starts gunicorn with its usual workers, which serve one request at a time and are ended when it "
            f"takes longer than 30 seconds. The app has WebSockets, by {with_websockets(evidence)}. Write:\n"
            f"    {text[:at]} {' '.join(websocket_workers(evidence))}{text[at:]}",
        )
