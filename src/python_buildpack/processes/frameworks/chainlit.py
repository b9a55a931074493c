"""Chainlit (https://chainlit.io): scripts of handlers, served by its own server."""

from collections.abc import Iterator

from python_buildpack.processes.interface import Candidate, Evidence
from python_buildpack.processes.launch import command
from python_buildpack.processes.scripting import rank_script, script, scripts


def find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield every script with handlers; the helper derives CHAINLIT_PORT and CHAINLIT_HOST at start."""
    if evidence.has("chainlit"):
        for facts in scripts(evidence, using="chainlit"):
            start = command("chainlit", "run", facts.path, "--headless")
            yield script(f"Chainlit script {facts.path}", facts, rank_script(facts, evidence), start)
