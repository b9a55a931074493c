"""Robyn (https://robyn.tech): programs with a server of their own, written in Rust."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.scripting import rank_script, run_file, script, scripts
from python_buildpack.decide.processes.server import ANY_HOST, PORT

APP = "robyn.Robyn"


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield every program that starts an app; ROBYN_HOST and ROBYN_PORT have precedence over its arguments."""
    for info in scripts(evidence, using="robyn"):
        made = [binding for binding in info.bindings if binding.origin == APP and binding.called]
        if made or any(call.name == APP for call in info.calls):
            yield script(f"Robyn app of {info.path}", rank_script(info, evidence), run_file(info, evidence))


ROBYN = WebFramework(
    "Robyn",
    ("robyn",),
    words=frozenset({"robyn"}),
    search=_find,
    programs={"robyn": "robyn"},
    launch_variables={"ROBYN_HOST": ANY_HOST, "ROBYN_PORT": PORT},
)
