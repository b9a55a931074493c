"""gunicorn.conf.py, which gunicorn reads by default: it may name the app, and may bind to another port than PORT."""

import re
from collections.abc import Iterator

from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.ports.notice import Notice

FILE = "gunicorn.conf.py"
NAMED = re.compile(r" (?:-c|--config)[ =](?:file:)?(?:\./)?([\w./-]+\.py)")
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
            f"{info.path} sets bind = {info.constants['bind'][0]!r}, and that goes before the environment variable "
            "PORT. Remove the line: gunicorn then listens on 0.0.0.0 and PORT.",
        ),
    )
