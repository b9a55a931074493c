"""What most web frameworks have in common: an app object (or a factory) in a module, for a server to import."""

from collections.abc import Callable, Iterator, Mapping

from cnb.frozen import field, frozen
from python_buildpack.app.file_roles import is_aside
from python_buildpack.decide.processes.interface import Advice, Candidate, Evidence, Interface, ProcessDecision, Rank
from python_buildpack.decide.processes.launch import Start
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.servers import App, installed_server, suggestion
from python_buildpack.decide.processes.source_index import Export

MODULES: Mapping[Interface, tuple[str, ...]] = {
    "wsgi": ("wsgi", "app", "application", "main", "server", "api", "web", "run", "index", "site", "service"),
    "asgi": ("asgi", "main", "app", "application", "server", "api", "web", "run", "index", "site", "service"),
}
"""Module names, the likeliest home of an app first."""
HELPERS = frozenset({"seed", "cli", "shell", "tasks", "manage",
                     "migrate", "init_db", "create_db", "initdb", "bot", "script", "scheduler", "cron", "views",
                     "routes", "models", "urls", "utils", "extensions", "db", "database"})  # fmt: skip
"""Modules that import the app for purposes of their own."""
NAMES = ("app", "application", "server", "api", "asgi_app", "wsgi_app", "asgi", "wsgi")
FACTORIES = ("create_app", "make_app", "build_app", "get_app", "create_application", "make_application",
             "app_factory", "get_application", "init_app", "create_server", "create_api", "factory", "create", "app",
             "application")  # fmt: skip
TASKS = frozenset(
    {"asyncio.gather", "asyncio.create_task", "asyncio.TaskGroup", "asyncio.wait", "anyio.create_task_group"}
)
RUNNERS = ("uvicorn.run", "waitress.serve", "hypercorn.asyncio.serve", "gevent.pywsgi.WSGIServer")

RUN_CALLS = frozenset({*RUNNERS, "aiohttp.web.run_app", "uvicorn.Server"})


Own = tuple[Start, tuple[Advice, ...]]
"""How a framework serves an app itself, and what to say about it."""
OwnServer = Callable[[App, Evidence], Own | None]
"""Returns the command with which the framework serves an app itself, and what to say about it; None if it cannot."""


@frozen
class AppFramework:
    """A framework whose apps are objects for a WSGI (PEP 3333) or ASGI server."""

    name: str
    distributions: tuple[str, ...]
    constructors: Mapping[str, Interface]
    """Full names of what makes an app → the interface that the app then has."""
    own_server: OwnServer = field(default=lambda app, evidence: None)  # noqa: ARG005 - the signature is OwnServer's
    prefers_own: bool = False
    """Whether the framework's own server is one for production, so that no other is needed."""

    def find(self, evidence: Evidence) -> Iterator[Candidate]:
        """Yield a candidate for every app of this framework among the sources."""
        if not self.is_there(evidence):
            return
        for export in evidence.index.exports():
            interface = self.constructors.get(export.origin)
            if interface is not None and is_eligible(export, evidence):
                app = App.at(export.info.place, export.name, interface, is_factory=export.is_factory)
                yield self.candidate(export, app, evidence)

    def is_there(self, evidence: Evidence) -> bool:
        """Say whether the framework can be imported: installed, or a single file beside the app's."""
        return evidence.has(*self.distributions) or any(
            f"{name}.py" in evidence.project.files for name in self.distributions
        )

    def candidate(self, export: Export, app: App, evidence: Evidence) -> Candidate:
        """Return the way to start one app: an installed server, or the framework's own."""
        rank = rank_export(export, app.interface, evidence)
        what = f'{export.info.path} has the {self.name} {"factory" if app.is_factory else "app"} "{app.name}"'
        return serve(self, app, evidence, rank, what)


def serve(framework: AppFramework, app: App, evidence: Evidence, rank: Rank, what: str) -> Candidate:
    """Return the candidate that serves ``app`` with the best server there is."""
    server = installed_server(app, evidence)
    own = framework.own_server(app, evidence) if framework.prefers_own or server is None else None
    if own is not None:
        start, advice = own
        because = f"{what}; served by {framework.name} itself"
        return Candidate(rank, what, ProcessDecision.starting("web", start, because=because), advice)
    if server is not None:
        because = f"{what}; {server.name} is installed"
        decision = ProcessDecision.starting("web", server.build(app, evidence), because=because)
        return Candidate(rank, what, decision, server.advice)
    return Candidate(rank, what, ProcessDecision("web", (), because=what), (no_server(what, app.interface),))


def no_server(what: str, interface: Interface) -> Advice:
    """Return what to say when nothing can serve an app."""
    server = suggestion(interface)
    return Advice(
        "No server is installed for the web app",
        f"{what}, but none of the app's dependencies can serve it. "
        f"Add {server} to the dependencies; it is then started without any further configuration.",
    )


def development_server(framework: str, interface: Interface) -> Advice:
    """Return the warning for an app that runs on its framework's development server."""
    return Advice(
        "The web process runs on a development server",
        f"No production server is installed, so {framework}'s own development server is started. It handles few "
        f"requests at a time and is not hardened. Add {suggestion(interface)} to the dependencies.",
    )


def is_eligible(export: Export, evidence: Evidence) -> bool:
    """Say whether an export is one to serve: not private, and a re-export only from a module made for starting."""
    name, info = export.name, export.info
    is_own = name in info.functions or any(binding.name == name for binding in info.bindings)
    if name.startswith("_") or (export.is_async and not export.is_factory) or runs_beside(export, evidence):
        return False
    return is_own or is_entry(export, evidence) or (info.place.is_package and name in NAMES)


def runs_beside(export: Export, evidence: Evidence) -> bool:
    """Say whether a program runs an app beside something else: a bot's page for those who ask whether it is alive.

    Serving it alone would leave out the program, which is the point.
    """
    info = export.info
    if any(_runs_as_task(export, program) for program in evidence.index.sources):
        return True
    run = f"{info.place.module}.{export.name}.run"
    targets = {call.keywords.get("target", "") for call in info.calls if call.name == "threading.Thread"}
    functions = {f"{info.place.module}.{name}" for name in info.functions}
    # With a main guard, the thread may be one that works for the app, which is run there.
    return run in targets or (run in info.uses and not info.has_main and not functions.isdisjoint(targets))


def _runs_as_task(export: Export, program: ModuleInfo) -> bool:
    """Say whether a program has uvicorn serve an app as one of several tasks of its event loop."""
    module = export.info.place.module
    return (
        "uvicorn.Server" in program.uses
        and not program.uses.isdisjoint(TASKS)
        and any(
            call.name == "uvicorn.Config"
            and (f"{module}.{export.name}" in call.names or f"{module}:{export.name}" in call.strings)
            for call in program.calls
        )
    )


def is_entry(export: Export, evidence: Evidence) -> bool:
    """Say whether a module is there to be started: by its name, or because it runs a server itself."""
    del evidence
    info = export.info
    if info.place.module.rpartition(".")[2] in {"wsgi", "asgi"}:
        return True
    own = f"{info.place.module}.{export.name}"
    running = {f"{own}.run", f"{info.imports.get(export.name, own)}.run", *RUNNERS}
    return info.has_main and not info.uses.isdisjoint(running)


def rank_export(export: Export, interface: Interface, evidence: Evidence) -> Rank:
    """Return the place of an app among others."""
    info = export.info
    module = info.place.module.rpartition(".")[2]
    names = FACTORIES if export.is_factory else NAMES
    own = f"{info.place.module}.{export.name}"
    return Rank(
        undeclared=int(not is_declared(own, evidence)),
        aside=int(is_aside(info.path)),
        depth=info.place.depth,
        mounted=int(_is_mounted(own, evidence)),
        entry=2 if _has_instance(export, own, evidence) else int(is_helper(info) or not is_entry(export, evidence)),
        module=position(module, MODULES[interface]) + (50 if is_helper(info) else 0),
        factory=int(export.is_factory),
        name=-1 if export.is_factory and _is_run(own, evidence) else position(export.name, names),
        path=info.path,
        target=export.name,
    )


def is_helper(info: ModuleInfo) -> bool:
    """Say whether a module imports or makes the app for purposes of its own."""
    module = info.place.module.rpartition(".")[2]
    return module in HELPERS or "celery" in module or "worker" in module


def _has_instance(export: Export, own: str, evidence: Evidence) -> bool:
    """Say whether a module of the root makes the app with this factory: with arguments, or with more added to it."""
    return export.is_factory and any(
        binding.called and binding.origin == own
        for info in evidence.index.sources
        if info.place.depth == 0
        and info.place.root == export.info.place.root
        and not is_helper(info)
        and not is_aside(info.path)
        for binding in info.bindings
    )


def position(item: str, items: tuple[str, ...]) -> int:
    """Return the place of ``item`` in ``items``, or a place behind them all."""
    return items.index(item) if item in items else len(items)


def is_declared(own: str, evidence: Evidence) -> bool:
    """Say whether some file names this object as the app: ``uvicorn.run("main:app")`` in a script of the app."""
    module, _, name = own.rpartition(".")
    target = f"{module}:{name}"
    return any(
        call.name in RUNNERS and target in call.strings
        for info in evidence.index.sources
        if not is_aside(info.path)
        for call in info.calls
    )


def _is_run(own: str, evidence: Evidence) -> bool:
    """Say whether a program of the app calls this factory and a server; others are for tools of development."""
    return any(own in info.uses and not info.uses.isdisjoint(RUN_CALLS) for info in evidence.index.sources)


MOUNTS = frozenset({"mount", "add_subapp", "Mount", "DispatcherMiddleware"})
ADAPTERS = frozenset({"ASGIApp", "WSGIApp"})
"""Socket.IO's: what they are given answers all other requests."""


def _is_mounted(own: str, evidence: Evidence) -> bool:
    return any(
        call.name.rpartition(".")[2] in MOUNTS | ADAPTERS and own in {*call.names, *call.keywords.values()}
        for info in evidence.index.sources
        for call in info.calls
    )
