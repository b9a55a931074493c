"""Falcon (https://falcon.readthedocs.io), with WSGI and ASGI apps and no server of its own."""

from python_buildpack.decide.processes.apps import AppFramework
from python_buildpack.decide.processes.frameworks.callables import wsgiref_server

FALCON = AppFramework(
    "Falcon",
    ("falcon",),
    {
        "falcon.App": "wsgi",
        "falcon.API": "wsgi",
        "falcon.asgi.App": "asgi",
    },
    wsgiref_server,
)

find = FALCON.find
