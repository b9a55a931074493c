"""Quart (https://quart.palletsprojects.com), which depends on hypercorn."""

from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework, development_server
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import ANY_HOST, PORT, App


def _own_server(app: App, evidence: Evidence) -> Own:
    del evidence
    # The helper derives QUART_RUN_HOST and QUART_RUN_PORT at start.
    start = command("quart", "--app", app.target, "run", chdir=app.chdir, path=app.path)
    return start, (development_server("Quart", "asgi"),)


QUART = WebFramework(
    "Quart",
    ("quart",),
    {"quart.Quart": "asgi"},
    own_server=_own_server,
    loopback_calls={"quart.Quart.run": "Quart"},
    host_first=frozenset({"quart.Quart.run"}),
    programs={"quart": "quart"},
    launch_variables={"QUART_RUN_HOST": ANY_HOST, "QUART_RUN_PORT": PORT},
)
