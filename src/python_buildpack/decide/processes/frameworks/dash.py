"""Dash (https://dash.plotly.com): a server serves its Flask app, if the module has a name for that."""

from collections.abc import Iterator

from python_buildpack.decide.processes.apps import is_eligible, rank_export
from python_buildpack.decide.processes.frameworks.interface import DEVELOPMENT, WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence, ProcessDecision
from python_buildpack.decide.processes.launch import python
from python_buildpack.decide.processes.module_info import Binding
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.servers import installed_server
from python_buildpack.decide.processes.source_index import Export
from python_buildpack.ports.notice import Notice


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the Flask app of each Dash app, or the Dash app itself if the Flask app has no name."""
    for export in evidence.index.exports():
        if export.origin in DASH.constructors and is_eligible(export, evidence):
            yield _candidate(export, evidence)


DASH = WebFramework(
    "Dash",
    ("dash",),
    {"dash.Dash": "wsgi", "dash.dash.Dash": "wsgi", "jupyter_dash.JupyterDash": "wsgi"},
    search=_find,
    loopback_calls={"dash.Dash.run": "Dash", "dash.Dash.run_server": "Dash"},
    takes_port=True,
    programs={"dash": "dash"},
    is_for_servers=False,
)


def _candidate(export: Export, evidence: Evidence) -> Candidate:
    rank = rank_export(export, "wsgi", evidence)
    what = f'{export.info.path} has the Dash app "{export.name}"'
    server = None if export.is_factory else _server_name(export, evidence)
    if server is not None:
        app = App.at(export.info.place, server, "wsgi")
        if installed_server(app, evidence) is not None:
            return DASH.serve(app, evidence, rank, f"{what}, whose server is named {server}")
    return _run_itself(export, evidence, what)


def _server_name(export: Export, evidence: Evidence) -> str | None:
    """Return the name that the module has for the app's server: ``server = app.server`` or ``Dash(server=server)``.

    An index.py that combines the pages may import both: ``from app import app, server``.
    """
    info = export.info
    own = info.imports.get(export.name, f"{info.place.module}.{export.name}")
    for binding in info.bindings:
        if binding.origin == f"{own}.server" and not binding.called:
            return binding.name
    for imported, target in info.imports.items():
        module, _, attribute = target.rpartition(".")
        source = evidence.index.module(module)
        if source and any(item.name == attribute and item.origin == f"{own}.server" for item in source.bindings):
            return imported
    return next((name for binding in info.bindings if (name := _given(binding, export))), None)


def _given(binding: Binding, export: Export) -> str | None:
    module, _, name = binding.keywords.get("server", "").rpartition(".")
    if binding.name == export.name and module == export.info.place.module:
        return name
    return None


def _run_itself(export: Export, evidence: Evidence, what: str) -> Candidate:
    app = App.at(export.info.place, export.name, "wsgi", is_factory=export.is_factory)
    code = (
        f"import os; {app.statement}; "
        f'app{"()" if app.is_factory else ""}.run(host="0.0.0.0", port=os.environ["PORT"], debug=False)'
    )
    line = f"server = {app.name}.server"
    has_server = installed_server(app, evidence) is not None
    add = f"Add the line '{line}'" if has_server else "Add gunicorn to the dependencies"
    also = "" if has_server else f", and the line '{line}'"
    notice = Notice(
        DEVELOPMENT,
        f"Dash serves itself with Flask's development server. {add}{also} in {export.info.path}: "
        "then a production server is started.",
    )
    start = python(code, chdir=app.chdir, path=app.path)
    decision = ProcessDecision.starting("web", start, because=f"{what}; served by Dash itself")
    return Candidate(rank_export(export, "wsgi", evidence), what, decision, (notice,))
