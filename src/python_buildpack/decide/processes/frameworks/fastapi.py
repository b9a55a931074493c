"""FastAPI (https://fastapi.tiangolo.com). ``[tool.fastapi] entrypoint`` in pyproject.toml names the app."""

from collections.abc import Iterator

from python_buildpack.app.documents import PYPROJECT, read_toml, string
from python_buildpack.decide.processes.frameworks import gradio
from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence, Rank
from python_buildpack.decide.processes.launch import command
from python_buildpack.decide.processes.server import App


def _own_server(app: App, evidence: Evidence) -> Own | None:
    if app.is_factory or not evidence.has("fastapi-cli"):
        return None
    # ``fastapi run`` listens on 0.0.0.0 and takes its port from PORT; it is uvicorn with FastAPI's settings.
    return command("fastapi", "run", "--entrypoint", app.target, chdir=app.chdir, path=app.path), ()


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the app that pyproject.toml names, or else the apps among the sources."""
    document = read_toml(evidence.project, PYPROJECT) or {}
    entrypoint = string(document, PYPROJECT, "tool", "fastapi", "entrypoint")
    module, colon, name = (entrypoint or "").partition(":")
    if colon and module and name:
        app = App(module, name, "asgi")
        what = f"FastAPI app {entrypoint}, named in pyproject.toml ([tool.fastapi])"
        yield FASTAPI.serve(app, evidence, Rank(undeclared=0, target=app.target), what)
        return
    yield from FASTAPI.apps(evidence)


FASTAPI = WebFramework(
    "FastAPI",
    ("fastapi", "fastapi-slim"),
    {"fastapi.FastAPI": "asgi", "fastapi.applications.FastAPI": "asgi", gradio.MOUNT: "asgi"},
    search=_find,
    own_server=_own_server,
    loopback_commands={"fastapi": r"^(?:\S*/)?fastapi dev (?!.*--host\b)"},
    programs={"fastapi": "fastapi-cli"},
)
