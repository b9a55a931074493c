"""Sanic (https://sanic.dev), which is its own production server."""

from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App


def _own_server(app: App, evidence: Evidence) -> Own:
    del evidence
    options = ("--host=0.0.0.0", "--port=$PORT", "--workers=$WEB_CONCURRENCY")
    factory = ("--factory",) if app.is_factory else ()
    return command("sanic", app.target, *factory, *options, chdir=app.chdir, path=app.path), ()


SANIC = WebFramework(
    "Sanic",
    ("sanic",),
    {"sanic.Sanic": "asgi", "sanic.app.Sanic": "asgi"},
    own_server=_own_server,
    prefers_own=True,
    loopback_calls={"sanic.Sanic.run": "Sanic"},
    programs={"sanic": "sanic"},
)
