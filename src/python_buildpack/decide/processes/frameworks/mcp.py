"""MCP servers (https://modelcontextprotocol.io), by FastMCP or the official SDK: served over HTTP, at /mcp.

Their ``run()`` speaks on standard input and output by default, which nobody reaches in a container,
and over HTTP it listens on 127.0.0.1. So a server that is an object of a module is started over HTTP whatever the
module's own call says, as ``fastmcp run`` and ``mcp run`` do.
"""

from collections.abc import Iterator

from python_buildpack.decide.processes.apps import is_eligible, rank_export
from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command, python
from python_buildpack.decide.processes.scripting import script
from python_buildpack.decide.processes.servers import ANY_HOST, PORT, App

FASTMCP_CLASS = "fastmcp.FastMCP"
FIRST, SECOND = "mcp.server.fastmcp.FastMCP", "mcp.server.mcpserver.MCPServer"
"""The class of the SDK, in its first and its second major version."""
OPTIONS = ("--transport", "streamable-http", "--host", "0.0.0.0", "--port", "$PORT")  # noqa: S104 - as elsewhere
_FIRST_RUN = (
    'app.settings.host = "0.0.0.0"; app.settings.port = int(os.environ["PORT"]); {unchecked}app.run("streamable-http")'
)
_UNCHECKED = "app.settings.transport_security = None; "
"""Leaves out a check of the Host header, for servers that only their own machine reaches (DNS rebinding)."""
_SECOND_RUN = 'app.run("streamable-http", host="0.0.0.0", port=int(os.environ["PORT"]))'


def _fastmcp(app: App, evidence: Evidence) -> Own:
    del evidence
    path = f"{app.module.replace('.', '/')}.py"
    place = f"{app.path}/{path}" if app.path else path
    return command("fastmcp", "run", f"{place}:{app.name}", *OPTIONS, chdir=app.chdir, path=app.path), ()


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the servers that are objects of modules, and the ASGI apps that are made of them."""
    for export in evidence.index.exports():
        if export.origin not in {FIRST, SECOND} or not is_eligible(export, evidence):
            continue
        app = App.at(export.info.place, export.name, "asgi", is_factory=export.is_factory)
        made = [call for call in export.info.calls if call.name == export.origin]
        is_given = any("transport_security" in call.keywords for call in made)
        first = _FIRST_RUN.format(unchecked="" if is_given else _UNCHECKED)
        run = _SECOND_RUN if export.origin == SECOND else first
        call = "app = app(); " if app.is_factory else ""
        start = python(f"import os; {app.statement}; {call}{run}", chdir=app.chdir, path=app.path)
        what = f'{export.info.path} has the MCP server "{app.name}"'
        yield script(what, rank_export(export, "asgi", evidence), start)


FASTMCP = WebFramework(
    "FastMCP",
    ("fastmcp",),
    {FASTMCP_CLASS: "asgi"},
    frozenset({"FastMCP"}),
    own_server=_fastmcp,
    prefers_own=True,
    after_apps=True,
    programs={"fastmcp": "fastmcp"},
    launch_variables={"FASTMCP_HOST": ANY_HOST, "FASTMCP_PORT": PORT},
)

MCP = WebFramework(
    "MCP",
    ("mcp",),
    words=frozenset({"FastMCP", "MCPServer"}),
    search=_find,
    after_apps=True,
    programs={"mcp": "mcp"},
)
