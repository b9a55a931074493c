"""Web apps of packages that nobody here knows: objects with the usual names, which something shows to be web apps.

A command line tool, a bot or a client may have any of these names too, so a name alone is no evidence. What counts:

- the interface is written out: ``asgi`` or ``wsgi`` in the name of the object, of its module or of what makes it
  (``ariadne.asgi.GraphQL``), or in its annotation;
- the object has routes: ``@app.get("/…")``, ``app.add_route("/…")``, an argument ``routes=``, or ``@get("/…")`` from
  the package of the object;
- it is given the module's name, with which web frameworks find templates and static files: ``App(__name__)``.

What makes it is a class or a function; whether a server can call what that returns is not known before it runs.
"""

import re
import sys
from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.app.file_roles import is_aside, is_test_or_example, may_begin_app
from python_buildpack.decide.processes.apps import FACTORY_WORDS, NAMES, is_helper, rank_export
from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence, Interface
from python_buildpack.decide.processes.module_info import Binding, ModuleInfo
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.servers import likely_interface
from python_buildpack.decide.processes.source_index import Export

_INTERFACES = re.compile("asgi|wsgi", re.IGNORECASE)
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
"""The methods of HTTP (RFC 9110, section 9) for which frameworks have decorators."""
_ROUTES = re.compile(r"(?:^|_)(?:route|websocket|mount|endpoint|url_?rule)", re.IGNORECASE)
"""Parts of the names of functions that say what belongs to a path."""
_TABLES = re.compile(r"(?:^|_)(?:routes|route_|routers|urls|url_?map|url_?patterns|controllers)", re.IGNORECASE)
"""Parts of the names of keyword arguments that are given all routes. ``url=`` is what a client is given."""
_STAYS = re.compile(r"(?:run|start|serve|launch|listen|main|idle|loop|poll)", re.IGNORECASE)
"""How the names of calls begin that return only when the program ends."""
_EVENT = ("event", "context")
"""The parameters of a function that a platform for functions calls, AWS Lambda and others: no server is started."""


def named_interface(binding: Binding, info: ModuleInfo) -> Interface | None:
    """Return the interface that is written out in the name of an object, its annotation, its module or its maker."""
    module = info.place.module.rpartition(".")[2]
    names = (binding.name, binding.annotation, binding.origin, module)
    found = {word.lower() for text in names for word in _INTERFACES.findall(text)}
    if len(found) != 1:
        return None
    return "asgi" if "asgi" in found else "wsgi"


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield such objects in modules that a server can import.

    Without evidence of its interface, an app is taken to have that of the server among the dependencies.
    """
    likely = likely_interface(evidence)
    for info in evidence.index.sources:
        if not may_begin_app(info.path) or _is_program(info, evidence):
            continue
        for bound in info.bindings:
            # The app's own function or class may make it of something from outside.
            binding = replace(bound, origin=evidence.index.origin(bound.origin))
            interface = named_interface(binding, info) or likely
            is_named = binding.name in NAMES or _INTERFACES.search(binding.name)
            if interface is None or not (is_named and binding.called):
                continue
            if _is_unknown(binding.origin, evidence) and _is_web(binding, info, evidence):
                app = App.at(info.place, binding.name, interface)
                rank = rank_export(Export(info, binding.name, "", is_factory=False), interface, evidence)
                what = f'{info.path} has "{binding.name}", which {binding.origin} makes'
                yield OTHERS.serve(app, evidence, rank, what)


OTHERS = WebFramework("other", search=_find, after_apps=True)
"""Apps of packages that have no row."""


def _is_program(info: ModuleInfo, evidence: Evidence) -> bool:
    """Say whether importing a file never ends, or another program of the app imports it to run what it has."""
    module = info.place.module
    if not module or any(_STAYS.match(name.rpartition(".")[2]) for name in info.runs):
        return True
    return any(
        (other.has_main or other.acts)
        and any(name == module or name.startswith(f"{module}.") for name in other.imported)
        for other in evidence.index.sources
        if other is not info
        and not (is_aside(other.path) or is_test_or_example(other.path) or is_helper(other, evidence))
    )


def _is_unknown(origin: str, evidence: Evidence) -> bool:
    """Say whether something comes from a package that is no part of Python or of the app, and has no row here."""
    top, _, name = origin.partition(".")
    own = {info.place.module.partition(".")[0] for info in evidence.index.sources}
    known = evidence.known.words - frozenset(FACTORY_WORDS)
    return bool(name) and top not in {*sys.stdlib_module_names, *own} and name.rpartition(".")[2] not in known


def _is_web(binding: Binding, info: ModuleInfo, evidence: Evidence) -> bool:
    if any(function.parameters[:2] == _EVENT for function in info.functions.values()):
        return False
    if named_interface(binding, info) or "__name__" in binding.arguments or any(map(_TABLES.search, binding.keywords)):
        return True
    own = f"{info.place.module}.{binding.name}"
    package = binding.origin.partition(".")[0]
    return any(_has_route(other, own, package, evidence) for other in evidence.index.sources)


def _has_route(info: ModuleInfo, own: str, package: str, evidence: Evidence) -> bool:
    """Say whether a module has a route of an object, or of another one of its package: ``router``, or functions.

    ``client.get("/…")`` is a route only as a decorator.
    """
    decorators = {name for function in info.functions.values() for name in function.decorators}
    for call in info.calls:
        holder, _, name = call.name.rpartition(".")
        if not any(text.startswith("/") for text in (*call.strings, *call.keywords.values())):
            continue
        is_own = holder == own or (bool(holder) and evidence.index.origin(holder).partition(".")[0] == package)
        is_verb = name.lower() in _VERBS and (call.name in decorators or holder.partition(".")[0] == package)
        if is_own and (is_verb or _ROUTES.search(name)):
            return True
    return False
