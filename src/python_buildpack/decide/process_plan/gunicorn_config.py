"""gunicorn.conf.py, which gunicorn reads by default: it may name the app, and may bind to another port than PORT."""

import re
from collections.abc import Iterator

from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision, Rank
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


def notice_bind(evidence: Evidence, process: ProcessDecision) -> tuple[Notice, ...]:
    """Return a warning if the configuration of a gunicorn process binds to an address without PORT.

    An address in the command has precedence over the configuration's.
    """
    command = " ".join(process.command)
    if "gunicorn" not in command or BIND.search(command):
        return ()
    named = NAMED.search(command)
    file = named[1] if named else FILE
    info = evidence.index.source(file)
    if info is None or not info.constants.get("bind") or info.reads_port:
        return ()
    return (
        Notice(
            "gunicorn does not listen on PORT",
            f"{file} sets bind = {info.constants['bind'][0]!r}, which overrides the environment variable PORT. "
            "Remove the line: gunicorn then listens on 0.0.0.0 and PORT.",
        ),
    )
