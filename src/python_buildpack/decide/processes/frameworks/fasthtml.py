"""FastHTML (https://fastht.ml): ASGI apps, for uvicorn, on which it depends.

Its own ``serve()`` does nothing where a server imports the module; else it reloads the app at each change of a file.
"""

from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework
from python_buildpack.decide.processes.interface import Evidence
from python_buildpack.decide.processes.server import App
from python_buildpack.decide.processes.servers import SERVERS


def _own_server(app: App, evidence: Evidence) -> Own | None:
    known = (server for server in SERVERS if server.name == "uvicorn" and app.interface in server.interfaces)
    return next(((server.build(app, evidence), ()) for server in known), None)


FASTHTML = WebFramework(
    "FastHTML",
    ("python-fasthtml",),
    {
        "fasthtml.common.FastHTML": "asgi",
        "fasthtml.core.FastHTML": "asgi",
        # It returns the app, the decorator for routes, and tables.
        "fasthtml.common.fast_app.0": "asgi",
        "fasthtml.fastapp.fast_app.0": "asgi",
    },
    frozenset({"fasthtml"}),
    own_server=_own_server,
)
