"""What most web frameworks have in common: an app object (or a factory) in a module, which a server imports."""

from collections.abc import Mapping

from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.interface import INTERFACES, Evidence, Interface, Rank
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.servers import APP_CALLS, RUNNERS, TASK_CALLS
from python_buildpack.decide.processes.source_index import Export

MODULES: Mapping[Interface, tuple[str, ...]] = {
    "wsgi": ("wsgi", "app", "application", "main", "server", "api", "web", "run", "index", "site", "service"),
    "asgi": ("asgi", "main", "app", "application", "server", "api", "web", "run", "index", "site", "service"),
}
"""Names of modules that may have an app, the likeliest first."""
ENTRIES = frozenset(INTERFACES)
"""Names of modules that are there to give an app to a server."""
HELPERS = frozenset({"seed", "cli", "shell", "tasks", "manage",
                     "migrate", "init_db", "create_db", "initdb", "bot", "script", "scheduler", "cron", "views",
                     "routes", "models", "urls", "utils", "extensions", "db", "database"})  # fmt: skip
"""Names of modules that import the app to use it, but do not define it."""
NAMES = ("app", "application", "server", "api", "asgi_app", "wsgi_app", "asgi", "wsgi")
FACTORY_WORDS = ("create_app", "make_app", "build_app", "get_app", "create_application", "make_application",
                 "app_factory", "get_application", "init_app", "create_server", "create_api")  # fmt: skip
"""Names of functions that make an app of any framework, and are used for nothing else."""
FACTORIES = (*FACTORY_WORDS, "factory", "create", "app", "application")
"""Names of app factories, the likeliest first."""
TASKS = frozenset(
    {"asyncio.gather", "asyncio.create_task", "asyncio.TaskGroup", "asyncio.wait", "anyio.create_task_group"}
)


def is_eligible(export: Export, evidence: Evidence) -> bool:
    """Say whether an export may be served: it is not private, and a re-export counts only in an entry module."""
    name, info = export.name, export.info
    is_own = name in info.functions or any(binding.name == name for binding in info.bindings)
    if name.startswith("_") or (export.is_async and not export.is_factory) or runs_beside(export, evidence):
        return False
    return is_own or is_entry(export, evidence) or (info.place.is_package and name in NAMES)


def runs_beside(export: Export, evidence: Evidence) -> bool:
    """Say whether a program runs the app in a thread or task beside something else, such as a bot's health page.

    Then the program has to be started: a server for the app alone would not run the rest.
    """
    info = export.info
    if any(_runs_as_task(export, program) for program in evidence.index.sources):
        return True
    run = f"{info.place.module}.{export.name}.run"
    targets = {call.keywords.get("target", "") for call in info.calls if call.name == "threading.Thread"}
    functions = {f"{info.place.module}.{name}" for name in info.functions}
    # With a main guard, the app itself is run there, and the thread may do work for it.
    return run in targets or (run in info.uses and not info.has_main and not functions.isdisjoint(targets))


def _runs_as_task(export: Export, program: ModuleInfo) -> bool:
    """Say whether a program has a server serve an app as one of several tasks of its event loop."""
    module = export.info.place.module
    # An app that a module has from another one is named as it is there.
    names = {f"{module}.{export.name}", export.info.imports.get(export.name, "")}
    return (
        not program.uses.isdisjoint(TASK_CALLS)
        and not program.uses.isdisjoint(TASKS)
        and any(
            call.name in APP_CALLS and (not names.isdisjoint(call.names) or f"{module}:{export.name}" in call.strings)
            for call in program.calls
        )
    )


def is_entry(export: Export, evidence: Evidence) -> bool:
    """Say whether a module is an entry of the app: by its name, or because it runs a server itself."""
    del evidence
    info = export.info
    if info.place.module.rpartition(".")[2] in ENTRIES:
        return True
    own = f"{info.place.module}.{export.name}"
    running = {f"{own}.run", f"{info.imports.get(export.name, own)}.run", *RUNNERS}
    return info.has_main and not info.uses.isdisjoint(running)


def rank_export(export: Export, interface: Interface, evidence: Evidence) -> Rank:
    """Return the rank of an app among others."""
    info = export.info
    module = info.place.module.rpartition(".")[2]
    names = FACTORIES if export.is_factory else NAMES
    helps = is_helper(info, evidence)
    own = f"{info.place.module}.{export.name}"
    instance = _instance_depth(export, own, evidence)
    return Rank(
        undeclared=int(not is_declared(own, evidence)),
        aside=int(is_aside(info.path)),
        # The instance comes before the factory, however deep it is.
        depth=max(info.place.depth, instance or 0),
        mounted=int(_is_mounted(own, evidence)),
        entry=int(helps or not is_entry(export, evidence)) if instance is None else 2,
        module=position(module, MODULES[interface]) + (50 if helps else 0),
        factory=int(export.is_factory),
        name=-1 if export.is_factory and _is_run(own, evidence) else position(export.name, names),
        path=info.path,
        target=export.name,
    )


def is_helper(info: ModuleInfo, evidence: Evidence) -> bool:
    """Say whether a module imports or makes the app to use it, but does not define it."""
    module = info.place.module.rpartition(".")[2]
    # make_celery, rq_worker, celeryconfig
    parts = {part.removesuffix("config").removesuffix("app") for part in module.split("_")}
    return module in HELPERS or not parts.isdisjoint(evidence.known.queues) or "worker" in module


def _instance_depth(export: Export, own: str, evidence: Evidence) -> int | None:
    """Return how deep the module is that makes the app with this factory, perhaps with arguments; None if none does.

    It is a module in the root, or one that is there to give the app to a server.
    """
    if not export.is_factory:
        return None
    depths = (
        info.place.depth
        for info in evidence.index.sources
        if (info.place.depth == 0 or info.place.module.rpartition(".")[2] in ENTRIES)
        and info.place.root == export.info.place.root
        and not is_helper(info, evidence)
        and not is_aside(info.path)
        and any(binding.called and binding.origin == own for binding in info.bindings)
    )
    return min(depths, default=None)


def position(item: str, items: tuple[str, ...]) -> int:
    """Return the index of ``item`` in ``items``, or their number if it is not among them."""
    return items.index(item) if item in items else len(items)


def is_declared(own: str, evidence: Evidence) -> bool:
    """Say whether a file of the app names this object as the app, as in ``uvicorn.run("main:app")``."""
    module, _, name = own.rpartition(".")
    target = f"{module}:{name}"
    return any(
        call.name in RUNNERS and target in call.strings
        for info in evidence.index.sources
        if not is_aside(info.path)
        for call in info.calls
    )


def _is_run(own: str, evidence: Evidence) -> bool:
    """Say whether a program of the app calls this factory and a server; other programs are development tools."""
    runs = evidence.known.run_calls | {*RUNNERS, *TASK_CALLS}
    return any(own in info.uses and not info.uses.isdisjoint(runs) for info in evidence.index.sources)


MOUNTS = frozenset({"mount", "Mount", "DispatcherMiddleware"})
"""Last parts of the names of calls, of several frameworks, that add an app to another one as a part of it."""


def _is_mounted(own: str, evidence: Evidence) -> bool:
    mounts = MOUNTS | evidence.known.mounts
    return any(
        call.name.rpartition(".")[2] in mounts and own in {*call.names, *call.keywords.values()}
        for info in evidence.index.sources
        for call in info.calls
    )
