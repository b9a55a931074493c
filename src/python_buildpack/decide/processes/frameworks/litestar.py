"""Litestar (https://litestar.dev), whose own command runs uvicorn."""

from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import ANY_HOST, PORT, App


def _own_server(app: App, evidence: Evidence) -> Own | None:
    if not evidence.has("uvicorn"):
        return None
    return command("litestar", "--app", app.target, "run", chdir=app.chdir, path=app.path), ()


LITESTAR = WebFramework(
    "Litestar",
    ("litestar", "starlite"),
    {"litestar.Litestar": "asgi", "litestar.app.Litestar": "asgi", "starlite.Starlite": "asgi"},
    own_server=_own_server,
    programs={"litestar": "litestar"},
    launch_variables={"LITESTAR_HOST": ANY_HOST, "LITESTAR_PORT": PORT},
)
