"""Falcon (https://falcon.readthedocs.io): WSGI and ASGI apps, without a server of its own."""

from python_buildpack.decide.processes.frameworks.callables import wsgiref_server
from python_buildpack.decide.processes.frameworks.interface import WebFramework

FALCON = WebFramework(
    "Falcon",
    ("falcon",),
    {
        "falcon.App": "wsgi",
        "falcon.API": "wsgi",
        "falcon.asgi.App": "asgi",
    },
    frozenset({"falcon"}),
    own_server=wsgiref_server,
    own_server_name="wsgiref of the standard library",
)
