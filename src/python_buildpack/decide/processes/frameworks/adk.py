"""Google's Agent Development Kit (https://google.github.io/adk-docs): folders with an agent, and its own server."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import rank_script, script, scripts

AGENT = "root_agent"
"""The name that ADK looks for in ``agent.py`` of each folder below the one that it is given."""
OPTIONS = ("--host", "0.0.0.0", "--port", "$PORT")  # noqa: S104 - a container is reached from outside


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the folder of each agent, once for agents that are beside each other."""
    seen: set[str] = set()
    for info in scripts(evidence, using="google.adk"):
        folder, _, name = info.path.rpartition("/")
        if name != "agent.py" or not folder or AGENT not in {binding.name for binding in info.bindings}:
            continue
        agents = folder.rpartition("/")[0] or "."
        if agents not in seen:
            seen.add(agents)
            start = command("adk", "api_server", *OPTIONS, agents)
            yield script(f"agent of {info.path}", rank_script(info, evidence), start)


ADK = WebFramework(
    "ADK",
    ("google-adk",),
    words=frozenset({AGENT}),
    search=_find,
    after_apps=True,
    programs={"adk": "google-adk"},
    loopback_commands={"adk": r"^(?:\S*/)?adk (?:web|api_server) (?!.*--host\b)"},
)
