"""Chainlit (https://chainlit.io): scripts of handlers, served by its own server or by an app that mounts them."""

from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import rank_script, script, scripts
from python_buildpack.decide.processes.server import ANY_HOST, PORT

MOUNT = "chainlit.utils.mount_chainlit"


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the app that mounts them, if there is one, then each script with handlers, which gets CHAINLIT_PORT."""
    is_mounted = any(MOUNT in info.uses for info in evidence.index.sources)
    for info in scripts(evidence, using="chainlit"):
        if MOUNT not in info.uses:
            start = command("chainlit", "run", info.path, "--headless")
            rank = replace(rank_script(info, evidence), mounted=int(is_mounted))
            yield script(f"Chainlit script {info.path}", rank, start)


CHAINLIT = WebFramework(
    "Chainlit",
    ("chainlit",),
    words=frozenset({"chainlit"}),
    search=_find,
    in_memory={MOUNT: ""},
    programs={"chainlit": "chainlit"},
    launch_variables={"CHAINLIT_HOST": ANY_HOST, "CHAINLIT_PORT": PORT},
)
