"""Panel (https://panel.holoviz.org), and the Bokeh server that it runs on."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.frameworks.voila import notebooks_of, rank_notebook
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import own_port, rank_script, run_file, script, scripts

OPTIONS = ("--address", "0.0.0.0", "--port", "$PORT")  # noqa: S104 - a container is reached from outside


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield scripts with servable objects, scripts that start a server themselves, and notebooks."""
    for info in scripts(evidence, using="panel"):
        rank = rank_script(info, evidence)
        what = f"Panel script {info.path}"
        if any(use.rpartition(".")[2] == "servable" for use in info.uses):
            yield script(what, rank, command("panel", "serve", info.path, *OPTIONS))
        elif "panel.serve" in info.uses:
            notices = () if info.reads_port else (own_port("Panel", info),)
            yield script(what, rank, run_file(info, evidence), *notices)
    if notebooks := notebooks_of(evidence):
        what = f"Panel notebook {notebooks[0]}" if len(notebooks) == 1 else f"{len(notebooks)} Panel notebooks"
        yield script(what, rank_notebook(notebooks[0]), command("panel", "serve", *notebooks, *OPTIONS))


PANEL = WebFramework(
    "Panel",
    ("panel",),
    words=frozenset({"panel"}),
    search=_find,
    programs={"panel": "panel", "bokeh": "bokeh"},
    # By default, Bokeh and Panel accept WebSocket connections for the host name localhost only.
    launch_variables={"BOKEH_ALLOW_WS_ORIGIN": "*"},
)
