"""Shiny (https://shiny.posit.co/py): app objects and Shiny Express scripts, both served by its own server."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.scripting import rank_script, script, scripts

# Not uvicorn, on which it depends: of several workers, only one would have the session of an upload or a download.
OPTIONS = ("--host", "0.0.0.0", "--port", "$PORT")  # noqa: S104 - a container is reached from outside
APP = "shiny.App"
EXPRESS = "shiny.express"


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the modules with an app object, and the Shiny Express scripts."""
    for info in scripts(evidence, using="shiny"):
        target = _target(info)
        if target is not None:
            start = command("shiny", "run", *OPTIONS, target)
            yield script(f"Shiny script {info.path}", rank_script(info, evidence), start)


def _target(info: ModuleInfo) -> str | None:
    for binding in info.bindings:
        if binding.origin == APP:
            return info.path if binding.name == "app" else f"{info.path}:{binding.name}"
    return info.path if info.is_using(EXPRESS) else None


SHINY = WebFramework(
    "Shiny",
    ("shiny",),
    words=frozenset({"shiny"}),
    search=_find,
    in_memory={APP: "", EXPRESS: ""},
    programs={"shiny": "shiny"},
)
