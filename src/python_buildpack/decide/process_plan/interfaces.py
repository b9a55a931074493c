"""Whether the server of a command speaks the interface of its app: WSGI (PEP 3333), ASGI, or granian's RSGI.

gunicorn starts with a FastAPI app and uvicorn with a Flask app as if all were well, and then every request fails. So
does a server that is given the function that makes the app, and that does not call it. Nothing is said where an option
or a configuration may decide, or where the app's sources do not show what the app is.
"""

import re
from collections.abc import Iterator

from python_buildpack.decide.process_plan import shell
from python_buildpack.decide.process_plan.program_file import modules_reached
from python_buildpack.decide.process_plan.targets import (
    Target,
    configuration_of,
    last_target,
    may_set,
    module_of,
    names_configuration,
)
from python_buildpack.decide.processes.frameworks.callables import ADAPTERS
from python_buildpack.decide.processes.frameworks.registry import APP_KINDS
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.launch import shown
from python_buildpack.decide.processes.server import App, Server
from python_buildpack.decide.processes.servers import SERVERS, installed_server, suggestion
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.ports.notice import Notice

_SERVED_BY = {program: server for server in reversed(SERVERS) if server.serves for program in server.programs}
_MADE = {
    name: (kind.name, interface)
    for kind in APP_KINDS
    if kind.is_for_servers
    for name, interface in kind.constructors.items()
}


def notice_interface(command: str, where: str, evidence: Evidence) -> Iterator[Notice]:
    """Yield the hint for a server that its app cannot answer, at most one. ``where`` is the line, for people."""
    text = shell.unwrapped(command)
    target = last_target(text)
    server = _SERVED_BY.get(target.program) if target else None
    if target is None or server is None or server.has_options_elsewhere(text, evidence):
        return
    export = _export(target, evidence)
    spoken = _spoken(server, target, evidence)
    if export is None or not spoken:
        return
    kind, interface = _MADE[export.origin]
    cure = _cure(export, target, evidence)
    if spoken != interface and _is_adapted(export, spoken, evidence):
        return
    if spoken != interface:
        yield Notice(
            f"{target.program} does not speak the interface of {target.name}",
            f"{where} starts {target.program}, which serves {spoken.upper()} apps in this line, and {target.name} of "
            f"{export.info.path} is an app of {kind}, for {interface.upper()}: requests would fail. {cure}",
        )
    elif export.is_factory and server.calls_factories is not None and not _is_called(target, server):
        yield Notice(
            f"{target.name} is the function that makes the app",
            f"{where} gives {target.program} {target.name} of {export.info.path}, and {target.program} does not call "
            f"it: requests would fail. {cure}",
        )


def _export(target: Target, evidence: Evidence) -> Export | None:
    """Return the app that a server is given, if the sources show with certainty what it is."""
    info = module_of(target, evidence)
    if info is None:
        return None
    # An app that is made of another one, by a middleware, has the origin of that, too.
    origin = evidence.index.origin(f"{info.place.module}.{target.name}")
    made = [binding for binding in info.bindings if binding.name == target.name]
    exports = (
        one for one in evidence.index.exports() if (one.info, one.name, one.origin) == (info, target.name, origin)
    )
    found = next(exports, None)
    is_known = origin in _MADE and len(made) <= 1 and found is not None and not found.is_async
    return found if is_known else None


def _is_adapted(export: Export, spoken: str, evidence: Evidence) -> bool:
    """Say whether a module on the way to an app has an adapter: a function may return the app in that."""
    used = {use for info in modules_reached(export.info, evidence) for use in info.uses}
    return any(use in used for use, interface in ADAPTERS.constructors.items() if interface == spoken)


def _spoken(server: Server, target: Target, evidence: Evidence) -> str:
    """Return the interface that a server speaks in a command, "" if that is not certain."""
    words = [word.value for word in target.words]
    line = " ".join(words)
    for option in server.interface_options:
        found = re.search(rf" {option}(?:[ =]{'' if option.startswith('--') else '?'})(\S+)", line)
        if found is not None:
            return server.interface_values.get(found[1], found[1] if found[1] in {"wsgi", "asgi", "rsgi"} else "")
    if server.configuration is not None:
        info = configuration_of(target, evidence)
        is_unread = info is None and names_configuration(target, server.configuration)
        if is_unread or (info and may_set(info, server.configuration.interface_settings, evidence)):
            return ""
    return server.serves


def _is_called(target: Target, server: Server) -> bool:
    words = [word.value for word in target.words]
    is_given = any(f":{target.name}(" in word for word in words)
    return is_given or not (server.calls_factories or frozenset()).isdisjoint(words)


def _cure(export: Export, target: Target, evidence: Evidence) -> str:
    """Return the sentence with a command that serves the app, by an installed server if there is one for it."""
    interface = _MADE[export.origin][1]
    app = App(target.module, target.name, interface, export.is_factory, next(iter(target.folders), target.folder))
    server = installed_server(app, evidence)
    if server is not None:
        return f"Write:\n    {shown(server.build(app, evidence).command)}"
    wanted = suggestion(interface)
    line = shown((wanted, app.call) if interface == "wsgi" else (wanted, app.target))
    return f"Add {wanted} to the dependencies, and write:\n    {line}"
