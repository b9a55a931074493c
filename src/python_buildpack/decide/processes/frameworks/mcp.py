"""MCP servers (https://modelcontextprotocol.io), by FastMCP or the official SDK: served over HTTP, at /mcp.

Their ``run()`` speaks on standard input and output by default, which nobody reaches in a container,
and over HTTP it listens on 127.0.0.1. So a server that is an object of a module is started over HTTP whatever the
module's own call says, as ``fastmcp run`` and ``mcp run`` do. An ASGI app that a server makes is served as such.
"""

from collections.abc import Iterator

from cnb.frozen import replace
from python_buildpack.decide.processes.apps import is_eligible, rank_export
from python_buildpack.decide.processes.frameworks.interface import Own, WebFramework
from python_buildpack.decide.processes.interface import Candidate, Evidence
from python_buildpack.decide.processes.launch import command, python
from python_buildpack.decide.processes.module_info import ModuleInfo
from python_buildpack.decide.processes.scripting import script
from python_buildpack.decide.processes.server import ANY_HOST, PORT, App
from python_buildpack.ports.notice import Notice

FASTMCP_CLASS = "fastmcp.FastMCP"
FIRST, SECOND = "mcp.server.fastmcp.FastMCP", "mcp.server.mcpserver.MCPServer"
"""The class of the SDK, in its first and its second major version."""
OPTIONS = ("--transport", "streamable-http", "--host", "0.0.0.0", "--port", "$PORT")  # noqa: S104 - as elsewhere
_FIRST_RUN = (
    'app.settings.host = "0.0.0.0"; app.settings.port = int(os.environ["PORT"]); {unchecked}app.run("streamable-http")'
)
_UNCHECKED = "app.settings.transport_security = None; "
"""Leaves out a check of the Host header, for servers that only their own machine reaches (DNS rebinding)."""
APP_METHODS = ("streamable_http_app", "http_app", "sse_app")
"""Methods of servers that return an ASGI app."""
LOCAL = Notice(
    "The MCP server answers requests for localhost only",
    "Recent releases of the MCP SDK check the Host header of an app that a server makes, and allow localhost only. "
    'To have it reached under another name, write FastMCP(…, host="0.0.0.0"), or give it transport_security.',
)
_SECOND_RUN = 'app.run("streamable-http", host="0.0.0.0", port=int(os.environ["PORT"]))'


def _fastmcp(app: App, evidence: Evidence) -> Own:
    del evidence
    path = f"{app.module.replace('.', '/')}.py"
    place = f"{app.path}/{path}" if app.path else path
    return command("fastmcp", "run", f"{place}:{app.name}", *OPTIONS, chdir=app.chdir, path=app.path), ()


def _find(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the servers that are objects of modules, and the apps that they make."""
    yield from _find_apps(evidence)
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
        yield script(what, rank_export(export, "asgi", evidence), start, *_notice_stdio(export.info))


def _find_served(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the servers of FastMCP that are objects of modules, and the apps that they make."""
    yield from _find_apps(evidence)
    for candidate in FASTMCP.apps(evidence):
        info = evidence.index.source(candidate.rank.path)
        yield replace(candidate, notices=(*candidate.notices, *_notice_stdio(info))) if info else candidate


def _notice_stdio(info: ModuleInfo) -> tuple[Notice, ...]:
    """Return the notice for a module that runs its server on standard input and output, and says so."""
    for call in info.calls:
        # A transport that is chosen when the program runs is not named alone.
        if call.name.endswith(".run") and "stdio" in (*call.strings, *(call.keywords[key] for key in call.literal)):
            return (
                Notice(
                    "The MCP server is served over HTTP",
                    f"{info.path}, line {call.line} runs it on standard input and output, which nobody reaches in a "
                    "container that runs by itself; the process web has it at /mcp instead. Over standard input and "
                    f"output: docker run -i IMAGE -- python {info.path}, or the same in a Procfile.",
                ),
            )
    return ()


def _find_apps(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the ASGI apps that methods of servers return, with a hint about the check of the Host header."""
    for candidate in _APPS.apps(evidence):
        info = evidence.index.source(candidate.rank.path)
        made = [call for call in info.calls if call.name == FIRST] if info is not None else []
        is_given = any({"host", "transport_security"} & call.keywords.keys() for call in made)
        is_checked = bool(made) and not is_given and info is not None and "transport_security" not in info.assigned
        yield replace(candidate, notices=(*candidate.notices, LOCAL)) if is_checked else candidate


_APPS = WebFramework(
    "MCP",
    constructors={
        f"{made_by}.{method}": "asgi" for made_by in (FASTMCP_CLASS, FIRST, SECOND) for method in APP_METHODS
    },
)
"""The apps that servers make, which any ASGI server serves."""
FASTMCP = WebFramework(
    "FastMCP",
    ("fastmcp",),
    {FASTMCP_CLASS: "asgi"},
    frozenset({"FastMCP", *APP_METHODS}),
    search=_find_served,
    own_server=_fastmcp,
    prefers_own=True,
    after_apps=True,
    programs={"fastmcp": "fastmcp"},
    launch_variables={"FASTMCP_HOST": ANY_HOST, "FASTMCP_PORT": PORT},
    is_for_servers=False,
)

MCP = WebFramework(
    "MCP",
    ("mcp",),
    words=frozenset({"FastMCP", "MCPServer", *APP_METHODS}),
    search=_find,
    after_apps=True,
    programs={"mcp": "mcp"},
)
