"""marimo (https://marimo.io): notebooks that are Python files, served as apps by marimo's own server."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import rank_script, script, scripts

NOTEBOOK = "marimo.App"
OPTIONS = ("--headless", "--host", "0.0.0.0", "--port", "$PORT")  # noqa: S104 - a container is reached from outside


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield every notebook."""
    for info in scripts(evidence, using="marimo"):
        if any(binding.origin == NOTEBOOK and binding.called for binding in info.bindings):
            start = command("marimo", "run", *OPTIONS, info.path)
            yield script(f"marimo notebook {info.path}", rank_script(info, evidence), start)


MARIMO = WebFramework(
    "marimo",
    ("marimo",),
    words=frozenset({"marimo"}),
    search=_find,
    after_apps=True,
    in_memory={"marimo.create_asgi_app": ""},
    programs={"marimo": "marimo"},
    loopback_commands={"marimo": r"^(?:\S*/|python\S* -m )?marimo run (?!.*--host\b)"},
)
