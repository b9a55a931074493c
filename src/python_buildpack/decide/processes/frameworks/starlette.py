"""Starlette (https://www.starlette.io), which has no server of its own."""

from python_buildpack.decide.processes.apps import AppFramework

STARLETTE = AppFramework(
    "Starlette", ("starlette",), {"starlette.applications.Starlette": "asgi", "starlette.Starlette": "asgi"}
)

find = STARLETTE.find
