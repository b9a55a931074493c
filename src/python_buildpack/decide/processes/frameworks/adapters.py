"""Adapters that make a WSGI app (PEP 3333) of an ASGI app, or the other way round."""

from python_buildpack.decide.processes.frameworks.interface import WebFramework

ADAPTERS = WebFramework(
    "ASGI/WSGI adapter",
    ("a2wsgi", "asgiref"),
    {
        "a2wsgi.WSGIMiddleware": "asgi",
        "a2wsgi.ASGIMiddleware": "wsgi",
        "asgiref.wsgi.WsgiToAsgi": "asgi",
    },
    frozenset({"a2wsgi", "asgiref"}),
)
