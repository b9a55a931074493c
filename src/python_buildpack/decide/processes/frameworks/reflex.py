"""Reflex (https://reflex.dev): an app that rxconfig.py configures; it builds its pages when it starts."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import rank_script, script, scripts
from python_buildpack.ports.notice import Notice

CONFIG = "rxconfig.py"
PAGES = Notice(
    "Reflex builds its pages when the container starts",
    "For that it uses Bun or Node, and downloads them and packages of npm: the container needs the network, memory and "
    "some minutes at each start. Pages and backend share one port, which older releases of Reflex cannot do.",
)


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the app of each configuration, which Reflex looks for where it starts."""
    for info in scripts(evidence, using="reflex"):
        folder, _, name = info.path.rpartition("/")
        if name == CONFIG:
            ports = ("--single-port", "--frontend-port", "$PORT", "--backend-port", "$PORT")
            start = command("reflex", "run", "--env", "prod", *ports, chdir=folder)
            yield script(f"Reflex app of {info.path}", rank_script(info, evidence), start, PAGES)


REFLEX = WebFramework(
    "Reflex",
    ("reflex",),
    words=frozenset({"reflex"}),
    search=_find,
    programs={"reflex": "reflex"},
)
