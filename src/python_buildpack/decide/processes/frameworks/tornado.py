"""Tornado (https://www.tornadoweb.org): an app has its own server, which most often a main function starts."""

from collections.abc import Iterator

from python_buildpack.decide.processes.apps import rank_export
from python_buildpack.decide.processes.frameworks.interface import WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import python
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.scripting import own_port, rank_script, run_file, script
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.source_index import Export

LISTENS = frozenset({"listen", "bind"})


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield scripts that use PORT, then apps and factories for which we start the server, then other scripts."""
    apps = [export for export in evidence.index.exports() if export.origin in TORNADO.constructors]
    for info in evidence.index.sources:
        if not info.place.module or not _is_server(info):
            continue
        own = [export for export in apps if export.info is info and not export.name.startswith("_")]
        yield _script(info, evidence) if not own or _takes_port(info) else _app(own[0], evidence)


TORNADO = WebFramework(
    "Tornado", ("tornado",), {"tornado.web.Application": "wsgi"}, frozenset({"tornado"}), _find, is_for_servers=False
)


def _is_server(info: ModuleInfo) -> bool:
    return info.is_using("tornado") and any(use.rpartition(".")[2] in LISTENS for use in info.uses)


def _port_option(info: ModuleInfo) -> bool:
    return any(call.name == "tornado.options.define" and call.strings[:1] == ("port",) for call in info.calls)


def _takes_port(info: ModuleInfo) -> bool:
    return info.reads_port or _port_option(info)


def _script(info: ModuleInfo, evidence: Evidence) -> Candidate:
    option = ("--port=$PORT",) if _port_option(info) and not info.reads_port else ()
    notices = () if _takes_port(info) else (own_port("Tornado", info),)
    start = run_file(info, evidence, *option)
    return script(f"Tornado app run by {info.path}", rank_script(info, evidence), start, *notices)


def _app(export: Export, evidence: Evidence) -> Candidate:
    app = App.at(export.info.place, export.name, "wsgi", is_factory=export.is_factory)
    what = f'{export.info.path} has the Tornado {"factory" if app.is_factory else "app"} "{app.name}"'
    code = (
        "import os, tornado.ioloop as t, signal; l = t.IOLoop.current(); "
        f"{app.statement}; "
        f'(app{"()" if app.is_factory else ""}).listen(int(os.environ["PORT"])); '
        "signal.signal(15, lambda *_: l.add_callback_from_signal(l.stop)); l.start()"
    )
    rank = rank_export(export, "wsgi", evidence)
    start = python(code, chdir=app.chdir, path=app.path)
    return Candidate(rank, what, ProcessDecision.starting("web", start, because=f"{what}; made to listen on PORT"))
