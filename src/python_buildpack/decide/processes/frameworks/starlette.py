"""Starlette (https://www.starlette.io), which has no server of its own."""

from python_buildpack.decide.processes.frameworks.interface import WebFramework

STARLETTE = WebFramework(
    "Starlette",
    ("starlette",),
    {"starlette.applications.Starlette": "asgi", "starlette.Starlette": "asgi"},
    settings_readers={"starlette.config": "Config"},
)
