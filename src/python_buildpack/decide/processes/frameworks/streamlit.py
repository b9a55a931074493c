"""Streamlit (https://streamlit.io): scripts, served by its own server."""

from collections.abc import Iterator

from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import rank_script, script, scripts


def find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield every script that may be the app's first page; the helper derives STREAMLIT_SERVER_PORT at start."""
    if evidence.has("streamlit"):
        for info in scripts(evidence, using="streamlit"):
            start = command("streamlit", "run", info.path)
            yield script(f"Streamlit script {info.path}", info, rank_script(info, evidence), start)
