"""Google's Functions Framework (https://cloud.google.com/functions/docs): functions as web services."""

from collections.abc import Iterator

from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.scripting import rank_script, script, scripts
from python_buildpack.ports.notice import Notice

TARGET = "FUNCTION_TARGET"
KINDS = frozenset({"http", "cloud_event", "typed"})
"""Names of its decorators."""
SOURCE = "main.py"
"""The file in which it looks for the function, unless an option names another one."""


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield each file with decorated functions; its first one is started, unless FUNCTION_TARGET names another one."""
    for info in scripts(evidence, using="functions_framework"):
        names = [name for name, function in info.functions.items() if KINDS & _kinds(function.decorators)]
        if not names:
            continue
        wanted = evidence.variables.get(TARGET, "")
        chosen = wanted if wanted in names else names[0]
        source = () if info.path == SOURCE else ("--source", info.path)
        start = command("functions-framework", "--target", chosen, *source)
        notices = (_several(info.path, chosen, names),) if len(names) > 1 and chosen != wanted else ()
        yield script(f"function {chosen} in {info.path}", rank_script(info, evidence), start, *notices)


FUNCTIONS = WebFramework(
    "Functions Framework",
    ("functions-framework",),
    words=frozenset({"functions_framework"}),
    search=_find,
    after_apps=True,
    programs={
        "functions-framework": "functions-framework",
        "functions_framework": "functions-framework",
        "ff": "functions-framework",
    },
)


def _kinds(decorators: tuple[str, ...]) -> set[str]:
    return {name.rpartition(".")[2] for name in decorators if name.partition(".")[0] == "functions_framework"}


def _several(path: str, chosen: str, names: list[str]) -> Notice:
    others = ", ".join(name for name in names if name != chosen)
    return Notice(
        "One of several functions is started",
        f"{path} has the functions {chosen}, {others}, and a process serves one. Set {TARGET} for the build to choose "
        "another one, or name a process for each in a Procfile: web: functions-framework --target NAME.",
    )
