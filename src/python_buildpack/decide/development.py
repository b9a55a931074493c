"""Changes the web process into one that reloads on changes, and adds one that a debugger can attach to. Pure."""

import shlex
from pathlib import Path

from cnb.frozen import frozen, replace
from python_buildpack.decide.exec_env import DEVELOPMENT, VARIABLE, exec_env
from python_buildpack.decide.processes.frameworks.registry import WEB_FRAMEWORKS
from python_buildpack.decide.processes.interface import ProcessDecision, ProcessPlan
from python_buildpack.decide.processes.launch import split_command
from python_buildpack.decide.processes.servers import SERVERS
from python_buildpack.ports.notice import Notice
from python_buildpack.settings.launch import DEBUG_HOST, DEBUG_PORT
from python_buildpack.settings.table import DEBUG, LIVE_RELOAD
from python_buildpack.settings.values import Settings
from python_buildpack.tools.pinned import DEBUGPY, WATCHFILES, PinnedTool

LAYER = "development"
"""The layer that the tools are in."""
LIVE_RELOAD_PROGRAM = "live_reload.py"
DEBUG_PROGRAM = "debug.py"
SUBDIRECTORY = "venv"
"""The environment of the tools, within the layer."""

_WITH_VALUE = frozenset({"-X", "-W"})
"""Options of the interpreter whose value may be the next argument."""
_NOT_PYTHON = frozenset({"sh", "bash"}).union(*(server.programs for server in SERVERS if not server.is_python))


@frozen
class Development:
    """The processes of an image for development, and the tools that they need."""

    plan: ProcessPlan
    tools: tuple[PinnedTool, ...] = ()
    reloads: bool = False
    """Whether the app's files will be changed in the running container."""


def decide_development(plan: ProcessPlan, settings: Settings, layer: Path) -> Development:
    """Return the plan with what BP_LIVE_RELOAD_ENABLED and BP_DEBUG ask for; unchanged if they are not set.

    An image for development reloads, unless BP_LIVE_RELOAD_ENABLED says no.

    ``layer`` is the path of the tools' layer. The ``debug`` process is made from the original web process, so that a
    debugger is attached to the server itself and not to the program that restarts it.
    """
    is_for_development = exec_env(settings) == DEVELOPMENT
    wants_reload, wants_debug = (
        settings.is_on(LIVE_RELOAD, default=is_for_development),
        settings.is_on(DEBUG, default=False),
    )
    if not (wants_reload or wants_debug):
        return Development(plan)
    web = next((process for process in plan.processes if process.type == "web"), None)
    if web is None:
        return Development(replace(plan, notices=(*plan.notices, _NO_WEB)))
    tools: list[PinnedTool] = []
    if wants_debug:
        plan = _with_debug(plan, web, layer, tools)
    if wants_reload:
        asked = f"{LIVE_RELOAD.name} is set" if settings.get(LIVE_RELOAD) else f"{VARIABLE} is {DEVELOPMENT}"
        plan = _with_reload(plan, web, layer, tools, asked)
    return Development(plan, tuple(tools), wants_reload)


def _with_reload(
    plan: ProcessPlan, web: ProcessDecision, layer: Path, tools: list[PinnedTool], asked: str
) -> ProcessPlan:
    because = f"{web.because}; reloads on changes, because {asked}"
    words = split_command(web.command)[1][:3]
    reloading = (kind for kind in WEB_FRAMEWORKS if kind.reload_variables)
    own = next((kind for kind in reloading if not kind.programs.keys().isdisjoint(words)), None)
    if own is not None:
        changed = replace(web, because=because, environment=(*web.environment, *own.reload_variables))
    else:
        command = (str(layer / SUBDIRECTORY / "bin/python"), "-I", str(layer / LIVE_RELOAD_PROGRAM), *web.command)
        changed = replace(web, command=command, because=because)
        tools.append(WATCHFILES)
    processes = tuple(changed if process is web else process for process in plan.processes)
    return replace(plan, processes=processes, notices=(*plan.notices, _reload(asked)))


def _with_debug(plan: ProcessPlan, web: ProcessDecision, layer: Path, tools: list[PinnedTool]) -> ProcessPlan:
    if any(process.type == "debug" for process in plan.processes):
        return replace(plan, notices=(*plan.notices, _DEBUG_EXISTS))
    before, argv = split_command(web.command)
    if argv[0].rpartition("/")[2] in _NOT_PYTHON:
        return replace(plan, notices=(*plan.notices, _not_debuggable(argv)))
    options, target = _target(argv)
    debug = ProcessDecision(
        "debug",
        # Without frozen modules: a debugger cannot stop in them, and warns about them at each start.
        (*before, "python", "-X", "frozen_modules=off", *options, str(layer / DEBUG_PROGRAM), *target),
        web.args,
        because=f"{DEBUG.name} is set: the web process under debugpy",
        # One worker, so that the debugger is attached to the one that answers.
        environment=(*web.environment, ("WEB_CONCURRENCY", "1")),
    )
    tools.append(DEBUGPY)
    return replace(plan, processes=(*plan.processes, debug), notices=(*plan.notices, _DEBUG))


def _target(argv: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the interpreter's options, and what it runs: a program, a file, -m MODULE or -c CODE."""
    name = argv[0].rpartition("/")[2]
    options = next((server.debug_options for server in SERVERS if name in server.programs), ())
    if options:
        return (), (argv[0], *options, *argv[1:])
    if not name.startswith("python"):
        return (), argv
    end = 1
    while end < len(argv) and argv[end].startswith("-") and argv[end] not in {"-m", "-c"}:
        end += 2 if argv[end] in _WITH_VALUE else 1
    return argv[1:end], argv[end:]


_NO_WEB = Notice(
    "There is no web process for development",
    f"{LIVE_RELOAD.name} and {DEBUG.name} change how the web process starts, and none was found. Name one in a file "
    "named Procfile: web: COMMAND.",
)
_DEBUG = Notice(
    "The image has a debugger: it is not for production",
    f"{DEBUG.name} is set. Whoever reaches the debugger's port can run any code in the container. The process debug "
    f"listens on 127.0.0.1:{DEBUG_PORT.default} inside the container, which kubectl port-forward reaches; for Docker:\n"
    f"    docker run -p 127.0.0.1:{DEBUG_PORT.default}:{DEBUG_PORT.default} -e {DEBUG_HOST.name}=0.0.0.0 "
    "-p 8080:8080 --entrypoint debug IMAGE",
)
_DEBUG_EXISTS = Notice(
    "No debug process was added",
    f"{DEBUG.name} is set, but the Procfile has a process named debug already, and that one is kept. Give it another "
    "name to have both.",
)


def _reload(asked: str) -> Notice:
    return Notice(
        "The web process is for development: it restarts when a file changes",
        f"{asked}. Build without it for production. Dependencies are not installed again by a restart: for those, "
        "build again.",
    )


def _not_debuggable(argv: tuple[str, ...]) -> Notice:
    return Notice(
        "No debug process was added",
        f"{DEBUG.name} is set, but the web process starts as '{shlex.join(argv)[:100]}', and debugpy can only start "
        "Python programs. Write the line in the Procfile without anything that needs a shell, as in "
        "'web: gunicorn app:app'.",
    )
