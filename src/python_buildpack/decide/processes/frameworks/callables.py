"""Apps without a framework: adapters between interfaces, objects that programs pass to servers, and functions.

A function is an app if it has the signature of WSGI (PEP 3333) or ASGI.
"""

from collections.abc import Iterator

from python_buildpack.app.file_roles import is_aside, is_test_or_example, may_begin_app
from python_buildpack.decide.processes.apps import FACTORY_WORDS, MODULES, NAMES, rank_export
from python_buildpack.decide.processes.frameworks.interface import DEVELOPMENT, Own, WebFramework
from python_buildpack.decide.processes.frameworks.other_packages import named_interface
from python_buildpack.decide.processes.interface import Candidate, Evidence, Interface
from python_buildpack.decide.processes.launch import python
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.servers import RUNNERS, suggestion
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
    yield from _of_own_classes(evidence)
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
        own = f"{module}.application"
        is_used = any(use.startswith(f"{own}.") for other in running for use in other.uses) or any(
            # What serves it has the interface.
            own in one.arguments and one.name != "application" and named_interface(one, info)
            for one in info.bindings
        )
        for binding in info.bindings:
            maker = evidence.index.origin(binding.origin).rpartition(".")[2]
            if binding.name == "application" and binding.called and not is_used and maker not in others:
                interface = named_interface(binding, info) or "wsgi"
                app = App.at(info.place, binding.name, interface)
                rank = rank_export(Export(info, binding.name, "", is_factory=False), interface, evidence)
                what = f"{info.path} has the {interface.upper()} object application"
                yield CALLABLES.serve(app, evidence, rank, what)


def _of_own_classes(evidence: Evidence) -> Iterator[Candidate]:
    """Yield objects with usual names of apps, whose class is the app's own and is called as apps are."""
    for info in evidence.index.sources:
        for binding in info.bindings if may_begin_app(info.path) else ():
            method = evidence.index.instance(binding.origin) if binding.called and binding.name in NAMES else None
            interface = _interface(method.parameters, is_async=method.is_async) if method is not None else None
            if interface and info.place.module:
                app = App.at(info.place, binding.name, interface)
                rank = rank_export(Export(info, binding.name, "", is_factory=False), interface, evidence)
                what = f'{info.path} has the {interface.upper()} object "{binding.name}"'
                yield CALLABLES.serve(app, evidence, rank, what)


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
