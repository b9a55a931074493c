"""Apps without a framework: adapters between interfaces, objects that programs pass to servers, and functions.

A function is an app if it has the signature of WSGI (PEP 3333) or ASGI.
"""

import sys
from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside, is_test_or_example, may_begin_app
from python_buildpack.decide.processes.apps import FACTORY_WORDS, MODULES, NAMES, rank_export
from python_buildpack.decide.processes.frameworks.interface import DEVELOPMENT, Own, WebFramework
from python_buildpack.decide.processes.interface import INTERFACES, Candidate, Evidence, Interface
from python_buildpack.decide.processes.launch import python
from python_buildpack.decide.processes.module_info import Binding, ModuleInfo
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.servers import RUNNERS, likely_interface, suggestion
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.ports.notice import Notice

WSGI_PARAMETERS = 2
ASGI_PARAMETERS = ("scope", "receive", "send")

ADAPTERS = WebFramework(
    "ASGI/WSGI adapter",
    ("a2wsgi", "asgiref"),
    {
        "a2wsgi.WSGIMiddleware": "asgi",
        "a2wsgi.ASGIMiddleware": "wsgi",
        "asgiref.wsgi.WsgiToAsgi": "asgi",
    },
    frozenset({"a2wsgi", "asgiref"}),
)


def wsgiref_server(app: App, evidence: Evidence) -> Own | None:
    """Return a command for the standard library's WSGI server, with a warning."""
    del evidence
    if app.interface == "asgi":
        return None
    code = (
        f"import os; from wsgiref.simple_server import make_server; {app.statement}; "
        f'make_server("", int(os.environ["PORT"]), app{"()" if app.is_factory else ""}).serve_forever()'
    )
    notice = Notice(
        DEVELOPMENT,
        "No production server is installed, so the standard library's wsgiref serves the app, one request at a time. "
        f"Add {suggestion('wsgi')} to the dependencies.",
    )
    return python(code, chdir=app.chdir, path=app.path), (notice,)


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield objects that a program passes to a server, and functions that are apps, in modules with usual names."""
    yield from _handed_over(evidence)
    yield from _by_convention(evidence)
    for info in evidence.index.sources:
        for function in info.functions.values():
            interface = _interface(function.parameters, is_async=function.is_async)
            if interface and info.place.module.rpartition(".")[2] in MODULES[interface]:
                app = App.at(info.place, function.name, interface)
                export = Export(info, function.name, "", is_factory=False)
                what = f"{interface.upper()} function {function.name} in {info.path}"
                yield CALLABLES.serve(app, evidence, rank_export(export, interface, evidence), what)


CALLABLES = WebFramework(
    "plain",
    words=frozenset({"start_response", ASGI_PARAMETERS[1]}),
    search=_find,
    own_server=wsgiref_server,
    own_server_name="wsgiref of the standard library",
)


def _by_convention(evidence: Evidence) -> Iterator[Candidate]:
    """Yield what a module binds to ``application``, the name that WSGI servers look for: Pyramid's and others' apps.

    A module that is a program, or an object that the app itself uses, is left alone: bots have objects of this name.
    """
    # What makes the app of a framework is served as that.
    others = evidence.known.words - frozenset(FACTORY_WORDS)
    running = [info for info in evidence.index.sources if not is_aside(info.path) and not is_test_or_example(info.path)]
    for info in evidence.index.sources:
        module = info.place.module
        last = module.rpartition(".")[2]
        if info.has_main or not (last == "wsgi" or (info.place.depth == 0 and last in {"app", "application"})):
            continue
        is_used = any(use.startswith(f"{module}.application.") for other in running for use in other.uses)
        for binding in info.bindings:
            maker = evidence.index.origin(binding.origin).rpartition(".")[2]
            is_wsgi = binding.name == "application" and binding.called and "asgi" not in binding.origin.lower()
            if is_wsgi and not is_used and maker not in others:
                app = App.at(info.place, binding.name, "wsgi")
                rank = rank_export(Export(info, binding.name, "", is_factory=False), "wsgi", evidence)
                yield CALLABLES.serve(app, evidence, rank, f"{info.path} has the WSGI object application")


def _of_other_packages(evidence: Evidence) -> Iterator[Candidate]:
    """Yield web apps made by packages that nobody here knows, in files that only define.

    Such a file has to be imported by something: run as a program, it would end at once. Most objects of these names are
    no web apps (command lines, bots, queues, clients), so one needs a sign of an interface: see ``_sign_of_interface``.
    """
    likely = likely_interface(evidence)
    if likely is None:
        return
    for info in evidence.index.sources:
        if info.has_main or info.acts or not may_begin_app(info.path) or evidence.index.is_imported(info):
            continue
        for binding in info.bindings:
            if binding.name not in NAMES or not binding.called or not _is_unknown(binding.origin, evidence):
                continue
            interface = _sign_of_interface(info, binding, evidence, likely)
            if interface is not None:
                app = App.at(info.place, binding.name, interface)
                rank = rank_export(Export(info, binding.name, "", is_factory=False), interface, evidence)
                what = f'{info.path} has "{binding.name}", which {binding.origin} makes'
                yield OTHERS.serve(app, evidence, rank, what)


_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "route", "websocket"})
"""Decorators by which web frameworks say what answers a request: HTTP's methods (RFC 9110), and routes."""


def _sign_of_interface(info: ModuleInfo, binding: Binding, evidence: Evidence, likely: Interface) -> Interface | None:
    """Return the interface of an object that shows to be a web app; None if nothing shows it.

    A name says it (``ariadne.asgi.GraphQL``, ``wsgi_app``, a module asgi.py); or functions are decorated as answers to
    requests, or it is given ``routes``: then it is ``likely``, that of the server.
    """
    named = f"{info.place.module} {binding.name} {binding.origin}".lower()
    for interface in INTERFACES:
        if interface in named:
            return interface
    own = f"{info.place.module}.{binding.name}"
    answers = {f"{own}.{route}" for route in _ROUTES}
    is_routed = any(
        not answers.isdisjoint(function.decorators)
        for source in evidence.index.sources
        for function in source.functions.values()
    )
    return likely if is_routed or "routes" in binding.keywords else None


def _is_unknown(origin: str, evidence: Evidence) -> bool:
    """Return whether something comes from a package that is no part of Python or of the app, and has no row here."""
    top, _, name = origin.partition(".")
    own = {info.place.module.partition(".")[0] for info in evidence.index.sources}
    known = evidence.known.words - frozenset(FACTORY_WORDS)
    return bool(name) and top not in {*sys.stdlib_module_names, *own} and name.rpartition(".")[2] not in known


OTHERS = WebFramework("other", search=_of_other_packages, after_apps=True)
"""Web apps of packages that have no row."""


def _handed_over(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the objects of modules that a program passes to a server: these are apps, whatever makes them."""
    for info in evidence.index.sources:
        made = {f"{info.place.module}.{binding.name}": binding.name for binding in info.bindings if binding.origin}
        for call in info.calls:
            runner = RUNNERS.get(call.name)
            if runner is None:
                continue
            name = made.get(call.keywords.get("app", "") or "".join(call.names[runner.argument :][:1]))
            if name and info.has_main and info.place.module and not name.startswith("_"):
                app = App.at(info.place, name, runner.interface)
                rank = rank_export(Export(info, name, "", is_factory=False), runner.interface, evidence)
                what = f'{info.path} gives "{name}" to {call.name}'
                yield CALLABLES.serve(app, evidence, rank, what)


def _interface(parameters: tuple[str, ...], *, is_async: bool) -> Interface | None:
    if is_async:
        return "asgi" if parameters == ASGI_PARAMETERS else None
    is_wsgi = len(parameters) == WSGI_PARAMETERS and "environ" in parameters[0] and parameters[1].startswith("start")
    return "wsgi" if is_wsgi else None
