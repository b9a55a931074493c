"""Streamlit (https://streamlit.io): scripts, served by its own server."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import rank_script, script, scripts
from python_buildpack.decide.processes.server import ANY_HOST, PORT


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield every script that may be the app's first page; the helper derives STREAMLIT_SERVER_PORT at start."""
    for info in scripts(evidence, using="streamlit"):
        start = command("streamlit", "run", info.path)
        yield script(f"Streamlit script {info.path}", rank_script(info, evidence), start)


STREAMLIT = WebFramework(
    "Streamlit",
    ("streamlit",),
    words=frozenset({"streamlit"}),
    search=_find,
    programs={"streamlit": "streamlit"},
    launch_variables={
        "STREAMLIT_SERVER_ADDRESS": ANY_HOST,
        "STREAMLIT_SERVER_PORT": PORT,
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    },
    # Its own reload keeps the sessions of open browser windows.
    reload_variables=(("STREAMLIT_SERVER_RUN_ON_SAVE", "true"),),
)
